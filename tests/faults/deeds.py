"""What is done while kills happen: everything that writes to a catalogue. Each is done in a child process."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from catalog import backups, changes, lock
from catalog.commands.releases import roll_back
from catalog.graph_store import Document
from catalog.local import LocalGraphs
from catalog.releases import Releases
from catalog.settings import Settings
from catalog.takedown.order import take_down
from harvest import pipeline
from tests.harvest.city import City


def harvest(city: City, back: timedelta = timedelta()) -> dict[str, Any]:
    """One run, by a clock that is `back`; what became of the source, and the release that it published."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Clock:
            return cls.fromtimestamp(datetime.now(tz).timestamp() - back.total_seconds(), tz)

    if back:
        for module in (pipeline, changes):
            vars(module)["datetime"] = Clock  # in this child only
    summary = city.run()
    return {"status": summary.sources[0].status, "release": summary.release, "outcomes": summary.sources[0].outcomes}


def takedown(settings: Settings, slug: str) -> list[str]:
    """Takes a dataset down; what is left of it."""
    return take_down(settings, slug, "essai", lambda _text: None).left


def rollback(settings: Settings) -> int:
    """Goes back to the oldest release that is kept; the number of the new one."""
    with lock.writing(settings.store.path):
        oldest = Releases(settings.store.path).list()[0].number
        return roll_back(settings, oldest).number


def local(settings: Settings, text: str) -> int:
    """Writes a local graph, as the service does when it is asked to."""
    with lock.writing(settings.store.path):
        graphs = LocalGraphs(settings)
        statement = f'<urn:x:a> <urn:x:b> "{text}" .'.encode()
        graphs.put(f"{settings.catalog.base}graph/local/essai", [Document("application/n-triples", statement)])
        return graphs.publish()


def backup(settings: Settings, target: Path) -> int:
    """Backs everything up and verifies it; how many files are damaged."""
    backups.back_up(settings, target)
    return len(backups.damaged(target))


def spoil(settings: Settings) -> None:
    """Takes a file out of the current release's store, under everybody's hands."""
    current = Releases(settings.store.path).current()
    assert current is not None
    max(current.store.glob("*.sst"), key=lambda file: file.stat().st_size).unlink()
