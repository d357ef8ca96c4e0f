"""Which RDF format a document is in: by its content type, its name, and what it begins with."""

from __future__ import annotations

import re

from pyoxigraph import RdfFormat

_TYPES = {
    "text/turtle": RdfFormat.TURTLE,
    "application/x-turtle": RdfFormat.TURTLE,
    "text/n3": RdfFormat.N3,
    "text/rdf+n3": RdfFormat.N3,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/n-quads": RdfFormat.N_QUADS,
    "text/x-nquads": RdfFormat.N_QUADS,
    "application/trig": RdfFormat.TRIG,
    "application/x-trig": RdfFormat.TRIG,
}
_SUFFIXES = {
    "ttl": RdfFormat.TURTLE,
    "turtle": RdfFormat.TURTLE,
    "n3": RdfFormat.N3,
    "rdf": RdfFormat.RDF_XML,
    "owl": RdfFormat.RDF_XML,
    "xml": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
    "nt": RdfFormat.N_TRIPLES,
    "nq": RdfFormat.N_QUADS,
    "trig": RdfFormat.TRIG,
}
ACCEPT = (
    "text/turtle, application/rdf+xml;q=0.9, application/ld+json;q=0.8, application/n-triples;q=0.8, "
    "application/trig;q=0.7, application/n-quads;q=0.7, text/n3;q=0.5, */*;q=0.1"
)
"""What to ask a server for."""

_XML = re.compile(r"\s*<(?:\?xml\b|!--|!DOCTYPE\b|[A-Za-z_][\w.-]*:?[\w.-]*(?:\s+xmlns\b|\s*>|\s+[\w:]+\s*=))")
_RDF_XML = re.compile(r"http://www\.w3\.org/1999/02/22-rdf-syntax-ns#|<rdf:RDF\b")
_LINE = r"\s*(?:<[^<>\s]*>|_:\S+)\s+<[^<>\s]*>\s+(?:<[^<>]*>|_:\S+|\"(?:[^\"\\]|\\.)*\"(?:@[\w-]+|\^\^<[^<>]*>)?)"
_TRIPLE = re.compile(_LINE + r"\s*\.\s*(?:#.*)?\Z")
_QUAD = re.compile(_LINE + r"\s+(?:<[^<>\s]*>|_:\S+)\s*\.\s*(?:#.*)?\Z")
_GRAPH = re.compile(
    r"(?:^|\.|\})\s*+(?:GRAPH\s++)?(?:<[^<>\s]+>|[\w-]*:[\w.-]*|_:\w+|\[\s*\])?\s*\{", re.MULTILINE | re.IGNORECASE
)
_HTML = re.compile(r"\s*(?:<!--.*?-->\s*)*<(?:!DOCTYPE\s+html|html)\b", re.IGNORECASE | re.DOTALL)


def detect(head: str, *, content_type: str = "", name: str = "") -> RdfFormat | None:
    """The format of a document that begins with `head`; `None` for what is no RDF.

    What a document begins with decides between families; servers often say `text/plain` or `application/xml`, and
    some are wrong. Within a family the content type decides, then the suffix.
    """
    if _HTML.match(head):
        return None
    stated = _TYPES.get(content_type.split(";")[0].strip().lower()) or _SUFFIXES.get(name.rsplit(".", 1)[-1].lower())
    bare = head.lstrip("\ufeff").lstrip()
    if _XML.match(bare) and not _TRIPLE.match(bare.split("\n", 1)[0]):
        return RdfFormat.RDF_XML if _RDF_XML.search(head) else None
    if re.match(r"\{|\[\s*(?:\{|\]\s*\Z)", bare):
        looks_like = re.search(r'"@(?:context|id|graph|type)"', head)
        return RdfFormat.JSON_LD if looks_like or stated == RdfFormat.JSON_LD else None
    return _of_lines(bare, stated)


_LINES = (RdfFormat.TURTLE, RdfFormat.N3, RdfFormat.N_TRIPLES, RdfFormat.N_QUADS, RdfFormat.TRIG)


def _of_lines(bare: str, stated: RdfFormat | None) -> RdfFormat | None:
    lines = [one for one in bare.split("\n")[:50] if one.strip() and not one.lstrip().startswith("#")]
    whole = lines[:-1] if len(lines) > 1 else lines  # the last one may be cut
    if whole and all(_TRIPLE.match(one) for one in whole):
        return stated if stated in (RdfFormat.TURTLE, RdfFormat.TRIG) else RdfFormat.N_TRIPLES
    if whole and all(_TRIPLE.match(one) or _QUAD.match(one) for one in whole):
        return RdfFormat.N_QUADS
    if stated not in _LINES and not re.search(r"(?im)^[ \t]*@?prefix\s", bare) and "<" not in bare[:2000]:
        return None
    if stated in (RdfFormat.TRIG, RdfFormat.N3):
        return stated
    without = re.sub(r'"""(?:[^"\\]|\\.|"(?!""))*+(?:""")?|"(?:[^"\\\n]|\\.)*+"?|<[^<>\s]*>|#[^\n]*', " ", bare)
    return RdfFormat.TRIG if _GRAPH.search(without) and "{" in without else RdfFormat.TURTLE
