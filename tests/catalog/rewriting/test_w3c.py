"""The evaluation suite of the W3C: whatever is rewritten in it has the answer that it had."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pyoxigraph import NamedNode, RdfFormat, Store, parse

from tests.catalog.rewriting.compare import same
from tests.shared import shared

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
FORMATS = {".ttl": RdfFormat.TURTLE, ".nt": RdfFormat.N_TRIPLES, ".rdf": RdfFormat.RDF_XML, ".trig": RdfFormat.TRIG}
NO_ORDER = frozenset({"now01.rq", "rand01.rq", "uuid01.rq", "uuid02.rq", "struuid01.rq", "bnode01.rq", "bnode02.rq"})


def cases() -> Iterator[tuple[Path, Store]]:
    """Every query of the manifests with its data loaded."""
    for manifest in sorted(shared("data/w3c/w3c__rdf-tests/sparql").rglob("manifest.ttl")):
        graph = Store()
        graph.extend(q for q in parse(path=str(manifest), base_iri=manifest.as_uri()))
        for quad in list(graph.quads_for_pattern(None, NamedNode(MF + "action"), None)):
            action = quad.object

            def files(name: str, about: object = action, graph: Store = graph) -> list[Path]:
                found = graph.quads_for_pattern(about, NamedNode(QT + name), None)  # type: ignore[arg-type]
                return [Path(unquote(urlsplit(q.object.value).path)) for q in found]

            for query in files("query"):
                yield query, _loaded(files("data"), files("graphData"))


def _loaded(default: list[Path], named: list[Path]) -> Store:
    store = Store()
    for file in default:
        store.load(path=str(file), format=FORMATS[file.suffix], base_iri=file.as_uri())
    for file in named:
        name = NamedNode(file.as_uri())
        store.load(path=str(file), format=FORMATS[file.suffix], base_iri=file.as_uri(), to_graph=name)
    return store


def test_every_rewritten_query_of_the_suite_has_the_same_answer() -> None:
    seen = rewritten = 0
    for query, store in cases():
        if not query.exists() or query.name in NO_ORDER:
            continue
        seen += 1
        text = query.read_text()
        try:
            store.query(text, base_iri=query.as_uri())
        except (SyntaxError, RuntimeError, ValueError):
            continue
        rewritten += same(store, text, base_iri=query.as_uri())
    assert seen > 300
    assert rewritten > 15
