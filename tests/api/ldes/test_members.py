"""Members as they are written: every real description comes back, statement by statement, from every format."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from pyoxigraph import Quad, parse

from api.ldes import members
from api.ldes.tree import PAGE, Addresses
from catalog.activities import Activity, Change
from catalog.formats import FORMATS
from catalog.model import Description, Kind
from tests.real import everything

AT = Addresses("https://data.example.org/")
TIME = "2026-03-02T03:00:00+00:00"


def told(numbered: Iterable[tuple[int, Description]]) -> list[Activity]:
    return [Activity(n, TIME, Change.CREATED, d.iri, d) for n, d in numbered]


def carried(found: Iterable[Quad]) -> dict[str, set[str]]:
    """The statements by the graph that they are in."""
    graphs: dict[str, set[str]] = {}
    for q in found:
        graphs.setdefault(str(q.graph_name), set()).add(str(q.triple))
    graphs.pop("DEFAULT", None)
    return graphs


@pytest.mark.xdist_group("real")
@pytest.mark.parametrize("suffix", ["trig", "nq", "jsonld"])
def test_every_real_description_comes_back(suffix: str) -> None:
    """The blank nodes of JSON-LD are named as in the description, which no reader may count on."""
    real = [d for r in everything() if r.mapped for d in (r.mapped.dataset, *r.mapped.others)]
    assert len(real) > 1000
    fmt = FORMATS[suffix]
    for start in range(0, len(real), PAGE):
        page = list(enumerate(real[start : start + PAGE], 1))
        body = members.page(AT, [], told(page), fmt)
        graphs = carried(parse(body, format=fmt.rdf, rename_blank_nodes=False))
        assert graphs == {
            str(AT.member(n)): set(members.payload(AT.base, d).decode().removesuffix(" .\n").split(" .\n"))
            for n, d in page
        }


def test_a_withdrawal_carries_nothing_and_what_is_kept_no_more_is_left_out() -> None:
    described = Description("https://data.example.org/agent/a", Kind.AGENT, "a", b"<x:a> <x:b> <x:c> .\n")
    given = [
        Activity(1, TIME, Change.CREATED, described.iri, None),
        Activity(2, TIME, Change.UPDATED, described.iri, described),
        Activity(3, TIME, Change.WITHDRAWN, described.iri, None),
    ]
    for suffix in ("trig", "nq", "jsonld"):
        body = members.page(AT, [], given, FORMATS[suffix])
        quads = list(parse(body, format=FORMATS[suffix].rdf))
        assert carried(quads) == {str(AT.member(2)): {"<x:a> <x:b> <x:c>"}}
        assert {str(q.subject).rpartition("/")[2] for q in quads if "published" in str(q.predicate)} == {"2>", "3>"}
    for suffix in ("ttl", "nt"):
        triples = list(parse(members.page(AT, [], given, FORMATS[suffix]), format=FORMATS[suffix].rdf))
        assert len(triples) == 2 * 4, "the activities alone"


def test_a_page_is_the_same_bytes_each_time() -> None:
    described = Description("https://data.example.org/agent/a", Kind.AGENT, "a", b"<x:a> <x:b> _:c .\n")
    for fmt in (FORMATS[s] for s in ("trig", "nq", "jsonld", "ttl", "nt")):
        first, second = (members.page(AT, [], told([(1, described)]), fmt) for _ in range(2))
        assert first == second
