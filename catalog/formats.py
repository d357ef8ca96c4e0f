"""The RDF serialisations that the doors and `garonne export` offer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, serialize

from vocab.errors import unknown_choice
from vocab.namespaces import PREFIXES, RDF


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


_NAME_ENDS, _NAME_STARTS = re.compile(r"[^\w.-]"), re.compile(r"[^\W\d]")


def xml_names(triple: Triple) -> tuple[str, ...]:
    """What RDF/XML may write as the name of an element: the predicate, and the class that a type names."""
    if triple.predicate == RDF.type and isinstance(triple.object, NamedNode):
        return triple.predicate.value, triple.object.value
    return (triple.predicate.value,)


@lru_cache(4096)
def named_in_xml(iri: str) -> bool:
    """Whether this IRI can be the name of an element: it has to end as a name in XML does.

    Graphs with other predicates cannot be written in RDF/XML (RDF 1.1 XML Syntax, section 5.1): such statements are
    left out there, every other format has them.
    """
    return _NAME_STARTS.search(_NAME_ENDS.split(iri)[-1]) is not None


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
    if fmt.suffix == "rdf":
        ordered = [t for t in ordered if all(named_in_xml(name) for name in xml_names(t))]
    return written(ordered, fmt)


def written(ordered: Iterable[Any], fmt: Format) -> bytes:
    """The same of statements that the format can hold: for RDF/XML the caller has seen to that."""
    prefixes = None if fmt.suffix in {"nt", "nq"} else PREFIXES
    data = serialize(ordered, format=fmt.rdf, prefixes=prefixes) or b""
    if fmt.suffix == "rdf":
        text = data.decode()
        data = (fit_for_xml(text) if _UNFIT.search(text) else text).replace("\r", "&#13;").encode()
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
