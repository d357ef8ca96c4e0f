"""RDF answers read by the two parsers that matter to us: pyoxigraph, strictly, and rdflib."""

from __future__ import annotations

from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse

from tests.api.server import Answer

PARSERS: dict[str, tuple[RdfFormat, str]] = {
    "text/turtle": (RdfFormat.TURTLE, "turtle"),
    "application/rdf+xml": (RdfFormat.RDF_XML, "xml"),
    "application/ld+json": (RdfFormat.JSON_LD, "json-ld"),
    "application/n-triples": (RdfFormat.N_TRIPLES, "nt"),
    "application/trig": (RdfFormat.TRIG, "trig"),
    "application/n-quads": (RdfFormat.N_QUADS, "nquads"),
}


def strict(answer: Answer, *, replace: tuple[str, str] = ("", "")) -> frozenset[str]:
    """The statements as canonical text, blank nodes named by content: equal sets are isomorphic graphs."""
    rdf, _ = PARSERS[answer.type.partition(";")[0]]
    body = answer.body.decode().replace(*replace).encode() if replace[0] else answer.body
    dataset = Dataset(parse(body, format=rdf))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return frozenset(str(quad) for quad in dataset)


def with_rdflib(answer: Answer, *, replace: tuple[str, str] = ("", "")) -> frozenset[str]:
    """The same, read by rdflib with its rewriting of literals switched off."""
    import rdflib

    _, name = PARSERS[answer.type.partition(";")[0]]
    body = answer.body.decode().replace(*replace) if replace[0] else answer.body.decode()
    before, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        graph = rdflib.Dataset(default_union=True)
        graph.parse(data=body, format=name)
        triples = [(s, p, o) for s, p, o in graph.triples((None, None, None))]
    finally:
        rdflib.NORMALIZE_LITERALS = before
    lines = "".join(f"{s.n3()} {p.n3()} {o.n3()} .\n" for s, p, o in triples)
    dataset = Dataset(parse(lines.encode(), format=RdfFormat.TURTLE))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return frozenset(str(quad) for quad in dataset)
