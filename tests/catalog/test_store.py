"""The store: default graph and named graphs in step, clones that share files, blank nodes that keep their labels."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from catalog.errors import StoreDamaged
from catalog.model import Description, Kind
from catalog.store import Workspace, clone, is_merged, open_read_only
from tests.catalog.making import BASE, MINT, load
from vocab.namespaces import DCT, XSD

A, B = NamedNode(BASE + "dataset/a"), NamedNode(BASE + "dataset/b")
MERGED = [MINT.record("a"), MINT.record("b"), MINT.graph("agents"), MINT.graph("vocabulary"), MINT.graph("catalog")]
APART = [MINT.quality("a"), MINT.graph("runs"), "http://publications.europa.eu/resource/authority/country"]
STATEMENTS = [
    Triple(A, DCT.title, Literal("Un", language="fr")),
    Triple(A, DCT.title, Literal("Un", language="en")),
    Triple(A, DCT.extent, Literal("1.0", datatype=XSD.decimal)),
    Triple(A, DCT.extent, Literal("1.00", datatype=XSD.decimal)),
    Triple(A, DCT.extent, Literal("12", datatype=XSD.nonNegativeInteger)),
    Triple(A, DCT.extent, Literal("12", datatype=XSD.integer)),
    Triple(A, DCT.date, Literal("2024-01-01T00:00:00+00:00", datatype=XSD.dateTime)),
    Triple(A, DCT.date, Literal("2024-01-01T00:00:00Z", datatype=XSD.dateTime)),
    Triple(A, DCT.temporal, BlankNode("t1")),
    Triple(BlankNode("t1"), DCT.description, Literal("x")),
    Triple(BlankNode("t2"), DCT.description, Literal("x")),
    Triple(B, DCT.relation, A),
]


def check(workspace: Workspace) -> None:
    assert workspace.out_of_step() == []
    quads = set(workspace.store)
    default = {q.triple for q in quads if q.graph_name == DefaultGraph()}
    merged = {q.triple for q in quads if isinstance(q.graph_name, NamedNode) and q.graph_name.value in MERGED}
    assert default == merged


REPLACEMENT = st.tuples(st.sampled_from(MERGED + APART), st.sets(st.sampled_from(STATEMENTS), max_size=8))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(work=st.lists(REPLACEMENT, max_size=12))
def test_replacing_keeps_the_default_graph_in_step(
    tmp_path_factory: pytest.TempPathFactory, work: list[tuple[str, set[Triple]]]
) -> None:
    workspace = Workspace(tmp_path_factory.mktemp("store"))
    last: dict[str, set[Triple]] = {}
    for graph, triples in work:
        workspace.replace(graph, triples, merged=graph in MERGED)
        last[graph] = triples
        check(workspace)
    for graph, triples in last.items():
        memory = Store()
        memory.extend(Quad(t.subject, t.predicate, t.object) for t in triples)
        found = {q.triple for q in workspace.store.quads_for_pattern(None, None, None, NamedNode(graph))}
        assert found == {q.triple for q in memory}
        assert workspace.has_graph(graph) is bool(triples)
        assert (NamedNode(graph) in set(workspace.store.named_graphs())) is bool(triples)
    workspace.close()
    workspace.close()


def test_many_statements_go_another_way_and_stay_in_step(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "store")
    many = [Triple(NamedNode(f"{BASE}agent/{n}"), DCT.title, Literal(f"x {n}")) for n in range(4000)]
    blank = [Triple(BlankNode(f"p{n}"), DCT.title, Literal("x")) for n in range(200)]
    workspace.replace(MINT.graph("agents"), [*many, *blank])
    assert len(workspace.store) == 8400
    assert Quad(BlankNode("p7"), DCT.title, Literal("x"), DefaultGraph()) in workspace.store
    workspace.replace(MINT.graph("agents"), many[:10])
    assert len(workspace.store) == 20
    check(workspace)


def test_out_of_step_is_seen_both_ways(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "store")
    workspace.replace(MINT.record("a"), STATEMENTS[:1])
    stray = Quad(B, DCT.title, Literal("stray"))
    workspace.store.add(stray)
    workspace.store.remove(Quad(A, DCT.title, Literal("Un", language="fr")))
    wrong = workspace.out_of_step()
    assert len(wrong) == 2
    assert any("in no named graph" in w and "stray" in w for w in wrong)
    assert any("not in the default graph" in w and '"Un"@fr' in w for w in wrong)
    workspace.replace(MINT.quality("a"), [stray.triple], merged=False)
    assert len(workspace.out_of_step()) == 2, "a graph that is not merged states nothing for the default graph"
    assert len(workspace.out_of_step(limit=1)) == 1


@pytest.mark.parametrize(
    ("graph", "merged"),
    [
        *((g, True) for g in MERGED),
        *((g, False) for g in APART),
        (MINT.graph("concepts"), True),
        (MINT.graph("local/x"), False),
        ("https://example.org/record/garonne/quality/a", False),
        ("https://example.org/record/garonne/record/a", True),
        ("urn:x:any", False),
    ],
)
def test_which_graphs_are_merged(graph: str, merged: bool) -> None:
    assert is_merged(graph) is merged


NASTY = Triple(A, DCT.description, Literal('a\u2028b\x85c _:b "d" <e> .\n\r\\ é', language="fr"))


def description() -> Description:
    return Description.of(A.value, Kind.DATASET, "a", [*STATEMENTS[:4], *STATEMENTS[8:11], NASTY])


def test_bulk_load_keeps_blank_labels_and_every_sign(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "store")
    load(workspace, MINT.record("a"), description().canonical + f"{Triple(B, DCT.relation, A)} .\n".encode())
    check(workspace)
    found = {q.triple for q in workspace.store.quads_for_pattern(None, None, None, NamedNode(MINT.record("a")))}
    assert NASTY in found
    assert STATEMENTS[8] in found
    assert STATEMENTS[10] in found
    assert Triple(B, DCT.relation, A) in found
    before = set(workspace.store)
    workspace.replace(MINT.record("a"), [*description().triples, Triple(B, DCT.relation, A)])
    assert set(workspace.store) == before, "loading and replacing agree"


def test_naming(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "store")
    workspace.replace(MINT.record("a"), [Triple(B, DCT.relation, A)])
    assert list(workspace.naming(A.value)) == [B.value]
    assert list(workspace.naming(B.value)) == []


def test_the_size_is_kept_account_of(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "store", size=0)
    workspace.replace(MINT.record("a"), STATEMENTS)
    workspace.replace(MINT.record("b"), STATEMENTS[:5])
    workspace.replace(MINT.quality("a"), STATEMENTS[:3], merged=False)
    workspace.replace(MINT.record("a"), STATEMENTS[2:4])
    assert workspace.size() == len(workspace.store)
    load(workspace, MINT.record("c"), description().canonical)
    assert workspace.size() == len(workspace.store)
    workspace.replace(MINT.record("c"), [])
    assert workspace.size() == len(workspace.store)


def test_a_clone_shares_files_and_never_writes_to_its_source(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "one")
    load(workspace, MINT.record("a"), description().canonical)
    workspace.backup(tmp_path / "release")
    workspace.close()
    files = {f.name: (f.stat().st_ino, f.read_bytes()) for f in (tmp_path / "release").iterdir()}
    before = set(open_read_only(tmp_path / "release"))
    clone(tmp_path / "release", tmp_path / "two")
    tables = [name for name in files if name.endswith(".sst")]
    assert tables
    assert all((tmp_path / "two" / name).stat().st_ino == files[name][0] for name in tables)
    others = [f for f in (tmp_path / "two").iterdir() if f.suffix != ".sst"]
    assert all(f.stat().st_nlink == 1 for f in others)
    second = Workspace(tmp_path / "two")
    second.replace(MINT.record("a"), [])
    load(second, MINT.record("b"), description().canonical)
    second.store.optimize()
    second.backup(tmp_path / "next")
    second.close()
    assert {f.name: (f.stat().st_ino, f.read_bytes()) for f in (tmp_path / "release").iterdir()} == files
    assert set(open_read_only(tmp_path / "release")) == before
    assert {q.graph_name for q in open_read_only(tmp_path / "next")} == {NamedNode(MINT.record("b")), DefaultGraph()}


def test_what_is_no_store_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(StoreDamaged, match="cannot be opened"):
        open_read_only(tmp_path / "absent")
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreDamaged, match="cannot be opened for writing"):
        Workspace(tmp_path / "file")
    with pytest.raises(StoreDamaged):
        clone(tmp_path / "absent", tmp_path / "copy")


def test_two_writers_of_one_folder_are_refused(tmp_path: Path) -> None:
    first = Workspace(tmp_path / "store")
    with pytest.raises(StoreDamaged):
        Workspace(tmp_path / "store")
    first.close()
    Workspace(tmp_path / "store").close()


def test_optimizing_leaves_fewer_files_and_the_same_statements(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "store")
    for part in range(6):
        lines = (f'<x:s{n}> <x:p{part}> "{n}" .\n' for n in range(6000))
        load(workspace, MINT.record("a"), "".join(lines).encode(), merged=False)
    before = len(list((tmp_path / "store").glob("*.sst")))
    workspace.optimize()
    workspace.store.flush()
    assert workspace.size() == 36_000
    assert len(list((tmp_path / "store").glob("*.sst"))) < before
