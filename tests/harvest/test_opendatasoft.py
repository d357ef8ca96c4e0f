"""OpenDataSoft portals: the export streamed, else paged, beyond 10,000 by date; and portals in trouble."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.request import Request, urlopen

import pytest

from catalog.errors import ResponseInvalid, SourceError, SourceRefused, SourceUnavailable
from catalog.model import Record
from catalog.settings import HarvestSettings, SourceSettings
from harvest.coverage import identity
from harvest.mapping.context import Context
from harvest.source import Rejected, make
from harvest.sources.opendatasoft import OpenDataSoft
from tests.fakes.opendatasoft import CATALOG, Portal, names, portal, record
from tests.fakes.server import Answer
from tests.shared import shared
from vocab.text import Text

NO_EXPORT = Answer(b'{"error_code": "NotFound"}', 404)
HTML = Answer(b"<!DOCTYPE html><html><body>Connexion</body></html>", kind="text/html")


def source(address: str, said: list[Text] | None = None, **harvest: Any) -> OpenDataSoft:
    values: dict[str, Any] = {"timeout": 5.0, "retries": 2, "backoff": 0.01, **harvest}
    settings = SourceSettings(id="ods", kind="opendatasoft", url=address, allow_private=True)
    found = make(settings, HarvestSettings(**values), (said if said is not None else []).append)
    assert isinstance(found, OpenDataSoft)
    return found


def ids(found: OpenDataSoft) -> list[str]:
    return [r.id for r in found.records()]


def test_the_export_is_streamed_record_by_record() -> None:
    state = Portal([record(n) for n in names(250)])
    with portal(state) as server:
        found = source(server.address + "/")
        assert ids(found) == names(250)
    assert found.total == 250
    assert found.complete
    assert [a.path.split("?")[0] for a in server.asked] == [f"{CATALOG}/datasets", f"{CATALOG}/exports/json"]


def test_a_record_is_kept_as_it_came() -> None:
    with portal(Portal([record("é")])) as server:
        (one,) = source(server.address).records()
    assert isinstance(one, Record)
    assert json.loads(one.payload) == one.data == record("é")
    assert (one.source, one.id, one.uid, one.modified) == ("ods", "é", "da_é", "2024-05-06T07:08:09+00:00")


def test_without_export_it_is_paged_in_a_stable_order() -> None:
    said: list[Text] = []
    with portal(Portal([record(n) for n in reversed(names(250))], export=NO_EXPORT)) as server:
        assert ids(source(server.address, said)) == names(250)
    pages = [a.path for a in server.asked if "limit=100" in a.path]
    assert len(pages) == 3
    assert all("order_by=dataset_id" in p for p in pages)
    assert any("page by page" in s.en for s in said)


def test_the_wall_of_ten_thousand() -> None:
    """By date: half of them were modified on one day, some within one minute, some never."""
    count = 10_050
    dates = ["2020-01-01T00:00:00+00:00", "2024-03-04T05:06:07.890+00:00", None]
    every = [record(n, modified=dates[i % 3] if i % 2 else f"20{i % 20 + 10}-06-15T10:{i % 60:02d}:30+00:00")
             for i, n in enumerate(names(count))]  # fmt: skip
    with portal(Portal(every, export=NO_EXPORT)) as server:
        found = ids(source(server.address))
    assert sorted(found) == names(count)
    assert len(server.asked) < 400


def test_too_many_in_one_second_is_said() -> None:
    refused = pytest.raises(ResponseInvalid, match="10050 datasets were modified in the same second")
    with portal(Portal([record("a")], export=NO_EXPORT, counted=10_050)) as server, refused:
        ids(source(server.address))


def test_an_empty_portal_lists_nothing() -> None:
    with portal(Portal([])) as server:
        assert ids(source(server.address)) == []
    with portal(Portal([], export=NO_EXPORT)) as server:
        assert ids(source(server.address)) == []


def test_a_listing_shorter_than_announced_is_not_believed() -> None:
    refused = pytest.raises(ResponseInvalid, match="1 datasets came of the 5")
    with portal(Portal([record("a")], counted=5)) as server, refused:
        ids(source(server.address))


@pytest.mark.parametrize(
    ("export", "error", "said"),
    [
        (Answer(json.dumps([record("a"), record("b")]).encode()[:-40]), ResponseInvalid, "record 2"),
        (Answer(b'[{"dataset_id": "a"}', announced=5000), SourceUnavailable, "broke off"),
        (Answer(chunks=[b'[{"dataset_id": "a"},'], end=False), SourceUnavailable, "broke off"),
        (HTML, ResponseInvalid, "a web page came instead of JSON"),
        (Answer(b'{"error": 1}'), ResponseInvalid, "a JSON list was expected"),
        (Answer(b"[1, 2, 3"), ResponseInvalid, "record 4"),
        (Answer(b"[]", stall=1.0), SourceUnavailable, "no answer within"),
    ],
)  # fmt: skip
def test_a_broken_export(export: Answer, error: type[SourceError], said: str) -> None:
    with portal(Portal([record("a"), record("b")], export=export)) as server, pytest.raises(error, match=said):
        ids(source(server.address, timeout=0.3, retries=1))


@pytest.mark.parametrize(
    ("mood", "error", "said"),
    [
        (HTML, ResponseInvalid, "a web page came instead of a catalogue"),
        (Answer(b"[]"), ResponseInvalid, "no OpenDataSoft catalogue"),
        (Answer(b'{"results": []}'), ResponseInvalid, "no OpenDataSoft catalogue"),
        (Answer(b'{"results": [], "total_count": "many"}'), ResponseInvalid, "no OpenDataSoft catalogue"),
        (Answer(b"{"), ResponseInvalid, "no valid JSON"),
        (Answer(b"", 401), SourceRefused, "wants a login"),
        (Answer(b"", 403), SourceRefused, "refuses access"),
        (Answer(b"", 404), SourceRefused, "portal's root"),
        (Answer(status=302, headers={"Location": "https://elsewhere.example.org/"}), SourceRefused, "another host"),
    ],
)  # fmt: skip
def test_what_is_no_portal(mood: Answer, error: type[SourceError], said: str) -> None:
    with portal(Portal([record("a")], moods=[mood])) as server, pytest.raises(error, match=said):
        ids(source(server.address))
    with portal(Portal([record("a")], moods=[mood])) as server:
        check = source(server.address).check()
    assert not check.ok
    assert said in f"{check.message} {check.hint}"


def test_a_busy_portal_is_waited_for_and_the_wait_is_announced() -> None:
    said: list[Text] = []
    moods = [Answer(status=429, headers={"Retry-After": "0"}), Answer(status=503, headers={"x-ratelimit-reset": "0"})]
    with portal(Portal([record("a")], moods=moods)) as server:
        assert ids(source(server.address, said)) == ["a"]
    assert [("429" in said[0].en, "Trying again in 0 s" in said[0].en), "503" in said[1].en] == [(True, True), True]
    assert "Nouvel essai dans 0 s" in said[0].fr


def test_rows_that_are_no_record_are_rejected_one_by_one() -> None:
    rows: list[Any] = [record("a"), {"no": "identifier"}, 12, record("b")]
    text = json.dumps(rows).encode()
    with portal(Portal([record("a")] * 4, export=Answer(text))) as server:
        found = list(source(server.address).records())
    assert [type(r) for r in found] == [Record, Rejected, Rejected, Record]


def test_check_asks_once() -> None:
    with portal(Portal([record(n) for n in names(12)])) as server:
        check = source(server.address).check()
    assert (check.ok, check.datasets, len(server.asked)) == (True, 12, 1)


# ── the portal that the other yardsticks use ─────────────────────────────────────────────────────────────────────────


@contextmanager
def big_portal(datasets: int) -> Iterator[str]:
    """The shared portal, by its own command."""
    program = shared("tools/portal.py")
    shared("data/real/opendatasoft/derived/public-portal-2015.v21.json")
    command = [sys.executable, str(program), "--port", "0", "--datasets", str(datasets)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            yield running.stdout.readline().strip()
        finally:
            running.terminate()


def control(address: str, **values: float) -> None:
    query = "&".join(f"{k}={v}" for k, v in values.items())
    urlopen(Request(f"{address}/_control?{query}", method="POST")).close()


def test_the_shared_portal_and_its_moods() -> None:
    with big_portal(400) as address:
        before = [r for r in source(address).records() if isinstance(r, Record)]
        assert len({r.id for r in before}) == 400
        assert [r.hash for r in source(address).records() if isinstance(r, Record)] == [r.hash for r in before]
        control(address, cut=1)
        with pytest.raises(SourceError):
            ids(source(address))
        control(address, cut=0, rename=1, drop=10)
        after = [r for r in source(address).records() if isinstance(r, Record)]
        assert len(after) == 390
        assert len({r.uid for r in before} & {r.uid for r in after}) == 390
        control(address, bad=6)
        assert len(list(source(address).records())) == 390
        control(address, stall=1)
        with pytest.raises(SourceUnavailable):
            ids(source(address, timeout=0.2, retries=0))


@pytest.mark.parametrize(("api", "said_of"), [("v2.0", "v2.0"), ("v2.0 rows", "v2.0"), ("v1", "v1")])
def test_older_apis_are_found_out_by_asking(api: str, said_of: str) -> None:
    said: list[Text] = []
    with portal(Portal([record(n) for n in names(250)], api=api)) as server:
        found = source(server.address, said)
        records = list(found.records())
        assert [r.id for r in records] == names(250)
        assert found.total == 250
        assert [s.en for s in said] == [f"The portal has no Explore API v2.1; reading it by {said_of}."]
        check = found.check()
        assert (check.ok, check.datasets, check.message) == (True, 250, f"OpenDataSoft, Explore API {said_of}")
        (first, *_) = records
        assert isinstance(first, Record)
        assert first.identifier == f"{server.address}/explore/dataset/{names(1)[0]}/"


def test_the_rdf_export_is_the_last_resort_and_is_repaired() -> None:
    """The native export, with the defects that it has at every portal: Rennes, read under the names of its API."""
    body = shared("data/real/opendatasoft/data-fair__data-fair/dcat/ods-export.rdf").read_bytes()
    said: list[Text] = []
    with portal(Portal(api="rdf", rdf=body)) as server:
        found = source(server.address, said)
        records = [r for r in found.records() if isinstance(r, Record)]
        assert found.check().message == "OpenDataSoft, by its RDF export only"
        context = Context(base="https://c.example.org/", source="ods", portal=server.address, now=datetime.now(UTC))
        assert len(records) == 27
        one = next(r for r in records if r.id == "ocsge_rm_2020")
        assert one.identifier == f"{server.address}/explore/dataset/ocsge_rm_2020/"
        for each in records:
            assert found.admit(each, context) is None
        text = found.map(one, identity(one), context).dataset.canonical.decode()
    assert "rdf-syntax-ns#type> <http://purl.org/dc/dcmitype/Dataset>" in text
    assert "id.loc.gov" not in text
    assert "authority/language/FRA" in text
    assert "<p>" not in text
    assert "authority/file-type/CSV" in text
    assert said[-1].en.endswith("reading the catalogue that it exports as RDF.")


def test_a_portal_of_another_make_says_what_the_newest_api_said() -> None:
    with portal(Portal(api="none")) as server:
        with pytest.raises(SourceRefused, match=r"404"):
            ids(source(server.address))
        assert "v2.1" in source(server.address).check().message
