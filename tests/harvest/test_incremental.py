"""Sources that are asked for what changed alone: the catalogue is the same as if everything had been read."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest

from catalog import schema
from catalog.errors import SettingsInvalid
from catalog.model import Record
from harvest.incremental import MOST_UNKNOWN, NotIncremental, Same, together
from harvest.source import Rejected
from harvest.sources.udata import NAMES
from harvest.summary import Summary
from tests.fakes import ckan, csw, oai_pmh, opendatasoft, udata
from tests.fakes.server import Answer, Running, serving
from tests.harvest.city import City, city

OLD = "2024-06-07T08:09:10"
NOW = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")


@dataclass
class Kind:
    """One kind of source: what it holds by name (the moment of its last change and a title), and how it says so."""

    name: str
    reply: Callable[[dict[str, tuple[str, str]], set[str]], Callable[[str], Answer]]
    whole: str
    """What the path of a request for everything has in it, that of one for changes has not."""
    held: dict[str, tuple[str, str]] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)


def _ckan(held: dict[str, tuple[str, str]], _deleted: set[str]) -> Callable[[str], Answer]:
    def reply(path: str) -> Answer:
        packages = [ckan.package(n, metadata_modified=at, title=title) for n, (at, title) in held.items()]
        return ckan.Portal(packages).reply(path)

    return reply


def _ods(held: dict[str, tuple[str, str]], _deleted: set[str]) -> Callable[[str], Answer]:
    def reply(path: str) -> Answer:
        records = [opendatasoft.record(n, title=title, modified=f"{at}+00:00") for n, (at, title) in held.items()]
        return opendatasoft.Portal(records).reply(path)

    return reply


def _oai(held: dict[str, tuple[str, str]], deleted: set[str]) -> Callable[[str], Answer]:
    repository = oai_pmh.Repository({})

    def reply(path: str) -> Answer:
        records = {f"oai:{n}": (at[:10], {"oai_dc": oai_pmh.dc(title)}) for n, (at, title) in held.items()}
        records |= {f"oai:{n}": (NOW[:10], {}) for n in deleted}
        repository.records = records
        return repository.reply(path)

    return reply


def _udata(held: dict[str, tuple[str, str]], _deleted: set[str]) -> Callable[[str], Answer]:
    """udata's own dates say what changed; `last_modified` is what the harvested portal said, and stays."""

    def reply(path: str) -> Answer:
        datasets = [
            udata.dataset(
                n, id=n, title=title, internal={"last_modified_internal": f"{at}+00:00"}, harvest={"last_update": OLD}
            )
            for n, (at, title) in held.items()
        ]
        return udata.Portal(datasets, services=[]).reply(path)

    return reply


def _csw(held: dict[str, tuple[str, str]], _deleted: set[str]) -> Callable[[str], Answer]:
    def reply(path: str) -> Answer:
        records = [csw.record(n, title, date=at[:10]) for n, (at, title) in held.items()]
        return csw.Catalogue(records, modified="apiso:Modified").reply(path)

    return reply


_NAMESPACES = quote_plus(f"xmlns(csw={csw.CORE['2.0.2']}),xmlns(gmd={csw.GMD})")
KINDS = [
    Kind("ckan", _ckan, "rows=500&start=0&sort=id+asc"),
    Kind("opendatasoft", _ods, "/exports/json"),
    Kind("oai-pmh", _oai, "metadataPrefix=oai_dc"),
    Kind("udata", _udata, "/datasets/?sort=created&page=1&page_size=100"),
    Kind("csw", _csw, f"maxRecords=50&namespace={_NAMESPACES}&resultType=results"),
]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    held = {f"jeu-{i:02d}": (OLD, f"Jeu {i}") for i in range(12)}
    return Kind(request.param.name, request.param.reply, request.param.whole, held)


@contextmanager
def running(kind: Kind, folder: Path, *, option: str = "incremental = true") -> Iterator[tuple[City, Running]]:
    with serving(kind.reply(kind.held, kind.deleted)) as server:
        table = f'[[source]]\nid = "s"\nkind = "{kind.name}"\nurl = "{server.address}"\nallow_private = true\n'
        yield city(folder, table + (f"options = {{ {option} }}\n" if option else "")), server


def counts(summary: Summary) -> dict[str, int]:
    return {k: v for k, v in summary.sources[0].outcomes.items() if v}


def said(summary: Summary) -> bool:
    return any(note.en.startswith("only what changed since") for note in summary.sources[0].notes)


def whole(kind: Kind, server: Running) -> int:
    """How often everything was asked for."""
    number = sum(one.path.endswith(kind.whole) for one in server.asked)
    server.asked.clear()
    return number


def titles(a_city: City) -> list[str]:
    """What the datasets are called; each keeps its slug whatever becomes of its title."""
    return sorted(x.split("/title> ")[1] for d in a_city.datasets().values() for x in d.lines if "/title>" in x)


def test_changes_new_ones_and_withdrawals_are_those_of_a_whole_reading(kind: Kind, tmp_path: Path) -> None:
    with running(kind, tmp_path / "a") as (town, server):
        assert not said(town.run())
        assert whole(kind, server) == 1
        same = town.run()
        assert said(same)
        assert whole(kind, server) == 0
        assert counts(same) == {"unchanged": 12}
        kind.held["jeu-03"] = (NOW, "Jeu trois")
        kind.held["neuf"] = (NOW, "Neuf")
        kind.held["retrouvé"] = ("2023-01-01T00:00:00", "Ancien") if kind.name != "oai-pmh" else (NOW, "Ancien")
        del kind.held["jeu-05"]
        kind.deleted.add("jeu-05")
        changed = town.run()
        assert said(changed)
        assert whole(kind, server) == 0
        assert counts(changed) == {"created": 2, "updated": 1, "unchanged": 10, "withdrawn": 1}
        assert counts(town.run()) == {"unchanged": 13}
        found = titles(town)
        whole(kind, server)
        full = town.run(full=True)
        assert not said(full)
        assert whole(kind, server) == 1
        assert counts(full) == {"unchanged": 13}
    with running(kind, tmp_path / "b") as (anew, _):
        anew.run()
        assert titles(anew) == found


def test_nothing_is_asked_so_unless_the_settings_say_it(kind: Kind, tmp_path: Path) -> None:
    with running(kind, tmp_path, option="") as (town, server):
        town.run()
        assert not said(town.run())
        assert whole(kind, server) == 2


def test_all_is_read_when_the_last_whole_reading_is_old(kind: Kind, tmp_path: Path) -> None:
    with running(kind, tmp_path) as (town, _):
        town.run()
        assert said(town.run())
        with schema.connect(tmp_path / "var", write=True) as db:
            long_ago = (datetime.now(UTC) - timedelta(days=8)).isoformat()
            assert db.execute("UPDATE readings SET whole = ?", (long_ago,)).rowcount == 1
        db.close()
        kind.held["jeu-01"] = (OLD, "Changé sans nouvelle date")
        assert counts(town.run()) == {"updated": 1, "unchanged": 11}
        assert said(town.run())


def test_a_source_that_is_down_meanwhile_keeps_its_records(kind: Kind, tmp_path: Path) -> None:
    with running(kind, tmp_path) as (town, _):
        town.run()
    assert town.run().sources[0].status == "failed"
    assert len(town.datasets()) == 12


def test_what_a_portal_refuses_is_asked_for_otherwise(tmp_path: Path) -> None:
    held = {f"jeu-{i}": (OLD, f"Jeu {i}") for i in range(3)}
    plain = _ods(held, set())
    refuse = Answer(b'{"error_code": "ODSQLError"}', status=400)
    with serving(lambda path: refuse if "where=" in path or "select=" in path else plain(path)) as server:
        table = f'[[source]]\nid = "s"\nkind = "opendatasoft"\nurl = "{server.address}"\nallow_private = true\n'
        town = city(tmp_path, table + "options = { incremental = true }\n")
        town.run()
        again = town.run()
        assert not said(again)
        assert counts(again) == {"unchanged": 3}


@pytest.mark.parametrize("more", ["", 'set = "a", '])
def test_deletions_that_are_forgotten_or_a_set_that_is_left_need_the_whole_list(tmp_path: Path, more: str) -> None:
    held = {f"jeu-{i}": (OLD, f"Jeu {i}") for i in range(3)}
    plain = _oai(held, set())

    def transient(path: str) -> Answer:
        answer = plain(path)
        return answer if more else Answer(answer.body.replace(b"persistent", b"transient"), kind=answer.kind)

    with serving(transient) as server:
        table = f'[[source]]\nid = "s"\nkind = "oai-pmh"\nurl = "{server.address}"\nallow_private = true\n'
        town = city(tmp_path, f"{table}options = {{ {more}incremental = true }}\n")
        town.run()
        assert not said(town.run())


def test_the_option_is_a_flag(tmp_path: Path) -> None:
    table = '[[source]]\nid = "s"\nkind = "ckan"\nurl = "http://127.0.0.1/"\noptions = { incremental = "yes" }\n'
    with pytest.raises(SettingsInvalid, match=r"options\.incremental is true or false"):
        city(tmp_path, table).run()


def _given(*names: str) -> Iterator[tuple[str, Record | Rejected]]:
    yield from ((n, Record("s", n, b"", {}, n, None)) for n in names)


def test_each_record_comes_once() -> None:
    asked: list[list[str]] = []

    def fetch(names: list[str]) -> Iterator[tuple[str, Any]]:
        asked.append(names)
        return _given(*names)

    found = list(together(["a", "b", "new"], {"a", "b", "gone"}, fetch, _given("b", "new")))
    assert asked == [["new"]]
    assert [one.id for one in found if isinstance(one, Record)] == ["new", "b"]
    assert [one for one in found if isinstance(one, Same)] == [Same("a")]


def test_too_many_unknown_ones_are_read_as_a_whole() -> None:
    with pytest.raises(NotIncremental):
        next(together(map(str, range(MOST_UNKNOWN + 1)), set(), lambda n: _given(*n), _given()))


def test_a_refusal_of_the_question_itself_never_shortens_the_list(tmp_path: Path) -> None:
    held = {f"jeu-{i}": (OLD, f"Jeu {i}") for i in range(3)}
    plain = _oai(held, set())
    refuse = oai_pmh.error("badArgument", "from")
    with serving(lambda path: refuse if "from=" in path else plain(path)) as server:
        table = f'[[source]]\nid = "s"\nkind = "oai-pmh"\nurl = "{server.address}"\nallow_private = true\n'
        town = city(tmp_path, table + "options = { incremental = true }\n")
        town.run()
        again = town.run()
        assert not said(again)
        assert counts(again) == {"unchanged": 3}


def test_repeated_identifiers_are_not_forgotten_in_between(tmp_path: Path) -> None:
    records = [opendatasoft.record(f"jeu-{i:02d}", title=f"Jeu {i}", modified=f"{OLD}+00:00") for i in range(12)]
    portal = opendatasoft.Portal([*records, *records[:7]])
    with serving(portal.reply) as server:
        table = f'[[source]]\nid = "s"\nkind = "opendatasoft"\nurl = "{server.address}"\nallow_private = true\n'
        town = city(tmp_path, table + "options = { incremental = true }\n[source.guard]\nmax_changed = 1.0\n")
        town.run()
        strict = city(tmp_path, table + "options = { incremental = true }\n")
        assert town.run().sources[0].status == "harvested"
        assert strict.run(full=True).sources[0].status == "harvested"


def test_what_udata_harvested_again_is_read_and_what_has_no_dates_too(tmp_path: Path) -> None:
    """Of what udata harvests neither `last_modified` nor its own date need move; data services are read each time."""
    internal = {"last_modified_internal": f"{OLD}+00:00"}
    jeux = [udata.dataset(f"jeu-{i}", id=f"jeu-{i}", internal=internal, harvest=None) for i in range(4)]
    jeux[1] |= {"harvest": {"last_update": f"{NOW}+00:00"}}
    jeux[2] |= {"internal": {}}
    portal = udata.Portal(jeux, services=[udata.service("une")])
    with serving(portal.reply) as server:
        table = f'[[source]]\nid = "s"\nkind = "udata"\nurl = "{server.address}"\nallow_private = true\n'
        town = city(tmp_path, table + "options = { incremental = true }\n")
        assert counts(town.run()) == {"created": 5}
        for one in jeux[1:3]:
            one["title"] = "Changé"
        portal.services = [udata.service("une", title="API changée")]
        server.asked.clear()
        again = town.run()
        assert said(again)
        assert counts(again) == {"updated": 3, "unchanged": 2}
        asked = [one for one in server.asked if "/datasets/" in one.path]
        assert [one.path.rpartition("/datasets/")[2] for one in asked] == [
            "?sort=created&page=1&page_size=500",
            "jeu-1/",
            "jeu-2/",
        ]
        assert asked[0].headers["X-Fields"] == NAMES
        assert "X-Fields" not in asked[1].headers


def test_udata_understands_the_mask() -> None:
    """By the parser of the library that udata's API is made with."""
    python = os.environ.get("GARONNE_UDATA_PYTHON")
    if not python:
        pytest.skip("udata is not installed: GARONNE_UDATA_PYTHON names its Python")
    page = {"data": [udata.dataset("a", internal={"last_modified_internal": OLD, "created_at_internal": OLD})]}
    page |= {"next_page": None, "total": 1, "page": 1}
    code = (
        "import json, sys; from flask_restx.mask import apply; page, mask = json.load(sys.stdin);"
        " json.dump(apply(page, mask), sys.stdout)"
    )
    given = json.dumps([page, NAMES])
    done = subprocess.run([python, "-c", code], input=given, capture_output=True, text=True, check=True)
    (one,) = json.loads(done.stdout)["data"]
    assert one == {"id": "id-a", "internal": {"last_modified_internal": OLD}, "harvest": None}
    assert json.loads(done.stdout).keys() == {"data", "next_page", "total"}
