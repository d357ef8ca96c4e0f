"""Answers that are kept, shared, asked again, and cited."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import http.client
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, urlsplit

import brotli
import pytest

from api.app import Service
from api.cache import Cache, Kept, question_of
from api.keeping import IN_MEMORY
from api.process import Job
from catalog.releases import rewrite, touch
from tests.api.city import TITLES, City, settings_in
from tests.api.server import Answer, Server
from tests.api.test_workers import until

ALL = "SELECT ?s ?p ?o { ?s ?p ?o }"
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g a <http://www.w3.org/ns/dcat#Dataset> }"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("answers")


@pytest.fixture(scope="module")
def server(place: Path) -> Iterator[Server]:
    settings = settings_in(place, query={"timeout": 20.0})
    City(settings).publish(TITLES)
    with Server(settings, place) as running:
        yield running


def receipt_of(server: Server, answer: Answer) -> dict[str, object]:
    target = answer.headers["link"].partition("<")[2].partition(">")[0]
    assert 'rel="describedby"' in answer.headers["link"]
    found = server.get(urlsplit(target).path)
    assert found.status == 200
    return dict(found.json())


@pytest.mark.parametrize("suffix", ["json", "xml", "csv", "tsv"])
def test_a_receipt_says_what_the_answer_was(server: Server, suffix: str) -> None:
    answer = server.sparql(ALL, format=suffix)
    found = receipt_of(server, answer)
    rows = server.rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")[0]["n"]
    assert found["rows"] == int(rows)
    assert found["bytes"] == len(answer.body)
    assert found["sha256"] == hashlib.sha256(answer.body).hexdigest()
    assert found["query_sha256"] == hashlib.sha256(ALL.encode()).hexdigest()
    assert (found["ended"], found["complete"], found["release"]) == ("answered", True, 1)
    assert ALL not in str(found)


def test_a_graph_s_receipt_counts_its_statements(server: Server) -> None:
    answer = server.sparql("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", "application/n-triples")
    assert receipt_of(server, answer)["rows"] == answer.body.count(b"\n")


def test_a_receipt_that_is_not_there_is_404(server: Server) -> None:
    assert server.get("/sparql/receipts/nonsense").status == 404


def test_the_same_question_has_the_same_answer_and_receipt(server: Server) -> None:
    first = server.sparql("SELECT ?s { ?s a ?t }")
    again = server.sparql("SELECT ?s  # the same\n{ ?s a ?t\n}")
    assert again.body == first.body
    assert again.headers["garonne-receipt"] == first.headers["garonne-receipt"]
    assert again.headers["link"] == first.headers["link"]
    other = server.sparql("SELECT ?s { ?s a ?u }")
    assert other.headers["garonne-receipt"] != first.headers["garonne-receipt"]


def test_volatile_answers_are_not_kept(server: Server) -> None:
    one, two = (server.sparql("SELECT (UUID() AS ?u) {}") for _ in range(2))
    assert one.body != two.body
    assert "etag" not in one.headers


def test_an_answer_that_is_known_whole_has_a_strong_tag_that_gives_304(server: Server) -> None:
    first = server.sparql("SELECT ?s { ?s a ?strong }")
    tag = first.headers["etag"]
    assert not tag.startswith("W/")
    path = "/sparql?query=" + quote("SELECT ?s { ?s a ?strong }")
    assert server.get(path, if_none_match=tag).status == 304
    assert server.get(path, if_none_match=f'"x", {tag}').status == 304
    assert server.get(path, if_none_match=tag.replace(tag[1:5], "0000")).status == 200
    packed = server.get(path, accept_encoding="gzip").headers["etag"]
    assert packed != tag
    assert server.get(path, if_none_match=packed, accept_encoding="gzip").status == 304


def test_results_are_compressed_as_asked(server: Server) -> None:
    plain = server.sparql(ALL, format="csv").body
    path = "/sparql?format=csv&query=" + quote(ALL)
    packed = server.get(path, accept_encoding="gzip, deflate")
    assert packed.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["vary"]
    assert gzip.decompress(packed.body) == plain
    packed = server.get(path, accept_encoding="gzip;q=0.5, br")
    assert packed.headers["content-encoding"] == "br"
    assert brotli.decompress(packed.body) == plain
    assert "content-encoding" not in server.get(path, accept_encoding="identity").headers
    assert "content-encoding" not in server.get(path, accept_encoding="gzip;q=0").headers


def test_concurrent_identical_questions_are_evaluated_once(server: Server) -> None:
    found: list[Answer] = []
    threads = [threading.Thread(target=lambda: found.append(server.sparql(SLOW))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [a.status for a in found] == [200] * 6
    assert len({a.headers["garonne-receipt"] for a in found}) == 1


def test_who_waits_is_served_when_the_first_asker_leaves(server: Server) -> None:
    query = SLOW.replace("?n", "?left")
    host, port = server.host.split(":")
    leaving = http.client.HTTPConnection(host, int(port))
    leaving.request("GET", "/sparql?query=" + quote(query))
    time.sleep(0.05)
    found: list[Answer] = []
    thread = threading.Thread(target=lambda: found.append(server.sparql(query)))
    thread.start()
    time.sleep(0.05)
    leaving.close()
    thread.join()
    assert found[0].status == 200


def test_a_result_that_was_asked_to_be_short_says_so(server: Server) -> None:
    answer = server.sparql(ALL + " LIMIT 2")
    target = answer.headers["link"].partition("<")[2].partition(">")[0]
    assert answer.json()["head"] == {"link": [target], "vars": ["s", "p", "o"]}
    assert 'title="at most 2 rows, as asked"' in answer.headers["link"]
    assert receipt_of(server, answer)["sha256"] == hashlib.sha256(answer.body).hexdigest()
    answer = server.sparql(ALL + " ORDER BY ?s LIMIT 3 # end", format="xml")
    target = answer.headers["link"].partition("<")[2].partition(">")[0]
    assert f'<variable name="o"/><link href="{target}"/></head>' in answer.text
    assert receipt_of(server, answer)["rows"] == 3
    answer = server.sparql("SELECT * { { SELECT * { ?s ?p ?o } LIMIT 2 } }")
    assert "link" not in answer.json()["head"]
    assert "title" not in answer.headers["link"]


LARGE = 'SELECT ?a ?b ?c ?n { ?a ?p ?b . ?c ?q ?d VALUES ?n { "some text that makes it long" "another one" } }'


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_large_answers_are_kept_on_disk_whole(server: Server, encoding: str) -> None:
    query = quote(LARGE.replace("?n", "?large"))
    headers = {"Accept": "text/csv", "Accept-Encoding": encoding}
    first, again = (server.get(f"/sparql?query={query}", **headers) for _ in range(2))
    assert len(first.body) > 2 * IN_MEMORY or encoding == "gzip", "the answer is too small to be a large one"
    assert again.headers["garonne-receipt"] == first.headers["garonne-receipt"]
    assert again.body == first.body


def test_kept_answers_and_receipts_outlive_the_server(place: Path, server: Server) -> None:
    slow = SLOW.replace("?n", "?outlives").replace("COUNT(*)", "SUM(STRLEN(STR(?c)))")
    first = server.sparql(slow)
    time.sleep(1.5)
    server.stop()
    with Server(settings_in(place, query={"timeout": 20.0}), place) as running:
        again = running.sparql(slow)
        assert again.headers["garonne-receipt"] == first.headers["garonne-receipt"]
        assert receipt_of(running, again)["rows"] == 1


def test_popular_questions_are_asked_again_on_a_new_release(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, query={"timeout": 20.0})
    city = City(settings)
    city.publish(TITLES)
    query = "SELECT ?d { ?d a <http://www.w3.org/ns/dcat#Dataset> }"
    with Server(settings, tmp_path) as running:
        for _ in range(3):
            running.sparql(query)
        city.publish({"autre": "Autre"})
        until(lambda: receipts(settings.store.path) > 1)
        known = receipts(settings.store.path)
        answer = running.sparql(query)
        assert answer.headers["garonne-release"] == "2"
        assert answer.text.count("/dataset/") == 4
        assert receipts(settings.store.path) == known
        at = str(receipt_of(running, answer)["at"])
        assert at < time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + "Z"


def receipts(folder: Path) -> int:
    """How many answers were evaluated, as far as it is written down."""
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(folder / "receipts.sqlite")) as db:
        return int(db.execute("SELECT count(*) FROM receipts").fetchone()[0])
    return 0


def kept(body: bytes, seconds: float = 0.1) -> Kept:
    return Kept("select", "csv", "", 1, len(body), "0" * 64, len(body), "r", seconds)


def test_the_disk_that_answers_take_is_bounded(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "answers", 1_000_000)
    cache.open()
    body = b"x" * 100_000
    for n in range(20):
        cache.put(f"{n:064}", kept(body), body)
        found = cache.find(f"{0:064}")
        assert found is not None
        found[1].close()
    assert len(cache) == 10
    assert cache.has(f"{0:064}")
    assert len(list((tmp_path / "answers").iterdir())) == 10
    cache.put("big", kept(body * 20), body * 20)
    assert not cache.has("big")


def test_small_answers_are_in_memory_and_only_slow_ones_on_disk_too(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 1_000_000)
    cache.open()
    body = b"y" * 30_000
    for n in range(1000):
        cache.put(f"{n:064}", kept(body, 0.001), body)
    assert not list(tmp_path.iterdir())
    assert not cache.has(f"{0:064}")
    found = cache.find(f"{999:064}")
    assert found is not None
    assert found[1].read() == body
    cache.put("slow", kept(b"z", 1.0), b"z")
    assert [f.name for f in tmp_path.iterdir()] == ["slow"]


def test_large_answers_take_little_room_and_none_when_nobody_takes_the_whole(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 4_000_000)
    cache.open()
    pieces = [f"https://data.example.org/dataset/{n},titre {n}\r\n".encode() * 20 for n in range(5000)]
    body = b"".join(pieces)
    passed = cache.keeping("")
    for piece in pieces:
        passed.add(piece)
    assert len(list(tmp_path.iterdir())) == 1
    cache.keep("a" * 64, kept(body), passed)
    passed.end()
    again = Cache(tmp_path, 4_000_000)
    again.open()
    found = again.find("a" * 64)
    assert found is not None
    with found[1] as file:
        assert file.read() == body
    assert again.size < len(body) / 10
    for limit, encoding in ((4_000_000, ""), (400_000, "gzip")):
        passed = Cache(tmp_path, limit).keeping(encoding)
        for piece in pieces:
            passed.add(piece)
        passed.end()
        assert [f.name for f in tmp_path.iterdir()] == ["a" * 64], f"{limit}, {encoding}"


def test_a_disk_that_takes_no_more_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "gone").touch()  # no folder, and none can be made
    cache = Cache(tmp_path / "gone", 4_000_000)
    passed = cache.keeping("")
    passed.add(bytes(2 * IN_MEMORY))
    assert passed.ended
    cache.keep("a" * 64, kept(bytes(2 * IN_MEMORY)), passed)
    assert not cache.has("a" * 64)


def test_what_is_not_whole_is_not_believed(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 10_000)
    cache.open()
    cache.put("a" * 64, kept(b"abc"), b"abc")
    cache.put("b" * 64, kept(b"abc"), b"abc")
    (tmp_path / ("a" * 64)).write_bytes((tmp_path / ("a" * 64)).read_bytes()[:-1])
    (tmp_path / "c.part").write_bytes(b"{}")
    again = Cache(tmp_path, 10_000)
    again.open()
    assert len(again) == 1
    assert {f.name for f in tmp_path.iterdir()} == {"b" * 64}
    (tmp_path / ("b" * 64)).unlink()
    assert again.find("b" * 64) is None


def test_white_space_and_comments_make_no_difference_and_texts_do() -> None:
    def key(query: str, **more: object) -> str:
        return question_of(Job(query, "json", "ttl", 1.0, **more))  # type: ignore[arg-type]

    assert key("SELECT * {?s ?p ?o}") == key("SELECT  *\n{ ?s ?p  ?o } # end")
    assert key("ASK { ?s ?p 'a  b' }") != key("ASK { ?s ?p 'a b' }")
    assert key("ASK {}") != key("ASK {}", encoding="gzip")
    assert key("ASK {}") != key("ASK {}", default_graphs=("http://g",))


def test_what_doors_keep_in_memory_is_forgotten_when_releases_are_rewritten(tmp_path: Path) -> None:
    city = City(settings_in(tmp_path))
    city.publish(TITLES)
    service = Service(city.settings, confined=False)
    forgotten: list[str] = []
    service.published.keepers.append(lambda: forgotten.append("now"))
    shown = service.compressed.represent(b"secret " * 1000, "text/plain", None)
    assert shown.body("gzip")

    async def watched() -> None:
        await service.answers.open()
        try:
            second = await asyncio.to_thread(city.publish, {"menus": "Menus"})
            await asyncio.sleep(0.8)
            assert not forgotten, "another release is no reason"
            os.replace(second.store, second.path / "store-2")
            rewrite(second, replace(second.manifest, store="store-2", without=["velos"]))
            touch(second)
            await asyncio.sleep(0.8)
        finally:
            await service.answers.close()

    asyncio.run(watched())
    assert forgotten == ["now"]
    assert service.compressed.size == 0


def test_an_answer_of_a_store_that_was_removed_is_not_kept(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "kept", 1 << 20)
    cache.open()
    for key, seconds in (("quick", 0.0), ("slow", 1.0)):
        cache.put(key, Kept("table", "csv", "", 1, 3, "0", 3, "r", seconds), b"abc")
    (tmp_path / "kept" / "slow").unlink()
    cache.put("other", Kept("table", "csv", "", 1, 3, "0", 3, "r", 1.0), b"abc")
    cache.let_go()
    assert [cache.has(key) for key in ("quick", "slow", "other")] == [False, False, True]
    cache.drop("other")
    assert not cache.has("other")
    assert list((tmp_path / "kept").iterdir()) == []
    assert cache.size == 0


def test_workers_that_rest_follow_the_pointer_unasked(tmp_path: Path) -> None:
    """Else they would hold on to files that a takedown has removed."""
    city = City(settings_in(tmp_path))
    city.publish(TITLES)
    with Server(city.settings, tmp_path) as running:
        assert running.sparql(ALL).status == 200  # once: it is not asked again
        city.publish({"menus": "Menus"})

        def stores() -> set[str]:
            opened: set[str] = set()
            for pid in running.workers():
                with suppress(OSError):  # it may have ended
                    opened.update(str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir())
            return {name.partition("/releases/")[2][:6] for name in opened if "/releases/" in name}

        until(lambda: stores() == {"000002"}, 20)
