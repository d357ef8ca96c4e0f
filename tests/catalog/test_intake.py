"""Statements are spooled by kind, and whatever their form the store gets all of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from catalog.intake import Form, Intake, in_graph, split_blank
from catalog.store import Workspace
from tests.catalog.making import MINT, load

GRAPH = MINT.record("a")
PLAIN = '<x:s> <x:p> "a _:b . <x:c>\u2028\\n"@fr .\n<x:s> <x:p> <x:o_:o> .\n<x:s> <x:p> "a _:b"@fr .\n'.encode()
BLANK = b'<x:s> <x:p> _:q .\n_:q <x:p> "1" .\n'


@pytest.mark.parametrize(
    ("triples", "expected"),
    [
        (b"", (b"", b"")),
        (PLAIN, (PLAIN, b"")),
        (BLANK, (b"", BLANK)),
        (PLAIN + BLANK, (PLAIN, BLANK)),
        (BLANK + PLAIN + BLANK, (PLAIN, BLANK + BLANK)),
    ],
)
def test_blank_nodes_are_told_from_texts_that_look_like_them(triples: bytes, expected: tuple[bytes, bytes]) -> None:
    assert split_blank(triples) == expected


def test_a_graph_is_added_to_every_statement_and_nothing_else_changes() -> None:
    made = [*parse(in_graph(PLAIN + BLANK, GRAPH), format=RdfFormat.N_QUADS)]
    assert {str(quad.graph_name) for quad in made} == {f"<{GRAPH}>"}
    assert [quad.triple for quad in made] == [q.triple for q in parse(PLAIN + BLANK, format=RdfFormat.N_TRIPLES)]


def test_spools_are_given_away_together_when_one_is_full(tmp_path: Path) -> None:
    intake = Intake(tmp_path)
    assert intake.full() == []
    intake.add(PLAIN + BLANK, GRAPH)
    intake.add(PLAIN, MINT.quality("a"), merged=False)
    assert intake.full(7) == []
    graphs, rest = intake.full(6), intake.full()
    assert [(spool.form, spool.count) for spool in graphs] == [(Form.TRIPLES, 3), (Form.QUADS, 6)]
    assert [(spool.form, spool.count) for spool in rest] == [(Form.BLANK, 4)]
    assert intake.full() == []
    for spool in (*graphs, *rest):
        spool.close()


def test_what_is_not_given_away_leaves_no_file(tmp_path: Path) -> None:
    intake = Intake(tmp_path)
    intake.add(PLAIN + BLANK, GRAPH)
    assert len(list(tmp_path.iterdir())) == 3
    intake.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("many", [1, 6000])
@pytest.mark.parametrize("merged", [True, False])
def test_the_store_has_all_of_them_and_blank_nodes_keep_their_labels(tmp_path: Path, many: int, merged: bool) -> None:
    lines = PLAIN + b"".join(b'_:q%d <x:p> "1" .\n<x:s%d> <x:p> "1" .\n' % (n, n) for n in range(many))
    workspace = Workspace(tmp_path / "store")
    load(workspace, GRAPH, lines, merged=merged)
    expected = {*parse(in_graph(lines, GRAPH), format=RdfFormat.N_QUADS)}
    if merged:
        expected |= {*parse(lines, format=RdfFormat.N_TRIPLES)}
    assert set(workspace.store) == expected
    assert workspace.size() == len(expected)
    assert [f.name for f in tmp_path.iterdir()] == ["store"]
    workspace.close()
