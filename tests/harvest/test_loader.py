"""However new, changed and withdrawn datasets follow each other, the default graph and the named graphs agree."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from catalog.model import Description, Kind
from catalog.store import Workspace
from harvest import loader
from harvest.loader import Loader
from tests.catalog.making import BASE, MINT
from vocab.namespaces import DCT, FOAF, RDF

SHARED = Triple(NamedNode("https://example.org/notice.pdf"), RDF.type, FOAF.Document)
"""What several datasets state alike."""


def dataset(slug: str, *triples: Triple, title: str = "") -> Description:
    node = NamedNode(MINT.dataset(slug))
    period = BlankNode(f"p{slug}")
    own = (Triple(node, DCT.title, Literal(title or slug)), Triple(node, DCT.temporal, period))
    return Description.of(node.value, Kind.DATASET, slug, [*own, Triple(period, RDF.type, DCT.PeriodOfTime), *triples])


@contextmanager
def loading(folder: Path) -> Iterator[tuple[Workspace, Loader]]:
    workspace = Workspace(folder / "store")
    found = Loader(workspace, BASE)
    try:
        yield workspace, found
    finally:
        found.close()
        workspace.close()
    assert [f.name for f in folder.iterdir()] == ["store"], "no spool is left behind"


@pytest.mark.parametrize("chunk", [1, 20, 200_000])
def test_a_statement_that_one_dataset_drops_and_a_new_one_makes(
    tmp_path: Path, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "CHUNK", chunk)
    with loading(tmp_path) as (workspace, found):
        found.put([dataset(f"old{n}", SHARED) for n in range(4)], [], [])
        for n in range(4):
            found.put([dataset(f"new{n}", SHARED)], [dataset(f"old{n}", title="without it")], [])
            found.put([], [], [f"old{n - 1}"] if n else [])
        found.drain()
        assert workspace.out_of_step() == []
        assert {str(q.graph_name) for q in workspace.store.quads_for_pattern(SHARED.subject, None, None, None)} == {
            "DEFAULT",
            *(f"<{MINT.record(f'new{n}')}>" for n in range(4)),
        }
        assert [workspace.has_graph(MINT.record(f"old{n}")) for n in range(4)] == [False, False, False, True]


def test_findings_are_in_their_own_graph_only(tmp_path: Path) -> None:
    with loading(tmp_path) as (workspace, found):
        found.put_findings({"a": [SHARED], "b": []}, {})
        found.put_findings({}, {"a": [Triple(SHARED.subject, DCT.title, Literal("replaced"))]})
        found.drain()
        assert [str(q.graph_name) for q in workspace.store] == [f"<{MINT.quality('a')}>"]
