"""SPARQL Update requests read at the level of tokens: which graphs they write, and the data set of their WHERE clauses.

The engine parses and evaluates; this says beforehand what may be refused in words, and writes the protocol's
`using-graph-uri` into the text, for which the engine has no parameter (SPARQL 1.1 Protocol, 2.2.3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from catalog.dataset import Dataset
from catalog.prologue import Prologue
from catalog.scanner import Token, tokens

DEFAULT, NAMED, ALL, VARIABLE = "DEFAULT", "NAMED", "ALL", "?"
"""What an operation may write besides a graph that it names by IRI."""

_WHOLE = frozenset({DEFAULT, NAMED, ALL})


class DatasetConflict(ValueError):
    """The protocol names a data set and the request has USING or WITH: an error (SPARQL 1.1 Protocol, 2.2.3)."""


@dataclass(slots=True)
class Using:
    """One USING clause: where it stands, its IRI (None when that cannot be known), and whether it is USING NAMED."""

    start: int
    end: int
    iri: str | None
    named: bool


@dataclass(slots=True)
class Operation:
    """One operation: its first words, where it stands, what it writes, and the clauses that choose its data set.

    `writes` are IRIs, or DEFAULT, NAMED, ALL, VARIABLE. `where` is the place of the word WHERE, -1 without one.
    """

    verb: str
    start: int
    end: int
    writes: set[str] = field(default_factory=set)
    using: list[Using] = field(default_factory=list)
    scoped: bool = False
    where: int = -1
    block: tuple[int, int] = (0, 0)

    @property
    def queries(self) -> bool:
        """Whether it has a WHERE clause, to which a data set belongs."""
        return self.where >= 0


def operations(text: str, base: str = "") -> list[Operation]:
    """The operations of an update request, in their order. What is no SPARQL gives no sensible result, and no error."""
    prologue = Prologue(base)
    return [_operation(part, prologue) for part in _parts(text) if part]


def _parts(text: str) -> Iterator[list[Token]]:
    """The tokens of each operation: they are parted by semicolons outside of all brackets."""
    part: list[Token] = []
    depth = 0
    for token in tokens(text):
        if token.kind == "other":
            depth += (token.text in "{([") - (token.text in "})]")
            if token.text == ";" and depth == 0:
                yield part
                part = []
                continue
        part.append(token)
    yield part


def _operation(part: list[Token], prologue: Prologue) -> Operation:
    found = Operation("", part[0].start, part[-1].end)
    rest = [token for token in part if found.verb or not prologue.take(token) or _note(found, token)]
    if not rest:
        return found
    words = [token.word for token in rest[:2]]
    found.verb = " ".join(words) if words[-1] in {"DATA", "WHERE"} and words[0] in {"INSERT", "DELETE"} else words[0]
    if found.verb in {"INSERT DATA", "DELETE DATA", "DELETE WHERE"}:
        _quads(found, rest[2:], DEFAULT, prologue)
        found.block = (rest[2].start, rest[-1].end) if len(rest) > 2 else (0, 0)
        found.where = rest[1].start if found.verb == "DELETE WHERE" else -1
    elif found.verb in {"INSERT", "DELETE", "WITH"}:
        _modify(found, rest, prologue)
    else:
        _management(found, rest[1:], prologue)
    return found


def _note(found: Operation, token: Token) -> bool:
    """Begin the operation behind its own declarations, so that they hold for what is put before it."""
    found.start = token.end
    return False


def _modify(found: Operation, rest: list[Token], prologue: Prologue) -> None:
    target, depth, template = DEFAULT, 0, 0
    for number, token in enumerate(rest):
        if token.text == "{" and depth == 0:
            template = number
        depth += (token.text == "{") - (token.text == "}")
        if depth == 0 and token.text == "}" and found.where < 0:
            _quads(found, rest[template : number + 1], target, prologue)
        if depth:
            continue
        if token.word == "WHERE":
            found.where = token.start
        elif token.word == "WITH":
            found.scoped = True
            target = _named(rest, number + 1, prologue)
        elif token.word == "USING":
            named = number + 1 < len(rest) and rest[number + 1].word == "NAMED"
            at = number + 1 + named
            if at < len(rest):
                found.using.append(Using(token.start, rest[at].end, prologue.iri(rest[at]), named))


def _quads(found: Operation, block: Sequence[Token], target: str, prologue: Prologue) -> None:
    """Note the graphs of a block of quads, from its opening bracket on; `target` is that of bare triples."""
    depth, expecting = 0, False
    for number, token in enumerate(block):
        if expecting:
            found.writes.add(_named(block, number, prologue))
            expecting = False
        elif depth == 1 and token.word == "GRAPH":
            expecting = True
        elif depth == 1 and token.text not in "{}.":
            found.writes.add(target)
        depth += (token.text == "{") - (token.text == "}")


def _named(among: Sequence[Token], at: int, prologue: Prologue) -> str:
    return (prologue.iri(among[at]) if at < len(among) else None) or VARIABLE


def _management(found: Operation, rest: list[Token], prologue: Prologue) -> None:
    """CLEAR, DROP, CREATE, LOAD write what they name last; COPY and ADD their second graph, MOVE both."""
    graphs = [
        token.word if token.word in _WHOLE else prologue.iri(token) or VARIABLE
        for token in rest
        if token.word in _WHOLE or token.kind in {"iri", "name"}
    ]
    if found.verb == "LOAD":
        found.writes = set(graphs[1:]) or {DEFAULT}
    elif found.verb in {"ADD", "COPY"}:
        found.writes = set(graphs[1:])
    else:
        found.writes = set(graphs)


def outside(found: Sequence[Operation], allowed: Callable[[str], bool]) -> str | None:
    """The first target of these operations that is not allowed; None when all are."""
    for operation in found:
        for target in sorted(operation.writes):
            if target in _WHOLE or target == VARIABLE or not allowed(target):
                return target
    return None


def with_dataset(text: str, asked: Dataset, base: str = "") -> str:
    """The request with its data set written into each operation that has a WHERE clause.

    Several default graphs are merged first, in a graph that exists for that operation only: the engine lists them, and
    would count a triple in two of them twice. Raises `DatasetConflict`.
    """
    text = declared_first(text)
    made = []
    done = 0
    for operation in operations(text, base):
        if asked and (operation.scoped or operation.using):
            raise DatasetConflict
        wanted = asked or Dataset(
            tuple(u.iri for u in operation.using if u.iri and not u.named),
            tuple(u.iri for u in operation.using if u.iri and u.named),
        )
        if operation.queries and (asked or len(wanted.default) > 1):
            made += [text[done : operation.start], _scoped(text, operation, wanted)]
            done = operation.end
    return "".join([*made, text[done:]])


def declared_first(text: str) -> str:
    """The request with all its declarations at the beginning: the engine reads none after the first operation.

    Where a prefix is declared twice, for two things, or a base is set later, the text is left as it is.
    """
    prologues: dict[str, str] = {}
    cut: list[tuple[int, int]] = []
    for number, part in enumerate(_parts(text)):
        prologue = Prologue()
        start = end = -1
        for token in part:
            if not prologue.take(token):
                break
            start, end = (token.start if start < 0 else start), token.end
        if number == 0:
            prologues = dict(prologue.prefixes)
            first = end
            continue
        if prologue.base or any(prologues.get(name, iri) != iri for name, iri in prologue.prefixes.items()):
            return text
        if end >= 0:
            prologues |= prologue.prefixes
            cut.append((start, end))
    if not cut:
        return text
    later = "".join(f" {text[start:end]} " for start, end in cut)
    for start, end in reversed(cut):
        text = text[:start] + text[end:]
    return text[: max(first, 0)] + later + text[max(first, 0) :]


def _scoped(text: str, operation: Operation, wanted: Dataset) -> str:
    default = list(dict.fromkeys(wanted.default))
    before = after = ""
    if len(default) > 1:
        merge = f"urn:uuid:{uuid4()}"
        each = " UNION ".join(f"{{ GRAPH <{name}> {{ ?s ?p ?o }} }}" for name in default)
        before = f" INSERT {{ GRAPH <{merge}> {{ ?s ?p ?o }} }} WHERE {{ {each} }} ;"
        after = f" ; DROP SILENT GRAPH <{merge}>"
        default = [merge]
    clauses = "".join(f" USING <{name}>" for name in default)
    clauses += "".join(f" USING NAMED <{name}>" for name in dict.fromkeys(wanted.named))
    if operation.verb == "DELETE WHERE":
        block = text[slice(*operation.block)]
        return f"{before} DELETE {block}{clauses} WHERE {block}{after}"
    head = text[operation.start : operation.where]
    for using in reversed(operation.using):
        head = head[: using.start - operation.start] + head[using.end - operation.start :]
    return f"{before}{head}{clauses} {text[operation.where : operation.end]}{after}"
