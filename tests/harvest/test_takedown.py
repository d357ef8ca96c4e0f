"""A takedown: gone from every release, version, answer and file, and it does not come back."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog import dump, lock, schema
from catalog.archive import Archive
from catalog.model import Kind
from catalog.releases import Releases
from catalog.store import Workspace, clone, open_read_only
from catalog.takedown import marks
from catalog.takedown.bans import Bans
from catalog.takedown.marks import Marks
from catalog.takedown.order import Report, take_down
from catalog.takedown.proof import left
from catalog.takedown.subject import Subject, find
from tests.api.server import Server
from tests.fakes.opendatasoft import Portal, names, portal, record
from tests.harvest.city import City, city, live

SECRET = "Liste nominative des bénéficiaires de la cantine, avec leurs allergies"


def records(night: int) -> list[dict[str, Any]]:
    """Five datasets, one of which names people, with a publisher of its own."""
    found = [record(name, title=f"Jeu {name}, nuit {night}") for name in names(5)]
    found[2]["metas"]["default"] |= {
        "title": f"{SECRET} {night}",
        "description": f"<p>{SECRET}, état de la nuit {night}.</p>",
        "publisher": "Service des secrets",
        "keyword": ["confidentiel"],
    }
    return found


@contextmanager
def three_nights(folder: Path) -> Iterator[tuple[City, Portal]]:
    """Three releases; in each the dataset says something else."""
    state = Portal(records(1))
    with portal(state) as running:
        place = city(folder, live(running.address))
        for night in (1, 2, 3):
            state.records = records(night)
            assert place.run().release == night
        yield place, state


def taken(place: City, name: str) -> Report:
    return take_down(place.settings, name, "ordonnance du 3 mars", lambda _: None)


def gathered(place: City, db: sqlite3.Connection, name: str) -> tuple[Subject, Marks]:
    """What a takedown would look for."""
    subject = find(db, name)
    stores = [open_read_only(release.store) for release in place.releases.list()]
    return subject, marks.gather(db, subject, place.settings.catalog.base, stores)


def files_with(folder: Path, text: str) -> list[str]:
    return [str(f) for f in folder.rglob("*") if f.is_file() and text.encode() in f.read_bytes()]


def test_nothing_is_left_anywhere_and_everything_else_is(tmp_path: Path) -> None:
    with three_nights(tmp_path / "city") as (place, _):
        folder = place.settings.store.path
        before = {n: {d.slug: d for d in Archive(folder).at(n).all(Kind.DATASET)} for n in (1, 2, 3)}
        marks = {r.number: r.manifest.fingerprint for r in place.releases.list()}
        report = taken(place, "jeu-00002")
        assert report.left == []
        assert report.release == 4
        assert report.rewritten == [1, 2, 3, 4]
        assert {"descriptions", "records", "facets", "mentions", "pages"} <= set(report.rows)
        for number in (1, 2, 3, 4):
            found = {d.slug: d for d in Archive(folder).at(number).all(Kind.DATASET)}
            assert found == {k: v for k, v in before[min(number, 3)].items() if k != "jeu-00002"}
            release = place.releases.get(number)
            assert release.manifest.datasets == 4
            assert release.manifest.fingerprint != marks.get(number)
            store = open_read_only(release.store)
            assert release.manifest.quads == len(store)
            assert not any(SECRET in str(q.object) or "secrets" in str(q) for q in store)
            assert [p.name for p in release.path.iterdir() if p.is_dir()] == [release.store.name]
            clone(release.store, tmp_path / f"clone{number}")
            assert Workspace(tmp_path / f"clone{number}").out_of_step() == []
        assert files_with(tmp_path / "city", SECRET) == []
        assert files_with(tmp_path / "city", "Service des secrets") == []


def test_it_does_not_come_back_and_the_rest_goes_on(tmp_path: Path) -> None:
    with three_nights(tmp_path / "city") as (place, state):
        taken(place, "jeu-00002")
        state.records = [*records(4), record("nouveau")]
        summary = place.run(full=True)
        assert summary.release == 5
        assert set(place.datasets()) == {"jeu-00000", "jeu-00001", "jeu-00003", "jeu-00004", "nouveau"}
        (aside,) = summary.sources[0].set_aside
        assert "ordonnance du 3 mars" in aside["fr"]
        state.records[2]["dataset_id"] = "autre-nom"
        place.run()
        assert "autre-nom" not in place.datasets(), "its other names are banned as well"
        assert files_with(tmp_path / "city", SECRET) == []


def test_its_address_says_that_it_is_gone(tmp_path: Path) -> None:
    with three_nights(tmp_path / "city") as (place, _):
        taken(place, "jeu-00002")
        assert place.view().fate(Kind.DATASET, "jeu-00002") == "gone"
        events = Archive(place.settings.store.path).rows(
            "SELECT kind FROM events WHERE slug = 'jeu-00002' ORDER BY seq"
        )
        assert [e["kind"] for e in events] == ["created", "updated", "updated", "withdrawn"]


def test_what_was_withdrawn_before_is_taken_down_too(tmp_path: Path) -> None:
    with three_nights(tmp_path / "city") as (place, state):
        state.records = [r for r in records(3) if r["dataset_id"] != "jeu-00002"]
        assert place.run().release == 4
        report = taken(place, "https://data.example.org/dataset/jeu-00002")
        assert (report.release, report.rewritten, report.left) == (None, [1, 2, 3, 4], [])


def test_an_interrupted_takedown_goes_on(tmp_path: Path) -> None:
    with three_nights(tmp_path / "city") as (place, _):
        folder = place.settings.store.path
        line = f"import catalog.takedown.order as o, os; o.purge.bookkeeping = lambda *_: os._exit(9); {_CALL}"
        killed = subprocess.run([sys.executable, "-c", line, str(place.config)], check=False)
        assert killed.returncode == 9
        with schema.connect(folder) as db:
            subject = find(db, "jeu-00002")
            noted = marks.noted(folder, "jeu-00002")
            assert noted is not None
            assert [*left(folder, place.settings.catalog.base, subject, noted)]
            assert [ban.done for ban in Bans(db).all()] == [False]
        report = taken(place, "jeu-00002")
        assert (report.release, report.rewritten, report.left) == (None, [], [])
        with schema.connect(folder) as db:
            assert [ban.done for ban in Bans(db).all()] == [True]


_CALL = (
    "import sys; from pathlib import Path; from catalog.settings import load; "
    "o.take_down(load(Path(sys.argv[1])), 'jeu-00002', 'essai', print)"
)


def test_the_proof_can_fail(tmp_path: Path) -> None:
    with three_nights(tmp_path / "city") as (place, _):
        folder = place.settings.store.path
        with schema.connect(folder) as db:
            subject, own = gathered(place, db, "jeu-00002")
        said = "\n".join(left(folder, place.settings.catalog.base, subject, own))
        assert "release 1: graph" in said
        assert "table descriptions" in said
        taken(place, "jeu-00002")
        (folder / "answers").mkdir(exist_ok=True)
        (folder / "answers" / "old").write_text(f"title\n{SECRET} 2\n")
        assert "answers/old" in "\n".join(left(folder, place.settings.catalog.base, subject, own))


DOORS = (
    "/catalog.ttl",
    "/catalog.jsonld",
    "/catalog.xml",
    "/dump.nq.gz",
    "/datasets",
    "/dataset/jeu-00002",
    "/dataset/jeu-00002.ttl",
    "/sitemap.xml",
    "/quality.json",
    "/graph/agents",
)
"""Doors that take `release`."""
PRESENT = (
    "/oai?verb=ListRecords&metadataPrefix=oai_dc",
    "/oai?verb=ListRecords&metadataPrefix=dcat_ap",
    "/ldes/page/1.trig",
    "/api/3/action/current_package_list_with_resources",
    "/api/3/action/package_search?q=cantine",
    "/api/3/action/package_show?id=jeu-00002",
    "/preview/ckan",
    "/preview/data.gouv.fr",
    "/changes.atom",
)
"""Doors that speak of the present."""
TITLES = "SELECT ?t WHERE { ?d <http://purl.org/dc/terms/title> ?t } ORDER BY ?t"
SLOW = "SELECT ?t WHERE { ?d <http://purl.org/dc/terms/title> ?t . FILTER(STRLEN(?t) > 0) } ORDER BY ?t"


def everything(server: Server, releases: Sequence[int]) -> str:
    """What every door answers, twice: kept answers are those that were asked before."""
    said: list[str] = []
    for _ in (1, 2):
        for release in releases:
            paths = [f"{path}?release={release}" for path in DOORS]
            said += [server.get(path).body.decode("utf-8", "replace") for path in paths]
            asked = [server.sparql(query, kind, release=str(release)) for query in (TITLES, SLOW) for kind in KINDS]
            assert {answer.status for answer in asked} == {200}
            said += [answer.text for answer in asked]
        asked = [server.sparql(query, kind) for query in (TITLES, SLOW) for kind in KINDS]
        assert {answer.status for answer in asked} == {200}
        said += [*(answer.text for answer in asked), *(server.get(path).text for path in (*DOORS[:3], *PRESENT))]
    return "\n".join(said)


def removed_files(server: Server) -> list[str]:
    """The files of stores that query workers have open, though they were removed."""
    found: list[str] = []
    for pid in server.workers():
        with suppress(OSError):  # it may end meanwhile
            found += [str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()]
    return [name for name in found if "/releases/" in name and name.endswith(" (deleted)")]


KINDS = ("text/csv", "application/sparql-results+json")


@pytest.mark.parametrize("withdrawn", [False, True])
def test_a_service_that_runs_lets_go_of_it(tmp_path: Path, withdrawn: bool) -> None:
    with three_nights(tmp_path / "city") as (place, state):
        if withdrawn:
            state.records = [r for r in records(3) if r["dataset_id"] != "jeu-00002"]
            assert place.run().release == 4
        kept = (1, 2, 3, 4) if withdrawn else (1, 2, 3)
        asking = replace(place.settings.query, standing=not withdrawn)  # with it, only what is current is kept ready
        with Server(replace(place.settings, query=asking), place.folder) as server:
            assert everything(server, kept).count(SECRET) > 20
            if not withdrawn:
                assert [path for path in PRESENT if SECRET not in server.get(path).text] == []
            report = taken(place, "jeu-00002")
            assert (report.left, report.release) == ([], None if withdrawn else 4)
            deadline = time.monotonic() + 20
            while opened := removed_files(server):  # no query is needed for that
                assert time.monotonic() < deadline, opened
                time.sleep(0.1)
            assert SECRET not in everything(server, (1, 2, 3, 4))
            assert server.get("/dataset/jeu-00002.ttl").status == 410
            assert files_with(place.settings.store.path, SECRET) == []
        log = (place.folder / "serve.log").read_text()
        assert "cannot be" not in log, log


@pytest.mark.parametrize("options", [["--reason", "x"], ["jeu-00002"]])
def test_the_command_needs_a_name_and_a_reason(tmp_path: Path, options: list[str]) -> None:
    with three_nights(tmp_path / "city") as (place, _):
        assert command(place, *options).returncode == 2


def test_the_command(tmp_path: Path) -> None:
    with three_nights(tmp_path / "city") as (place, _):
        careful = command(place, "jeu-00002", "--reason", "ordonnance")
        assert (careful.returncode, "nothing was purged" in careful.stderr) == (2, True)
        assert command(place, "personne", "--reason", "x", "--yes").returncode == 3
        done = command(place, "jeu-00002", "--reason", "ordonnance", "--yes", "--lang", "fr")
        assert done.returncode == 0, done.stderr
        assert "il n’en reste rien" in done.stdout
        listed = json.loads(command(place, "--list", "--json").stdout)
        assert [(b["slug"], b["reason"], b["done"]) for b in listed] == [("jeu-00002", "ordonnance", True)]


def test_it_waits_for_dumps_that_are_being_made(tmp_path: Path) -> None:
    """They would have the dataset, and be there only after everything was looked through."""
    with three_nights(tmp_path / "city") as (place, _):
        with dump.alone(place.settings.store.path):
            run = threading.Thread(target=command, args=(place, "jeu-00002", "--reason", "x", "--yes"))
            run.start()
            run.join(4)
            assert run.is_alive()
            assert Releases(place.settings.store.path).pointer() == 3
        run.join(60)
        assert Releases(place.settings.store.path).pointer() == 4


def test_every_other_program_waits(tmp_path: Path) -> None:
    with three_nights(tmp_path / "city") as (place, _):
        assert Releases(place.settings.store.path).pointer() == 3
        with lock.writing(place.settings.store.path):
            assert command(place, "jeu-00002", "--reason", "x", "--yes").returncode == 3


def command(place: City, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "catalog.commands", "--config", str(place.config), "takedown", *arguments]
    return subprocess.run(line, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
