"""Documents that are small and cost a parser without measure: nested without end, or growing from their own entities.

The parsers need memory by the level in JSON-LD and time by the level in RDF/XML; no metadata nest so deeply.
"""

from __future__ import annotations

import re
from xml.parsers import expat

from pyoxigraph import RdfFormat

from vocab.errors import InputInvalid

DEEPEST = 500
"""Levels that a document may have."""
_CHUNK = 1 << 11
_JSON = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


def refuse(body: bytes, rdf_format: RdfFormat, name: str) -> None:
    """Raises `InputInvalid` for a document that is nested too deeply, or whose entities multiply."""
    if rdf_format == RdfFormat.JSON_LD and _rough(body, (b"{", b"["), (b"}", b"]")) > DEEPEST:
        if _json_depth(body) > DEEPEST:
            raise _too_deep(name)
    elif rdf_format == RdfFormat.RDF_XML:
        closing = (b"</", b"</", b"/>", b"<?", b"<!")
        if b"<!ENTITY" in body or _rough(body, (b"<",), closing) > DEEPEST:
            _Elements(name).parse(body)


def _rough(body: bytes, opening: tuple[bytes, ...], closing: tuple[bytes, ...]) -> int:
    """How deep the document is at most, counted fast: signs inside texts count too."""
    deepest = level = 0
    for start in range(0, len(body), _CHUNK):
        chunk = body[start : start + _CHUNK]
        opened, closed = sum(map(chunk.count, opening)), sum(map(chunk.count, closing))
        deepest = max(deepest, level + opened)
        level += opened - closed
    return deepest


def _json_depth(body: bytes) -> int:
    deepest = level = 0
    for found in _JSON.finditer(body):
        sign = found[0]
        if sign in b"{[":
            level += 1
            deepest = max(deepest, level)
        elif sign in b"}]":
            level -= 1
    return deepest


class _Elements:
    """A walk through the elements of an XML document; what is not well formed is left to the RDF parser to tell."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.level = 0

    def parse(self, body: bytes) -> None:
        """Raises `InputInvalid`; expat itself stops where entities multiply the text a hundred times."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._opened
        parser.EndElementHandler = self._closed
        try:
            parser.Parse(body, True)
        except expat.ExpatError as error:
            if error.code == expat.errors.codes[expat.errors.XML_ERROR_AMPLIFICATION_LIMIT_BREACH]:
                raise InputInvalid(
                    "its entities make it grow without measure.",
                    what=self.name,
                    hint="Write the values themselves.",
                    french="ses entités le font grandir sans mesure.",
                    french_hint="Écrivez les valeurs elles-mêmes.",
                ) from None

    def _opened(self, *_: object) -> None:
        self.level += 1
        if self.level > DEEPEST:
            raise _too_deep(self.name)

    def _closed(self, *_: object) -> None:
        self.level -= 1


def _too_deep(name: str) -> InputInvalid:
    return InputInvalid(
        f"it is nested more than {DEEPEST} levels deep.",
        what=name,
        hint="Describe each thing by itself, and refer to it by its IRI.",
        french=f"il est imbriqué sur plus de {DEEPEST} niveaux.",
        french_hint="Décrivez chaque chose à part, et citez-la par son IRI.",
    )
