"""A plain store, and `garonne serve --bare`, which serves one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from catalog.dataset import Dataset
from catalog.errors import UsageError
from catalog.graph_store import Document
from catalog.plain import PlainStore, check
from catalog.releases import Releases
from catalog.store import open_read_only
from tests.api.city import TITLES, City, settings_in
from tests.api.server import Server, toml


def quads(folder: Path) -> list[str]:
    current = Releases(folder).current()
    assert current is not None
    return sorted(str(quad) for quad in open_read_only(current.store))


def bare(folder: Path) -> subprocess.CompletedProcess[str]:
    """`garonne serve --bare`, which is to end at once."""
    program = str(Path(sys.executable).with_name("garonne"))
    return subprocess.run(
        [program, "serve", "--bare"], cwd=folder, capture_output=True, text=True, timeout=30, check=False
    )


def test_each_write_is_a_release_and_nothing_is_one_before(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, store={"path": "var", "keep": 2})
    store = PlainStore(settings)
    assert store.publish() == 1
    assert store.publish() == 1, "nothing changed"
    turtle = [Document("text/turtle", b"<x:a> <x:b> 1 .")]
    assert not store.put("x:g", turtle).existed
    assert quads(settings.store.path) == []
    assert store.publish() == 2
    assert store.post("x:g", [Document("text/turtle", b"<x:a> <x:b> 2 .")]).existed
    store.update("INSERT DATA { <x:a> <x:b> 3 }", Dataset())
    store.publish()
    assert len(quads(settings.store.path)) == 3
    assert store.delete("x:g").existed
    assert not store.delete("x:h").existed
    store.publish()
    assert len(quads(settings.store.path)) == 1
    assert [release.number for release in Releases(settings.store.path).list()] == [3, 4]
    store.close()


def test_what_was_not_published_is_not_there_the_next_time(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    for number in (1, 1):
        store = PlainStore(settings)
        store.publish()
        store.put("", [Document("text/turtle", b"<x:a> <x:b> 1 .")])
        store.close()
        assert quads(settings.store.path) == []
        assert store.number == number


def test_a_catalogue_is_not_served_as_a_plain_store(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    check(settings)
    City(settings).publish(TITLES)
    with pytest.raises(UsageError, match="holds a catalogue"):
        check(settings)
    (tmp_path / "garonne.toml").write_text(toml(settings))
    done = bare(tmp_path)
    assert (done.returncode, "holds a catalogue" in done.stderr) == (2, True)


def test_it_is_there_again_after_a_restart_and_has_one_writer(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    turtle = {"Content-Type": "text/turtle"}
    with Server(settings, tmp_path, "--bare") as running:
        assert running.ask("PUT", "/graphs?default", b"<x:a> <x:b> 1 .", turtle).status == 204
        assert running.get("/").status == 404
        done = bare(tmp_path)
        assert (done.returncode, "another process is writing" in done.stderr) == (3, True)
    with Server(settings, tmp_path, "--bare") as running:
        assert running.rows("SELECT ?o { <x:a> <x:b> ?o }") == [{"o": "1"}]


def test_on_an_address_that_others_can_reach_a_token_is_needed(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, serve={"host": "0.0.0.0"})  # noqa: S104  that is what is tested
    with Server(settings, tmp_path, "--bare") as running:
        assert running.sparql("ASK {}").status == 200
        answer = running.ask("POST", "/sparql/update", b"CLEAR ALL", {"Content-Type": "application/sparql-update"})
        assert (answer.status, "nobody" in answer.text) == (401, True)
