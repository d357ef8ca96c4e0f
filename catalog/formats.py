"""The RDF serialisations that the doors and `garonne export` offer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pyoxigraph import Quad, RdfFormat, Triple, serialize

from catalog.rdfxml import rdf_xml
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


def format_named(suffix: str) -> Format:
    """The format of this suffix; `xml` is RDF/XML. The error lists what is offered."""
    found = FORMATS.get("rdf" if suffix == "xml" else suffix)
    if found is None:
        raise unknown_choice("format", suffix, list(FORMATS))
    return found


def write(statements: Iterable[Triple] | Iterable[Quad], fmt: Format) -> bytes:
    """The statements in this format, literals exactly as they are; the same statements give the same bytes.

    Statements that RDF/XML cannot say are left out there (`catalog.rdfxml`).
    """
    if fmt.suffix == "rdf":
        triples = (s.triple if isinstance(s, Quad) else s for s in statements)
        return rdf_xml(sorted({f"{t} .".encode() for t in triples}))
    prefixes = None if fmt.suffix in {"nt", "nq"} else PREFIXES
    ordered: list[Any] = sorted(statements, key=str)
    data = serialize(ordered, format=fmt.rdf, prefixes=prefixes) or b""
    if fmt.suffix not in {"ttl", "trig"}:
        return data
    lines = data.split(b"\n", len(PREFIXES))  # the serialiser gives the prefixes in another order each time
    return b"\n".join([*sorted(lines[:-1]), lines[-1]])
