"""Another program's catalogue service (pycsw): read whole in each version and manner, and by its changes.

`GARONNE_PYCSW_PYTHON` names a Python that has it; without, these tests are skipped. `.ci/run` installs it.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from catalog.model import Record
from catalog.settings import HarvestSettings, SourceSettings
from harvest.sources.csw import Csw
from harvest.summary import Summary
from tests.fakes.csw import record, text
from tests.harvest.city import city

SCRIPT = Path(__file__).with_name("pycsw_service.py")
NOW = datetime.now(UTC).date().isoformat()
BASE = "https://data.exemple.fr/id/"


def python() -> str:
    found = os.environ.get("GARONNE_PYCSW_PYTHON")
    if not found:
        pytest.skip("pycsw is not installed: GARONNE_PYCSW_PYTHON names its Python")
    return found


def put(folder: Path, records: dict[str, str]) -> None:
    """The service's records are these, from its next answer on."""
    (folder / "records").mkdir(exist_ok=True)
    for old in (folder / "records").iterdir():
        old.unlink()
    for name, body in records.items():
        (folder / "records" / f"{name}.xml").write_text(body, encoding="utf-8")
    done = subprocess.run(
        [python(), "-W", "ignore", str(SCRIPT), "load", str(folder)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[-1] == str(len(records)), done.stderr


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
    put(tmp_path, {n: dataset(n) for n in names})
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
