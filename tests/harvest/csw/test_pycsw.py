"""Another program's catalogue service (pycsw): read whole in each version and manner, and by its changes.

`GARONNE_PYCSW_PYTHON` names a Python that has it; without, these tests are skipped. `.ci/run` installs it.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from lxml import etree

from catalog.errors import ResponseInvalid
from catalog.model import Record
from catalog.settings import HarvestSettings, SourceSettings
from harvest.csw import responses
from harvest.incremental import Same
from harvest.iso import records as iso
from harvest.iso.document import Element, first
from harvest.sources.csw import Csw
from harvest.summary import Summary
from tests.fakes.csw import record, text
from tests.harvest.city import city
from tests.shared import shared

SCRIPT = Path(__file__).with_name("pycsw_service.py")
NOW = datetime.now(UTC).date().isoformat()
BASE = "https://data.exemple.fr/id/"


def python() -> str:
    found = os.environ.get("GARONNE_PYCSW_PYTHON")
    if not found:
        pytest.skip("pycsw is not installed: GARONNE_PYCSW_PYTHON names its Python")
    return found


def put(folder: Path, records: dict[str, str]) -> int:
    """The service's records are these, from its next answer on; how many of them it took."""
    (folder / "records").mkdir(exist_ok=True)
    for old in (folder / "records").iterdir():
        old.unlink()
    for name, body in records.items():
        (folder / "records" / f"{quote(name, safe='')}.xml").write_text(body, encoding="utf-8")
    done = subprocess.run(
        [python(), "-W", "ignore", str(SCRIPT), "load", str(folder)], capture_output=True, text=True, check=True
    )
    return int(done.stdout.split()[-1])


@contextmanager
def running(folder: Path) -> Iterator[str]:
    command = [python(), "-W", "ignore", str(SCRIPT), "serve", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/csw"
        finally:
            process.kill()


def dataset(name: str, *, code: str = "", date: str = "2024-05-01", title: str = "Arbres") -> str:
    made = record(name, title, date=date)
    given = f"<gmd:identifier><gmd:MD_Identifier><gmd:code>{text(code)}</gmd:code></gmd:MD_Identifier></gmd:identifier>"
    return made.replace("</gmd:title>", f"</gmd:title>{given}", 1) if code else made


def service(name: str, *of: str) -> str:
    inner = "".join(f"<srv:operatesOn uuidref='{one}'/>" for one in of)
    return record(name, "Carte", inner=inner, scope="service")


def test_every_record_is_read_in_each_version_by_either_method(tmp_path: Path) -> None:
    names = [f"jeu-{i}" for i in range(7)]
    assert put(tmp_path, {n: dataset(n) for n in names}) == 7
    with running(tmp_path) as url:
        for options in ({"version": v, "method": m} for v in ("2.0.2", "3.0.0") for m in ("get", "post")):
            options |= {"page_size": 3}  # type: ignore[dict-item]
            settings = SourceSettings(id="geo", kind="csw", url=url, allow_private=True, options=options)
            csw = Csw(settings, HarvestSettings(retries=0), lambda _m: None)
            assert sorted(one.id for one in csw.records() if isinstance(one, Record)) == names, options
            assert (csw.total, csw.complete) == (7, True), options


def counts(summary: Summary) -> dict[str, int]:
    return {k: v for k, v in summary.sources[0].outcomes.items() if v}


def contents(town: Any) -> set[str]:
    return {line for one in town.datasets().values() for line in one.lines if "/record/" not in line}


@pytest.mark.parametrize("options", ["", 'version = "2.0.2", method = "post"'])
def test_changes_lead_where_a_whole_reading_leads(options: str, tmp_path: Path) -> None:
    """Records change, come and go; the record of a service that was not touched follows a dataset's new address."""
    pycsw = tmp_path / "pycsw"
    pycsw.mkdir()
    records = {f"jeu-{i}": dataset(f"jeu-{i}", code=f"{BASE}{i}") for i in range(8)}
    records["carte"] = service("carte", "jeu-0", "jeu-1", "nouveau")
    put(pycsw, records)
    with running(pycsw) as url:
        table = f'[[source]]\nid = "geo"\nkind = "csw"\nurl = "{url}"\nallow_private = true\n'
        more = f"options = {{ incremental = true{', ' if options else ''}{options} }}\n"
        town = city(tmp_path / "a", table + more)
        assert counts(town.run()) == {"created": 9}
        same = town.run()
        assert counts(same) == {"unchanged": 9}
        assert any(note.en.startswith("only what changed") for note in same.sources[0].notes)
        records["jeu-0"] = dataset("jeu-0", code=f"{BASE}ailleurs", date=NOW)
        records["jeu-3"] = dataset("jeu-3", code=f"{BASE}3", date=NOW, title="Arbres en ville")
        records["nouveau"] = dataset("nouveau", code=f"{BASE}nouveau", date="2020-01-01")
        del records["jeu-5"]
        put(pycsw, records)
        changed = town.run()
        assert any(note.en.startswith("only what changed") for note in changed.sources[0].notes)
        found = contents(town)
        assert f"<{BASE}nouveau>" in "".join(line for line in found if "servesDataset" in line)
        assert counts(town.run(full=True)).keys() == {"unchanged"}
        assert contents(town) == found


def _real() -> dict[str, str]:
    """All real records of ISO 19139 with a name, as XML; of several with one name, the first."""
    found: dict[str, str] = {}
    for file in sorted(shared("data/real/csw").rglob("*.*")):
        try:
            root, _ = responses.tree(file.read_bytes(), what=file.name)
            elements = responses.page(root, what=file.name).elements
        except (ResponseInvalid, OSError):
            continue
        for one in filter(iso.is_record, elements):
            found.setdefault(iso.name_of(one), etree.tostring(one, encoding="unicode", with_tail=False))
    return {name: body for name, body in found.items() if name}


def _changed(payload: bytes) -> str:
    """The record with another title, and with today's date."""
    root: Element = iso.kept(payload, "a record")
    title = first(root, "identificationInfo/*/citation/*/title/*")
    date = first(root, "dateStamp/*")
    assert title is not None
    assert date is not None
    title.text, date.text = "Changé", NOW
    return etree.tostring(root, encoding="unicode")


def test_real_records_are_the_same_read_whole_or_by_changes(tmp_path: Path) -> None:
    """All real records that pycsw takes; some change, some go; what is kept of the others gives what they say now."""
    put(tmp_path, _real())
    with running(tmp_path) as url:
        settings = SourceSettings(id="geo", kind="csw", url=url, allow_private=True, options={"incremental": True})
        csw = Csw(settings, HarvestSettings(retries=0), lambda _m: None)
        before = {one.id: one for one in csw.records() if isinstance(one, Record)}
        assert len(before) >= 35
        records = {n: etree.tostring(iso.kept(one.payload, n), encoding="unicode") for n, one in before.items()}
        names = sorted(records)
        for name in names[::7]:
            del records[name]
        for name in names[1::7]:
            records[name] = _changed(before[name].payload)
        put(tmp_path, records)
        found = list(csw.changes(datetime.now(UTC) - timedelta(days=1), {n: r.payload for n, r in before.items()}))
        whole = {one.id: one for one in csw.records() if isinstance(one, Record)}
    given = {one.id: one.hash for one in found if isinstance(one, Record)}
    same = {one.id: before[one.id].hash for one in found if isinstance(one, Same)}
    assert given.keys() & same.keys() == set()
    assert given | same == {n: one.hash for n, one in whole.items()}
    assert set(names[1::7]) <= given.keys()
    assert len(same) >= 10, "the others changed, or are services on data"
