"""Sentences in the two languages of the house, and RDF terms as people read them."""

from __future__ import annotations

from pyoxigraph import BlankNode, Literal, NamedNode

from vocab.namespaces import PREFIXES, XSD
from vocab.text import LANGUAGES, Text

__all__ = ["LANGUAGES", "LONGEST", "Term", "Text", "curie", "joined", "shown", "visible"]

Term = NamedNode | BlankNode | Literal

LONGEST = 120
"""Longer values are cut in sentences; the finding itself keeps them whole."""

_MORE_PREFIXES = {
    "cnt": "http://www.w3.org/2011/content#",
    "geodcatap": "http://data.europa.eu/930/",
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "schema": "http://schema.org/",
    "time": "http://www.w3.org/2006/time#",
    "sdmx": "http://purl.org/linked-data/sdmx/2009/attribute#",
    "sh": "http://www.w3.org/ns/shacl#",
}


def joined(*parts: Text) -> Text:
    """The parts one after another, empty ones left out."""
    return Text(" ".join(p.fr for p in parts if p.fr), " ".join(p.en for p in parts if p.en))


def curie(iri: str) -> str:
    """`dct:title` where a usual prefix fits, else the IRI itself."""
    best = ""
    for prefix, base in (PREFIXES | _MORE_PREFIXES).items():
        if iri.startswith(base) and len(base) > len(best):
            best, name = base, f"{prefix}:{iri[len(base) :]}"
    return name if best and "/" not in iri[len(best) :] else iri


def visible(text: str) -> str:
    """`text` with its control and formatting characters replaced: data must not drive the reader's screen."""
    return "".join(c if c.isprintable() or c in "\u00a0\u202f" else "\ufffd" for c in text)


def shown(term: Term) -> Text:
    """The term as a sentence quotes it: a text between quotes with its language or type, an IRI between < and >."""
    if isinstance(term, NamedNode):
        iri = visible(f"<{term.value}>")
        return Text(iri, iri)
    if isinstance(term, BlankNode):
        return Text("un nœud sans IRI", "a node without an IRI")
    return _shown_literal(term)


def _shown_literal(literal: Literal) -> Text:
    lexical = visible(" ".join(literal.value.split()))
    if len(lexical) > LONGEST:
        lexical = lexical[:LONGEST].rstrip() + "…"
    kind = ""
    if literal.language:
        kind = f" (@{literal.language})"
    elif literal.datatype != XSD.string:
        kind = f" ({curie(literal.datatype.value)})"
    return Text(f"«\u00a0{lexical}\u00a0»{kind}", f"“{lexical}”{kind}")
