"""The names in a SPARQL text: what its prologue declares, and the IRIs that its tokens stand for (SPARQL 1.1, 4.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urljoin

from catalog.scanner import Token

_ESCAPED = re.compile(r"\\(.)")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


@dataclass(slots=True)
class Prologue:
    """Base and prefixes at one place of a text; fed token by token with `take`."""

    base: str = ""
    prefixes: dict[str, str] = field(default_factory=dict)
    _pending: str | None = None
    _prefix: str | None = None

    def take(self, token: Token) -> bool:
        """Read a token that may belong to a declaration; says whether it does."""
        if token.word in {"BASE", "PREFIX"} and self._pending is None:
            self._pending, self._prefix = token.word, None
            return True
        if self._pending == "PREFIX" and token.kind == "name" and self._prefix is None:
            self._prefix = token.text.partition(":")[0]
            return True
        pending, self._pending = self._pending, None
        if pending is None or token.kind != "iri":
            return False
        if pending == "BASE":
            self.base = self.iri(token) or self.base
        elif self._prefix is not None:
            self.prefixes[self._prefix] = self.iri(token) or ""
        return True

    def iri(self, token: Token) -> str | None:
        """The IRI that a token stands for; None for a token that is no IRI, or whose prefix is not declared."""
        if token.kind == "iri":
            given = token.text[1:-1]
            return given if _ABSOLUTE.match(given) or not self.base else urljoin(self.base, given)
        if token.kind != "name":
            return None
        prefix, _, local = token.text.partition(":")
        namespace = self.prefixes.get(prefix)
        return None if namespace is None else namespace + _ESCAPED.sub(r"\1", local)
