"""A kill at any moment leaves the previous release served, and the next run able to start and to finish the work."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from catalog.model import Kind
from catalog.store import open_read_only
from tests.harvest.city import City, city, live, portal

GARONNE = Path(sys.executable).parent / "garonne"
DATASETS = 300


def start(a_city: City) -> subprocess.Popen[bytes]:
    command = [str(GARONNE), "--config", str(a_city.config), "harvest", "run", "--no-validate", "--quiet"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def whole(a_city: City) -> dict[str, bytes]:
    """The current release, read through every door: its descriptions; the store must hold as many datasets."""
    release = a_city.current()
    found = {slug: d.canonical for slug, d in a_city.datasets().items()}
    assert len(found) == release.manifest.datasets == a_city.view().count(Kind.DATASET)
    store = open_read_only(release.store)
    asked = "SELECT (COUNT(*) AS ?n) { ?d a <http://www.w3.org/ns/dcat#Dataset> }"
    assert int(next(iter(store.query(asked)))["n"].value) == len(found)  # type: ignore[union-attr, index, arg-type]
    return found


def length_of_a_run(a_city: City) -> float:
    began = time.monotonic()
    assert start(a_city).wait(timeout=120) == 0
    return time.monotonic() - began


@pytest.mark.parametrize("moment", [0.15, 0.35, 0.5, 0.65, 0.8, 0.9, 0.97])
def test_kill_9(tmp_path: Path, moment: float) -> None:
    with portal(DATASETS) as p:
        toulouse = city(tmp_path, live(p.url))
        seconds = length_of_a_run(toulouse)
        before = whole(toulouse)
        p.control(change=DATASETS // 2, rename=3)
        run = start(toulouse)
        time.sleep(seconds * moment * random.uniform(0.9, 1.1))  # noqa: S311  any moment will do
        run.send_signal(signal.SIGKILL)
        run.wait()
        killed_at = toulouse.current().number
        if killed_at == 1:
            assert whole(toulouse) == before, "the previous release is served, byte for byte"
        summary = toulouse.run()
        assert summary.sources[0].status == "harvested"
        after = whole(toulouse)
        assert sum(after[s] != before[s] for s in before) == DATASETS // 2
        assert after.keys() == before.keys()
        assert toulouse.current().number == 2
        assert toulouse.run().release is None, "and then nothing is left to do"
        assert not (tmp_path / "var/work").exists()


def test_interruption_by_the_keyboard_ends_with_130_and_publishes_nothing(tmp_path: Path) -> None:
    with portal(DATASETS) as p:
        toulouse = city(tmp_path, live(p.url))
        p.control(stall=2)
        run = start(toulouse)
        for _ in range(600):
            if (tmp_path / "var/lock").exists():  # while modules are imported, an interruption can get lost
                break
            time.sleep(0.1)
        time.sleep(0.3)
        run.send_signal(signal.SIGINT)
        assert run.wait(timeout=20) == 130
        assert toulouse.releases.current() is None
        p.control(stall=0)
        assert toulouse.run().release == 1
