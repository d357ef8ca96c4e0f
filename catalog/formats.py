"""The RDF serialisations that the doors and `garonne export` offer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pyoxigraph import Quad, RdfFormat, Triple, serialize

from vocab.errors import unknown_choice
from vocab.namespaces import PREFIXES


@dataclass(frozen=True, slots=True)
class Format:
    """One serialisation: its file suffix, media type, and whether it can hold named graphs."""

    suffix: str
    media_type: str
    rdf: RdfFormat
    graphs: bool = False

    @property
    def content_type(self) -> str:
        """The `Content-Type` to send; the charset is stated, without it harvesters read Turtle as ISO 8859-1."""
        return f"{self.media_type}; charset=utf-8"


FORMATS: dict[str, Format] = {
    f.suffix: f
    for f in (
        Format("ttl", "text/turtle", RdfFormat.TURTLE),
        Format("rdf", "application/rdf+xml", RdfFormat.RDF_XML),
        Format("jsonld", "application/ld+json", RdfFormat.JSON_LD, graphs=True),
        Format("nt", "application/n-triples", RdfFormat.N_TRIPLES),
        Format("trig", "application/trig", RdfFormat.TRIG, graphs=True),
        Format("nq", "application/n-quads", RdfFormat.N_QUADS, graphs=True),
    )
}


_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML 1.0 cannot hold, not even escaped (section 2.2)."""


def fit_for_xml(text: str) -> str:
    """The text with a replacement character for each one that XML 1.0 cannot hold."""
    return _UNFIT.sub("\ufffd", text)


def format_named(suffix: str) -> Format:
    """The format of this suffix; `xml` is RDF/XML. The error lists what is offered."""
    found = FORMATS.get("rdf" if suffix == "xml" else suffix)
    if found is None:
        raise unknown_choice("format", suffix, list(FORMATS))
    return found


def write(statements: Iterable[Triple] | Iterable[Quad], fmt: Format) -> bytes:
    """The statements in this format, literals exactly as they are; the same statements give the same bytes."""
    return serialized(sorted(statements, key=str), fmt)


def serialized(ordered: Iterable[Any], fmt: Format) -> bytes:
    """Statements in this format that come in the order in which they are to stand there."""
    prefixes = None if fmt.suffix in {"nt", "nq"} else PREFIXES
    data = serialize(ordered, format=fmt.rdf, prefixes=prefixes) or b""
    if fmt.suffix == "rdf" and _UNFIT.search(text := data.decode()):
        data = fit_for_xml(text).encode()
    return _in_order(data, fmt)


def _in_order(data: bytes, fmt: Format) -> bytes:
    """The same document with its prefix declarations sorted: the serialiser gives them in another order each time."""
    if fmt.suffix in {"ttl", "trig"}:
        lines = data.split(b"\n", len(PREFIXES))
        return b"\n".join([*sorted(lines[:-1]), lines[-1]])
    if fmt.suffix == "rdf":
        head, start, rest = data.partition(b"<rdf:RDF ")
        attributes, end, body = rest.partition(b">")
        return b"".join([head, start, b" ".join(sorted(attributes.split(b" "))), end, body])
    return data
