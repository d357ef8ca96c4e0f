"""Kills of what keeps a catalogue: `backup`, `restore`, `releases export` and `doctor --repair`, each checked after.

One small catalogue of three releases; each trial has a copy of it, works on it in a child that is killed at one of its
steps or at some moment, looks at what is there, and does the same again, to its end.
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from catalog import aside, backups, copies, lock, restoration
from catalog.doctor.repair import repair
from catalog.errors import StoreDamaged
from catalog.releases import Releases
from catalog.settings import Settings
from tests.catalog.making import draft, enter, record, release, settings
from tests.faults import killing
from tests.faults.promises import facts, leftovers, look

DEEDS = ("backup", "restore", "restore in two steps", "first restore", "export", "repair")
DAMAGES = ("rows", "store", "manifest", "work", "pointer")
OLD, NEW = 3, 4
"""The current release of the backup, and of the catalogue that a restore replaces."""


@dataclass
class Kill:
    """One kill: of what, whether it came in time, and what it broke."""

    deed: str
    came: bool
    wrong: list[str] = field(default_factory=list)


class Keeping:
    """The catalogue, its backup, and what every release of it says."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311  no secret
        self.folder = folder
        self.kills: list[Kill] = []
        self.lengths: dict[str, tuple[int, float]] = {}
        self.old = settings(folder / "old" / "var")
        self.backup = folder / "backup"
        killing.done(partial(_made, self.old, self.backup))
        self.new = settings(folder / "new" / "var")
        shutil.copytree(folder / "old", folder / "new")
        killing.done(partial(_published, self.new))
        self.said = {name: self._said(at) for name, at in (("old", self.old), ("new", self.new))}

    def _said(self, at: Settings) -> dict[int, str]:
        found = facts(killing.done(partial(look, at, self.folder)))
        assert not found.wrong, found.wrong
        return found.said

    def kill(self) -> Kill:
        """One trial."""
        deed = DEEDS[len(self.kills) % len(DEEDS)]
        place = self.folder / "trial"
        shutil.rmtree(place, ignore_errors=True)
        at = settings(place / "var")
        if deed == "first restore":
            place.mkdir()
        else:
            shutil.copytree(self.folder / "new", place)
        trial = {
            "backup": self._backup,
            "restore": partial(self._restore, at_once=True, first=False),
            "restore in two steps": partial(self._restore, at_once=False, first=False),
            "first restore": partial(self._restore, at_once=False, first=True),
            "export": self._export,
            "repair": self._repair,
        }[deed]
        kill = Kill(deed, came=False)
        kill.wrong += trial(at, kill)
        self.kills.append(kill)
        return kill

    def _killed(self, deed: str, work: Callable[[], Any]) -> bool:
        """Does the work until it is killed; whether that came in time."""
        count, seconds = self.lengths.get(deed, (0, 0.0))
        if not count:  # how long it is, is found out by doing it; what it made is taken back
            return self._measured(deed, work)
        if (drawn := self.rng.random()) < 0.75:
            last = drawn < 0.4  # most of the steps copy; what is risky comes at the end
            child = killing.start(work, at=self.rng.randint(max(1, count - 14) if last else 1, count))
        else:
            child = killing.start(work)
            time.sleep(self.rng.uniform(0, seconds))
            child.kill()
        child.wait()
        if not child.killed:
            child.result()
        return child.killed

    def _measured(self, deed: str, work: Callable[[], Any]) -> bool:
        began = time.monotonic()
        self.lengths[deed] = (killing.steps(work), time.monotonic() - began)
        return False

    def _backup(self, at: Settings, kill: Kill) -> Iterator[str]:
        target = self.folder / "trial" / "backup"
        kill.came = self._killed("backup", partial(_backed_up, at, target))
        if (target / backups.FILE).exists():
            yield from (f"what says that it is a backup is damaged: {one}" for one in backups.damaged(target))
        yield from self._same(at, "new")
        again = target.with_name("again")
        yield from killing.done(partial(_backed_up, at, again))
        if (at.store.path / backups.HELD).exists():
            yield "the next backup leaves what the killed one held"

    def _restore(self, at: Settings, kill: Kill, *, at_once: bool, first: bool) -> Iterator[str]:
        work = partial(_restored, self.backup, at, at_once=at_once)
        kill.came = self._killed(f"restore {at_once} {first}", work)
        place = at.store.path
        number = Releases(place).pointer() if aside.occupied(place) else 0
        if number:
            yield from self._same(at, "old" if number == OLD else "new")
            if not first and not self._somewhere(place):
                yield "the catalogue that was there is lost"
        elif (place.exists() and any(place.iterdir())) or aside.beside(place, aside.RESTORING).exists() or not first:
            yield from self._refused(at)
        killing.done(partial(_repaired, at))
        if not first and not self._somewhere(place):
            yield "the catalogue that was there is lost"
        if aside.beside(place, aside.RESTORED).exists():
            yield "a repair leaves the restore as it is"
        killing.done(work)
        yield from self._same(at, "old")
        yield from (f"left over: {p.name}" for p in place.parent.iterdir() if p.name.startswith("var.resto"))
        if not first and not self._somewhere(place):
            yield "the catalogue that was there is lost"

    def _refused(self, at: Settings) -> Iterator[str]:
        """Nobody begins a new catalogue where a restore has not ended."""
        place = at.store.path
        left = [p for p in place.parent.iterdir() if p.name.startswith(("var.restor", "var.before-"))]
        if left and killing.done(partial(_begins, at)):
            yield f"a new catalogue would begin beside {left[0].name}"

    def _somewhere(self, place: Path) -> bool:
        """Whether the catalogue that a restore replaces is in its place or beside it, whole."""
        for folder in (place, *place.parent.glob("var.before-*"), *place.parent.glob("var.restored")):
            if aside.occupied(folder) and Releases(folder).pointer() == NEW:
                return self._said(settings(folder)) == self.said["new"]
        return False

    def _export(self, at: Settings, kill: Kill) -> Iterator[str]:
        target = self.folder / "trial" / "copy"
        kill.came = self._killed("export", partial(_exported, at, target))
        if target.exists():
            yield from (f"an exported copy is damaged: {one}" for one in copies.damaged(target))
            shutil.rmtree(target)
        yield from killing.done(partial(_exported, at, target))
        if target.with_name("copy.partial").exists():
            yield "the next export leaves what the killed one wrote"
        yield from self._same(at, "new")

    def _repair(self, at: Settings, kill: Kill) -> Iterator[str]:
        for damage in sorted(self.rng.sample(DAMAGES, 2), key=DAMAGES.index):
            killing.done(partial(_spoiled, at, damage))
        kill.came = self._killed("repair", partial(_repaired, at))
        yield from killing.done(partial(_repaired, at))
        yield from self._same(at, "new")
        yield from (f"left over: {one}" for one in killing.done(partial(leftovers, at)))

    def _same(self, at: Settings, name: str) -> Iterator[str]:
        found = facts(killing.done(partial(look, at, self.folder)))
        yield from found.wrong
        if found.said != self.said[name]:
            yield f"its releases {sorted(found.said)} do not say what they said: {sorted(self.said[name])}"


def told(kills: list[Kill]) -> str:
    """The figures, as a line."""
    came = [k for k in kills if k.came]
    deeds = ", ".join(f"{deed} {sum(k.deed == deed for k in came)}" for deed in DEEDS)
    return f"keeping: {len(came)} kills in time ({deeds}); {sum(bool(k.wrong) for k in kills)} broke a promise"


def _made(at: Settings, backup: Path) -> int:
    for titles in ({"a": "Un", "b": "Deux"}, {"b": "Deux bis"}, {"c": "Trois"}):
        release(at.store.path, titles)
    return backups.back_up(at, backup).release


def _published(at: Settings) -> int:
    return release(at.store.path, {"d": "Quatre"}).number


def _backed_up(at: Settings, target: Path) -> list[str]:
    made = backups.back_up(at, target)
    return [*backups.damaged(target), *made.rotten]


def _restored(backup: Path, at: Settings, *, at_once: bool) -> int:
    if not at_once:
        restoration.exchange = lambda _one, _other: False  # in this child only: a system that has no such step
    return restoration.restore(backup, at, replace=True).release


def _exported(at: Settings, target: Path) -> list[str]:
    copies.export(at, NEW, target)
    return copies.damaged(target)


def _repaired(at: Settings) -> list[str]:
    return [words for well, words in repair(at) if not well]


def _begins(at: Settings) -> bool:
    """Whether a run would begin."""
    try:
        with lock.writing(at.store.path):
            return True
    except StoreDamaged:
        return False


def _spoiled(at: Settings, damage: str) -> None:
    folder = at.store.path
    current = Releases(folder).path(NEW)
    if damage == "store":
        max(current.glob("store/*.sst"), key=lambda file: file.stat().st_size).unlink()
    elif damage == "manifest":
        (current / "manifest.json").unlink()
    elif damage == "pointer":
        (folder / "current").unlink()
    elif damage == "rows":
        making = draft(folder, NEW + 1)
        enter(making, record("e"), "Cinq")
        making.commit()
        making.close()
    else:
        (folder / "releases" / "000009.tmp").mkdir()
