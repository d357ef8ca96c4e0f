"""The scheduler beside the service: what it harvests is served, what it does is shown, and it ends with the service."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from catalog import schedule
from catalog.errors import StoreLocked
from tests.api.city import settings_in
from tests.api.server import Server


@pytest.fixture
def source(tmp_path: Path) -> str:
    """A scheduled source of two records."""
    folder = tmp_path / "records"
    folder.mkdir()
    for record in sorted(Path(str(files("harvest").joinpath("sample", "datasets"))).glob("*.json"))[:2]:
        shutil.copy(record, folder)
    where = f'path = "{folder}"\nurl = "https://portail.example.org"'
    return f'\n[schedule]\njitter = 0\n\n[[source]]\nid = "ville"\nkind = "files"\n{where}\nschedule = "@daily"\n'


def soon(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def free(folder: Path) -> bool:
    """Whether no scheduler attends to the catalogue."""
    try:
        with schedule.attending(folder):
            return True
    except StoreLocked:
        return False


def test_an_empty_catalogue_fills_by_itself(tmp_path: Path, source: str) -> None:
    settings = settings_in(tmp_path)
    with Server(settings, tmp_path, more=source) as server:
        soon(lambda: server.get("/catalog.ttl").status == 200)
        soon(lambda: "ville" in schedule.read(settings.store.path))
        soon(lambda: bool(schedule.read(settings.store.path)["ville"].ended))
        page = server.get("/status?lang=fr").text
        assert "Moissonnages prévus" in page
        assert "@daily" in page
        assert not free(settings.store.path)
        looked = schedule.looked(settings.store.path)
        assert looked is not None
        assert datetime.now(UTC) - looked < timedelta(minutes=1)
        said = Path(server.log.name).read_text()
        assert "INFO garonne.harvest [run-1]: ville: harvested" in said.splitlines()
        told = re.search(r"^garonne_scheduler_look_timestamp_seconds (\S+)$", server.get("/metrics").text, re.MULTILINE)
        assert told
        assert time.time() - float(told[1]) < 60
    soon(lambda: free(settings.store.path))


def test_a_killed_service_leaves_no_scheduler(tmp_path: Path, source: str) -> None:
    settings = settings_in(tmp_path)
    with Server(settings, tmp_path, more=source) as server:
        soon(lambda: not free(settings.store.path))
        server.process.kill()
        server.process.wait()
        soon(lambda: free(settings.store.path))


def test_the_schedule_may_be_left_to_others(tmp_path: Path, source: str) -> None:
    settings = settings_in(tmp_path)
    settings = replace(settings, schedule=replace(settings.schedule, enabled=False))
    others = source.replace("[schedule]", "[schedule]\nenabled = false")
    with Server(settings, tmp_path, "--no-schedule", more=others) as server:
        time.sleep(2)
        assert "garonne_source_patience_seconds" in server.get("/metrics").text
        assert "garonne_scheduler_look_timestamp_seconds" not in server.get("/metrics").text
        assert free(settings.store.path)
        assert not schedule.read(settings.store.path)
