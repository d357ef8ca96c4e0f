"""The change feed over HTTP: formats, caching, what closed nodes promise, and what bad requests are told."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, parse
from starlette.requests import Request
from starlette.responses import Response

from api.delivery import Compressed
from api.ldes import members
from api.ldes.door import SUFFIXES, EventStream
from api.published import Published
from catalog.formats import FORMATS
from tests.api.city import City, settings_in
from tests.api.server import Answer, Server
from vocab.namespaces import AS, DCAT, LDES, RDF, SH, TREE

BASE = "https://data.example.org/"
STREAM = NamedNode(f"{BASE}ldes#stream")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, City]]:
    """Two releases and 138 activities: one page is closed. Only the last release is kept."""
    folder = tmp_path_factory.mktemp("town")
    settings = settings_in(folder, store={"path": "var", "keep": 1})
    city = City(settings)
    city.publish({f"jeu-{n:03}": f"Jeu {n}" for n in range(125)})
    city.publish({f"jeu-{n:03}": f"Autre {n}" for n in range(7)}, withdrawn=["jeu-100"])
    with Server(settings, folder) as running:
        yield running, city


def quads(answer: Answer) -> list[Quad]:
    assert answer.status == 200, answer.text
    (fmt,) = (f for f in FORMATS.values() if f.content_type == answer.type)
    return list(parse(answer.body, format=fmt.rdf))


def objects(found: list[Quad], subject: NamedNode, predicate: NamedNode) -> list[str]:
    return [str(q.object.value) for q in found if q.subject == subject and q.predicate == predicate]


@pytest.mark.parametrize("suffix", ["", *SUFFIXES])
def test_every_format_says_the_same(town: tuple[Server, City], suffix: str) -> None:
    server, _ = town
    tail = f".{suffix}" if suffix else ""
    root = quads(server.get(f"/ldes{tail}"))
    assert objects(root, STREAM, TREE.view) == [f"{BASE}ldes{tail}"]
    assert {str(q.object.value) for q in root if q.predicate == TREE.node} == {f"{BASE}ldes/index/1{tail}"}
    leads = {str(q.object.value) for q in quads(server.get(f"/ldes/index/1{tail}")) if q.predicate == TREE.node}
    assert leads == {f"{BASE}ldes/page/{n}{tail}" for n in (1, 2)}, "links carry the suffix"
    page = quads(server.get(f"/ldes/page/2{tail}"))
    members = objects(page, STREAM, TREE.member)
    assert len(members) == 37
    graphs = {str(q.graph_name) for q in page} - {"DEFAULT"}
    if suffix in {"ttl", "nt"}:
        assert not graphs
        assert not [q for q in page if q.predicate == RDF.type and q.object == DCAT.Dataset]
    else:
        deleted = {str(q.subject) for q in page if q.object == AS.Delete}
        assert len(deleted) == 1
        assert graphs == {f"<{m}>" for m in members} - deleted


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        ("*/*", "application/trig"),
        ("text/html,*/*;q=0.8", "application/trig"),
        ("application/ld+json", "application/ld+json"),
        ("text/turtle", "text/turtle"),
        ("application/n-quads,application/trig;q=0.95,text/turtle;q=0.6", "application/n-quads"),
    ],
)
def test_accept_decides_where_no_suffix_does(town: tuple[Server, City], accept: str, given: str) -> None:
    answer = town[0].get("/ldes/page/1", accept)
    assert answer.type == f"{given}; charset=utf-8"
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    assert town[0].get("/ldes/page/1.trig", accept).headers["vary"] == "Accept-Encoding"


def test_closed_nodes_are_for_ever_and_open_ones_are_not(town: tuple[Server, City]) -> None:
    server, _ = town
    closed, rest = server.get("/ldes/page/1"), [server.get(p) for p in ("/ldes", "/ldes/index/1", "/ldes/page/2")]
    assert closed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert objects(quads(closed), NamedNode(f"{BASE}ldes/page/1"), LDES.immutable) == ["true"]
    assert "garonne-release" not in closed.headers, "it is of no release"
    for answer in rest:
        assert answer.headers["cache-control"] == "public, max-age=60"
        assert answer.headers["garonne-release"] == "2"
        assert LDES.immutable not in {q.predicate for q in quads(answer)}


@pytest.mark.parametrize("path", ["/ldes", "/ldes.jsonld", "/ldes/index/1", "/ldes/page/1", "/ldes/page/2.nq"])
def test_conditional_requests(town: tuple[Server, City], path: str) -> None:
    server, _ = town
    first = server.get(path)
    assert not first.headers["etag"].startswith("W/")
    again = server.get(path, If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    head = server.ask("HEAD", path)
    assert (head.status, head.body, head.headers["etag"]) == (200, b"", first.headers["etag"])


def test_a_copy_is_good_until_something_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_in(tmp_path)
    city = City(settings)
    city.publish({"a": "A", "b": "B"})
    stream = EventStream(Published(settings), Compressed())

    def page(tag: str = "") -> Response:
        given = [(b"accept", b"application/trig"), (b"if-none-match", tag.encode())][: 2 if tag else 1]
        scope = {"type": "http", "method": "GET", "path": "/ldes/page/1", "headers": given, "query_string": b""}
        return stream.page(Request({**scope, "path_params": {"name": "1"}}))

    tag = page().headers["etag"]
    with monkeypatch.context() as patched:
        patched.setattr(members, "page", None)
        assert page(tag).status_code == 304, "nothing is rendered"
    assert page('"another"').status_code == 200
    city.publish({"a": "A, renamed"})
    later = page(tag)
    assert (later.status_code, later.headers["etag"] == tag) == (200, False)


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_compression(town: tuple[Server, City], coding: str) -> None:
    plain, packed = (town[0].get("/ldes/page/1", **given) for given in ({}, {"Accept_Encoding": coding}))
    assert packed.headers["content-encoding"] == coding
    assert len(packed.body) * 10 < len(plain.body)
    unpacked = brotli.decompress(packed.body) if coding == "br" else gzip.decompress(packed.body)
    assert unpacked == plain.body
    assert packed.headers["etag"] != plain.headers["etag"]
    again = town[0].get("/ldes/page/1", Accept_Encoding=coding, If_None_Match=packed.headers["etag"])
    assert again.status == 304


def test_what_no_kept_release_has_leaves_its_page(town: tuple[Server, City]) -> None:
    server, _ = town
    page = quads(server.get("/ldes/page/1"))
    told = {q.object.value for q in page if q.predicate == AS.object}
    assert f"{BASE}dataset/jeu-050" in told
    assert f"{BASE}dataset/jeu-003" not in told, "superseded, and its release is not kept"
    numbers = [int(m.rpartition("/")[2]) for m in objects(page, STREAM, TREE.member)]
    gone = next(n for n in range(1, 101) if n not in numbers)
    assert server.get(f"/ldes/event/{gone}").status == 410
    kept = server.get(f"/ldes/event/{numbers[0]}")
    assert (kept.status, kept.headers["location"]) == (303, f"{BASE}ldes/page/1")


def test_the_root_says_how_to_read_it(town: tuple[Server, City]) -> None:
    root = quads(town[0].get("/ldes"))
    at = NamedNode(f"{BASE}ldes")
    assert objects(root, STREAM, LDES.timestampPath) == [AS.published.value]
    assert objects(root, STREAM, LDES.versionOfPath) == [AS.object.value]
    assert objects(root, STREAM, LDES.versionDeleteObject) == [AS.Delete.value]
    (policy,) = objects(root, at, LDES.retentionPolicy)
    assert objects(root, NamedNode(policy), LDES.versionAmount) == ["1"]
    assert LDES.LatestVersionSubset.value in objects(root, NamedNode(policy), RDF.type)
    (shape,) = objects(root, STREAM, TREE.shape)
    assert objects(root, NamedNode(shape), RDF.type) == [SH.NodeShape.value]
    (given,) = objects(root, STREAM, DCAT.distribution)
    assert objects(root, NamedNode(given), DCAT.accessURL) == [at.value]


def test_pages_tell_their_members_in_order(town: tuple[Server, City]) -> None:
    lines = town[0].get("/ldes/page/2.trig").text.splitlines()
    start = f"<{STREAM.value}> {TREE.member} "
    numbers = [int(line.split("/ldes/event/")[1].split(">")[0]) for line in lines if line.startswith(start)]
    assert numbers == [n for n in range(101, 139) if n != 106], (
        "jeu-100 is withdrawn; that it was created is kept no more"
    )


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/ldes/page/0", "`0` is not a number"),
        ("/ldes/page/-1", "`-1` is not a number"),
        ("/ldes/page/1e9", "`1e9` is not a number"),
        ("/ldes/page/3", "There is no page 3: the last is 2."),
        ("/ldes/index/2.trig", "There is no index 2: the last is 1."),
        ("/ldes/page/999999999999", "the last is 2"),
        ("/ldes/page/9999999999999999999999", "is not a number"),
        ("/ldes/event/139", "There is no activity 139."),
        ("/ldes/event/x", "`x` is not a number"),
        ("/ldes.ttlx", "format `ttlx` is not offered"),
        ("/ldes/page/1.rdf", "format `rdf` is not offered"),
    ],
)
def test_what_is_not_there(town: tuple[Server, City], path: str, said: str) -> None:
    answer = town[0].get(path)
    assert answer.status == 404
    assert said in answer.json()["detail"]
    assert answer.json()["hint"]


def test_what_is_not_answered(town: tuple[Server, City]) -> None:
    assert town[0].get("/ldes", "application/rdf+xml").status == 406
    assert town[0].ask("POST", "/ldes").status == 405
    assert town[0].get("/ldes/other/1").status == 404


def test_before_the_first_release(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with Server(settings, tmp_path) as server:
        for path in ("/ldes", "/ldes/page/1"):
            assert server.get(path).status == 503


def test_a_page_closes_when_it_is_full(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    city = City(settings)
    city.publish({f"jeu-{n:03}": f"Jeu {n}" for n in range(60)})
    with Server(settings, tmp_path) as server:
        before = server.get("/ldes/page/1")
        city.publish({f"jeu-{n:03}": f"Autre {n}" for n in range(60)})
        after = server.get("/ldes/page/1")
        city.publish({f"jeu-{n:03}": f"Encore {n}" for n in range(60)})
        later = server.get("/ldes/page/1")
    assert "immutable" not in before.headers["cache-control"]
    assert "immutable" in after.headers["cache-control"]
    first, second = (objects(quads(a), STREAM, TREE.member) for a in (before, after))
    assert second[: len(first)] == first
    assert len(second) == 100
    assert (later.body, later.headers["etag"]) == (after.body, after.headers["etag"])


def test_literals_are_those_of_the_description(town: tuple[Server, City]) -> None:
    for path in ("/ldes/page/2", "/ldes/page/2.jsonld", "/ldes/page/2.nq"):
        page = quads(town[0].get(path))
        sizes = {str(q.object) for q in page if q.predicate == DCAT.byteSize}
        assert sizes == {'"1007"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger>'}
        assert '"PT24H"^^<http://www.w3.org/2001/XMLSchema#duration>' in {str(q.object) for q in page}


def test_trig_is_read_by_others(town: tuple[Server, City]) -> None:
    answer = town[0].get("/ldes/page/1.trig")
    assert len(list(parse(answer.body, format=RdfFormat.TRIG))) == len(quads(town[0].get("/ldes/page/1.nq")))
