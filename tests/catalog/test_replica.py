"""Releases on other engines: what the local store says, whole before it is seen, and nothing that nobody keeps."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from catalog import replica as module
from catalog.access import Refused
from catalog.commands.releases import roll_back
from catalog.errors import StoreError
from catalog.releases import Release, Releases
from catalog.remote import Remote
from catalog.replica import PENDING, Place, Replica, line
from catalog.settings import Settings
from catalog.store import DEFAULT, open_read_only
from catalog.takedown.order import take_down
from tests.catalog.making import BASE, MINT, release, settings
from tests.fakes.engines import NAMES, running
from vocab.namespaces import DCT, XSD

WKT = NamedNode("http://www.opengis.net/ont/geosparql#wktLiteral")
VALUES = (
    Literal('a\u2028b\x85c _:b "d" <e> .\n\r\\ é 😀', language="fr"),
    Literal("é" * 70_000),
    Literal(""),
    Literal("12", datatype=XSD.nonNegativeInteger),
    Literal("true", datatype=XSD.boolean),
    Literal("PT24H", datatype=XSD.duration),
    Literal("2020-01-01T10:00:00+02:00", datatype=XSD.dateTime),
    Literal("le 30 février", datatype=XSD.date),
    Literal("POINT(1 43)", datatype=WKT),
    Literal("no geometry", datatype=WKT),
    Literal("99999999999999999999", datatype=XSD.integer),
    Literal('{"type": "Point"}', datatype=NamedNode("https://example.org/geo+json")),
    BlankNode("period1"),
    NamedNode("https://example.org/é?a=b&c='d'"),
)
NASTY = (
    *(Triple(NamedNode(f"{BASE}x"), NamedNode(f"{BASE}p{n}"), value) for n, value in enumerate(VALUES)),
    Triple(BlankNode("period1"), DCT.title, Literal("2020")),
)


@pytest.fixture(scope="module", params=NAMES)
def engine(request: pytest.FixtureRequest) -> Iterator[dict[str, object]]:
    with running(request.param) as found:
        yield found


@pytest.fixture
def empty(engine: dict[str, object], tmp_path: Path) -> Iterator[Settings]:
    """Settings of a new catalogue on an engine that holds nothing of it any more."""
    given = settings(tmp_path / "var", store=engine)
    yield given
    remote = Replica(given).engine
    for name in graphs(remote):
        remote.drop(name)


def graphs(remote: Remote) -> set[str]:
    text = f'SELECT DISTINCT ?g {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), "{BASE}")) }}'
    return {row["g"] for row in remote.rows(text)}


def terms(remote: Remote, graph: str) -> set[tuple[str, str, str]]:
    """The statements of a graph, literals by their text alone: engines rewrite datatypes."""
    rows = remote.rows(f"SELECT ?s ?p ?o {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}")
    return {(row["s"], row["p"], row["o"]) for row in rows}


def local(found: Release, graph: str = "") -> set[tuple[str, str, str]]:
    name = NamedNode(graph) if graph else DEFAULT
    quads = open_read_only(found.store).quads_for_pattern(None, None, None, name)
    return {tuple(map(value, (q.subject, q.predicate, q.object))) for q in quads}  # type: ignore[misc]


def value(node: object) -> str:
    text = str(getattr(node, "value", node))
    return f"{BASE}.well-known/genid/{text}" if isinstance(node, BlankNode) else text


def there(given: Settings) -> Replica:
    """The engine's side, checked: kept releases, and the current one's named graphs, are as they are here."""
    found, releases = Replica(given), Releases(given.store.path)
    for kept in releases.list():
        assert found.check(kept)[0], found.check(kept)
        place = Place.of(kept.path)
        assert place is not None
        assert terms(found.engine, place.merged) == local(kept)
    current = releases.current()
    assert current is not None
    names = {g.value for g in open_read_only(current.store).named_graphs() if isinstance(g, NamedNode)}
    own = {g for g in names if g.startswith(BASE)}
    merged = {found.merged(r.number) for r in releases.list()}
    assert graphs(found.engine) == own | merged | {found.registry}
    for name in own:
        assert terms(found.engine, name) == local(current, name), name
    return found


def test_releases_one_after_another(empty: Settings, engine: dict[str, object]) -> None:
    folder = empty.store.path
    release(folder, {"a": "Un", "b": "Deux"}, engine=engine)
    there(empty)
    release(folder, {"a": "Autre", "c": "Trois"}, gone=("b",), engine=engine)
    there(empty)
    release(folder, {"c": "Quatre"}, engine=engine, keep=2)
    there(empty)
    roll_back(empty, 2)
    found = there(empty)
    assert found.merged(4) in graphs(found.engine)
    assert found.merged(1) not in graphs(found.engine), "pruned"


@pytest.mark.parametrize("seed", range(2))
def test_any_releases_one_after_another(empty: Settings, engine: dict[str, object], seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  no secret
    names = [f"d{n}" for n in range(40)]
    there_now: set[str] = set()
    for number in range(5):
        gone = tuple(chance.sample(sorted(there_now), min(len(there_now), chance.randrange(3)))) if number else ()
        changed = chance.sample(names, 25 if number == 0 else chance.randrange(1, 6))
        titles = {
            name: chance.choice(("Un", "Deux « 2 »", "Trois\n3", "Quatre\\4")) for name in changed if name not in gone
        }
        release(empty.store.path, titles, gone=gone, engine=engine, keep=2)
        there_now = (there_now | set(titles)) - set(gone)
    there(empty)


def test_a_change_is_sent_as_a_change_and_a_large_one_whole(
    empty: Settings, engine: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole: list[str] = []
    real = Replica._whole
    monkeypatch.setattr(Replica, "_whole", lambda self, graph, store: whole.append(graph) or real(self, graph, store))
    folder = empty.store.path
    many = {f"d{n}": f"Jeu {n}" for n in range(60)}
    release(folder, many, engine=engine)
    release(folder, {"d7": "Autre"}, gone=("d8",), engine=engine)
    assert len(whole) == 1
    release(folder, {name: f"{title} *" for name, title in many.items()}, engine=engine)
    assert len(whole) == 2
    there(empty)


def test_literals_that_engines_rewrite_or_refuse(empty: Settings, engine: dict[str, object]) -> None:
    folder = empty.store.path
    release(folder, {f"d{n}": "Jeu" for n in range(40)}, engine=engine)
    release(folder, {"d1": "Autre"}, engine=engine, extra=NASTY)
    found, current = Replica(empty), Releases(folder).current()
    assert current is not None
    place = Place.of(current.path)
    assert place is not None
    mine = {t for t in terms(found.engine, place.merged) if t[0] == f"{BASE}x"}
    wanted = {t for t in local(current) if t[0] == f"{BASE}x"}
    same = {("1", "true"), ("86400.0", "P1D"), ("86400.0", "PT24H")}
    for s, p, o in wanted - mine:
        (other,) = (t[2] for t in mine - wanted if t[:2] == (s, p))
        assert (other, o) in same
    assert found.check(current)[0]
    release(folder, {"d1": "Sans"}, engine=engine, keep=1)
    there(empty)
    assert not {t for t in terms(found.engine, found.merged(3)) if t[0] == f"{BASE}x"}


def test_nobody_sees_half_of_a_release_and_the_next_run_removes_it(
    empty: Settings, engine: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = empty.store.path
    first = release(folder, {"a": "Un"}, engine=engine)

    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    for place in ("_whole", "_rows"):
        with monkeypatch.context() as patched:
            patched.setattr(Replica, place, killed)
            with pytest.raises(Killed):
                release(folder, {"a": "Deux", "b": "Trois"}, engine=engine)
        assert Releases(folder).current() == first
        found = Replica(empty)
        assert terms(found.engine, found.merged(1)) == local(first)
        assert terms(found.engine, MINT.record("a")) == local(first, MINT.record("a"))
        assert not terms(found.engine, MINT.record("b"))
    found.recover()
    there(empty)
    release(folder, {"a": "Deux", "b": "Trois"}, engine=engine)
    there(empty)


def test_named_graphs_that_a_kill_left_behind_follow_with_the_next_run(
    empty: Settings, engine: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = empty.store.path
    release(folder, {"a": "Un", "b": "Deux"}, engine=engine)
    with monkeypatch.context() as patched:
        patched.setattr(Remote, "put", lambda *_: (_ for _ in ()).throw(StoreError("it went away")))
        second = release(folder, {"a": "Autre"}, gone=("b",), engine=engine)
    assert Releases(folder).current() == second, "it is published"
    assert MINT.record("a") in json.loads((second.path / PENDING).read_text())
    found = Replica(empty)
    ok, words = found.check(second)
    assert not ok
    assert "the next run sends them" in words
    found.recover()
    assert not (second.path / PENDING).exists()
    there(empty)


def test_what_is_taken_down_is_not_on_the_engine_either(empty: Settings, engine: dict[str, object]) -> None:
    folder = empty.store.path
    secret = "Ce que personne ne doit plus lire"
    release(folder, {"a": secret, "b": "Deux"}, engine=engine)
    release(folder, {"b": "Trois"}, engine=engine)
    report = take_down(empty, "a", "ordonnance", lambda _: None)
    assert (report.left, report.release) == ([], 3)
    remote = Replica(empty).engine
    assert not remote.rows(f'SELECT ?g {{ GRAPH ?g {{ ?s ?p ?o FILTER(STR(?o) = "{secret}") }} }}')
    for kept in Releases(folder).list():
        place = Place.of(kept.path)
        assert place is not None
        assert terms(remote, place.merged) == local(kept)
        assert place.merged.endswith(kept.store.name)
    assert list(Replica(empty).left([MINT.record("b")], [MINT.dataset("b")]))
    release(folder, {"c": "Quatre"}, engine=engine)
    current = Releases(folder).current()
    assert current is not None
    assert terms(remote, Replica(empty).merged(4)) == local(current)


def test_an_engine_that_lost_everything_is_filled_anew(empty: Settings, engine: dict[str, object]) -> None:
    folder = empty.store.path
    release(folder, {f"d{n}": "Jeu" for n in range(30)}, engine=engine)
    second = release(folder, {"d1": "Autre"}, engine=engine)
    found = Replica(empty)
    for name in graphs(found.engine):
        found.engine.drop(name)
    found.recover()
    place = Place.of(second.path)
    assert place is not None
    assert terms(found.engine, place.merged) == local(second)
    assert terms(found.engine, MINT.record("d7")) == local(second, MINT.record("d7"))
    assert Place.of(Releases(folder).get(1).path) is None, "an older one is answered here"
    release(folder, {"d2": "Autre"}, engine=engine, keep=1)
    there(empty)


def test_a_catalogue_that_gets_an_engine_later_is_brought_there_whole(
    empty: Settings, engine: dict[str, object]
) -> None:
    folder = empty.store.path
    release(folder, {"a": "Un", "b": "Deux"})
    first = Releases(folder).get(1)
    assert Place.of(first.path) is None
    assert "from its snapshot here" in Replica(empty).check(first)[1]
    release(folder, {"b": "Trois"}, engine=engine, keep=1)
    there(empty)


def test_an_engine_that_cuts_answers_is_known(empty: Settings, engine: dict[str, object]) -> None:
    folder = empty.store.path
    found = release(folder, {f"d{n}": "Jeu" for n in range(30)}, engine=engine)
    place = Place.of(found.path)
    assert place is not None
    cuts = "digest" in engine.values()
    assert place.rows == 0, "it has fewer statements than that"
    remote = Replica(empty)
    remote.engine.put(f"{BASE}graph/merged/9", [f"<x:{n}> <x:p> <x:o> ." for n in range(12_000)])
    assert remote._rows(f"{BASE}graph/merged/9", 12_000) == ((10_000, True) if cuts else (0, False))


def test_an_engine_that_does_not_answer_is_told(tmp_path: Path) -> None:
    where = {name: f"http://127.0.0.1:9/{name}" for name in ("query", "update", "graphs")}
    with pytest.raises(StoreError, match="cannot be reached"):
        release(tmp_path / "var", {"a": "Un"}, engine={"engine": "sparql", **where})
    assert Releases(tmp_path / "var").current() is None


def test_a_wrong_password_is_told_and_not_shown(engine: dict[str, object], tmp_path: Path) -> None:
    if "digest" not in engine.values():
        pytest.skip("this engine asks nobody who they are")
    with pytest.raises(StoreError, match="not accepted") as told:
        release(tmp_path / "var", {"a": "Un"}, engine={**engine, "password": "s3cret"})
    assert "s3cret" not in str(told.value)
    assert "s3cret" not in repr(
        Replica(settings(tmp_path / "var", store={**engine, "password": "s3cret"})).engine.access
    )


def test_what_an_engine_does_not_understand_is_told_in_its_words(empty: Settings) -> None:
    with pytest.raises(Refused, match=r"the engine answered \d+: ."):
        Replica(empty).engine.rows("SELEC")


def test_blank_nodes_become_iris() -> None:
    both = Triple(BlankNode("a1"), DCT.relation, BlankNode("b2"))
    assert line(both, BASE) == f"<{BASE}.well-known/genid/a1> {DCT.relation} <{BASE}.well-known/genid/b2> ."
    assert module.ABOUT == "remote.json"
