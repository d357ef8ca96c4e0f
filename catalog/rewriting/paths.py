"""Property paths taken apart where their meaning is defined by simpler patterns (SPARQL 1.1, section 18.2.2.4).

`^p` is the pattern turned round, `p/q` two patterns with a new variable between them, `p|q` the union of both. What is
left over (`p*`, `p+`, `p?`, `!p`) is opaque.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from catalog.rewriting.tokens import NotUnderstood, Token
from catalog.rewriting.tree import Triple, variable

_LITERALS = frozenset({"string", "literal", "number", "word"})


@dataclass(frozen=True, slots=True)
class Path:
    """`kind` is alternative, sequence, inverse, leaf, or the sign of a repetition (`?`, `*`, `+`) of its one part."""

    kind: str
    parts: tuple[Path, ...] = ()
    tokens: tuple[Token, ...] = ()


class Fresh:
    """New variables, of names that no query has by chance."""

    def __init__(self) -> None:
        self.number = 0

    def variable(self) -> Token:
        """One more."""
        self.number += 1
        return variable(f"garonne_{self.number}")


def path_of(tokens: tuple[Token, ...]) -> Path:
    """The structure of a predicate's tokens."""
    reader = _Reader(tokens)
    path = reader.alternative()
    if reader.at != len(tokens):
        raise NotUnderstood(tokens[reader.at].text)
    return path


class _Reader:
    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self.tokens = tokens
        self.at = 0

    def sign(self, *texts: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at].is_(*texts):
            self.at += 1
            return True
        return False

    def alternative(self) -> Path:
        parts = [self.sequence()]
        while self.sign("|"):
            parts.append(self.sequence())
        return parts[0] if len(parts) == 1 else Path("alternative", tuple(parts))

    def sequence(self) -> Path:
        parts = [self.step()]
        while self.sign("/"):
            parts.append(self.step())
        return parts[0] if len(parts) == 1 else Path("sequence", tuple(parts))

    def step(self) -> Path:
        if self.sign("^"):
            return Path("inverse", (self.repeated(),))
        return self.repeated()

    def repeated(self) -> Path:
        begun = self.at
        path = self.primary()
        for sign in "?*+":
            if self.sign(sign):
                return Path(sign, (path,), self.tokens[begun : self.at])
        return path

    def primary(self) -> Path:
        begun = self.at
        if self.sign("("):
            path = self.alternative()
            if not self.sign(")"):
                raise NotUnderstood("path")
            return path
        if self.at >= len(self.tokens) or self.tokens[self.at].is_("!"):
            raise NotUnderstood("negated set")
        self.at += 1
        return Path("leaf", (), self.tokens[begun : self.at])


def expanded(triple: Triple, fresh: Fresh) -> list[tuple[Triple, ...]]:
    """The alternatives whose union is the pattern, each as the patterns whose join it is."""
    if len(triple.predicate) == 1:
        return [(triple,)]
    return list(_expanded(triple.subject, path_of(triple.predicate), triple.object, fresh))


def _expanded(subject: Token, path: Path, target: Token, fresh: Fresh) -> Iterator[tuple[Triple, ...]]:
    if path.kind == "alternative":
        for part in path.parts:
            yield from _expanded(subject, part, target, fresh)
    elif path.kind == "inverse":
        if target.kind in _LITERALS:
            raise NotUnderstood("a literal as subject")
        yield from _expanded(target, path.parts[0], subject, fresh)
    elif path.kind == "sequence":
        yield from _sequence(subject, path.parts, target, fresh)
    else:
        yield (Triple(subject, path.tokens, target),)


def _sequence(subject: Token, parts: tuple[Path, ...], target: Token, fresh: Fresh) -> Iterator[tuple[Triple, ...]]:
    if len(parts) == 1:
        yield from _expanded(subject, parts[0], target, fresh)
        return
    middle = fresh.variable()
    for first in _expanded(subject, parts[0], middle, fresh):
        for rest in _sequence(middle, parts[1:], target, fresh):
            yield (*first, *rest)
