"""One kill after another on one catalogue: its portal changes, something is done and killed, everything is checked."""

from __future__ import annotations

import random
import resource
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from catalog.releases import Releases
from tests.faults import deeds, killing
from tests.faults.promises import Facts, broken, facts, leftovers, look
from tests.faults.watching import Watch
from tests.faults.world import World

DEEDS = {"harvest": 12, "takedown": 1, "rollback": 2, "local": 2, "backup": 1, "repair": 2}
"""What is done, and how often among twenty."""
TARGETS = {"step": 10, "moment": 5, "service": 2, "worker": 3}
"""What is killed: who does it, at one of its steps or at some moment; the service meanwhile; a query worker."""
EVERY = 0.05
"""Seconds between two questions to the service while something is done."""


@dataclass
class Kill:
    """One kill: of what, in what, whether it came in time, and what it broke."""

    deed: str
    target: str
    came: bool
    published: bool
    wrong: list[str] = field(default_factory=list)


class Trials:
    """The catalogue, its service, and what both have said so far."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.rng = random.Random(seed)  # noqa: S311  no secret
        self.world = World(folder, self.rng)
        self.settings = self.world.settings
        self.kills: list[Kill] = []
        self.lengths: dict[str, tuple[int, float]] = {}
        killing.done(partial(deeds.harvest, self.world.city))
        self.names: dict[str, list[str]] = {}
        self.known = self._look()
        self.watch = Watch(self.settings, folder / "service")

    def _look(self) -> Facts:
        found = facts(killing.done(partial(look, self.settings, self.folder)))
        self.names |= found.names
        return found

    def close(self) -> None:
        """Ends portal and service."""
        self.watch.close()
        self.world.close()

    # ── one kill ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def kill(self) -> Kill:
        """Does something, kills something, checks every promise, lets the next run recover, and checks again."""
        deed = self._drawn(DEEDS)
        target = self._drawn(TARGETS)
        before = self.known
        work = self._work(deed)
        came = self._under_fire(deed, target, work)
        found = self._after(deed, before)
        kill = Kill(deed, target, came, found is not None and found.number > before.number)
        if found is not None:
            kill.wrong += self._changed(deed, before, found)
        kill.wrong += self._recovered(deed, work, before if found is None else found)
        kill.wrong += self.watch.wrong
        self.watch.wrong = []
        self.kills.append(kill)
        return kill

    def _drawn(self, among: dict[str, int]) -> str:
        return self.rng.choices([*among], [*among.values()])[0]

    def _work(self, deed: str) -> Callable[[], Any]:
        settings = self.settings
        if deed == "takedown":
            uid = self.rng.choice(sorted(self.known.names))
            self.world.banned.add(uid)
            self.watch.forget()
            return partial(deeds.takedown, settings, self.known.names[uid][0])
        if deed == "rollback" and len(self.known.said) > 1:
            return partial(deeds.rollback, settings)
        if deed == "local":
            return partial(deeds.local, settings, f"texte {len(self.kills)}")
        if deed == "backup":
            return partial(deeds.backup, settings, self.folder / f"backup-{len(self.kills)}")
        if deed == "repair":
            deeds.spoil(settings)
        if self.rng.random() < 0.9:  # else a night on which nothing changed
            self.world.change()
        return partial(deeds.harvest, self.world.city)

    def _under_fire(self, deed: str, target: str, work: Callable[[], Any]) -> bool:
        """Whether something was killed while it was at work."""
        count, seconds = self.lengths.get(deed, (120, 0.4))
        at = self.rng.randint(1, count) if target == "step" else 0
        moment = self.rng.uniform(0, 1.1 * seconds)
        child = killing.start(work, at=at)
        killed = False
        while child.running():
            if not killed and at == 0 and time.monotonic() - child.began >= moment:
                killed = True
                {"moment": child.kill, "service": self.watch.kill, "worker": self.watch.kill_worker}[target]()
            self.watch.ask()
            time.sleep(EVERY)
        if not child.killed:
            child.result()  # it must have gone well
            took = time.monotonic() - child.began
            self.lengths[deed] = (count + 20 if not at else max(at - 5, 20), (seconds + took) / 2)
        elif at:
            self.lengths[deed] = (max(count, at + 20), seconds)
        self.watch.ask()
        return child.killed or killed

    def _after(self, deed: str, before: Facts) -> Facts | None:
        """What is there right after the kill; None where damage of ours is not repaired yet."""
        found = self._look()
        if deed == "repair" and found.number == before.number and found.wrong:
            return None
        return found

    def _changed(self, deed: str, before: Facts, found: Facts) -> Iterator[str]:
        if deed == "takedown":  # older releases say less from then on
            before = Facts(**{**vars(before), "said": {}})
        yield from broken(found, before)
        yield from (
            f"{uid} is not called {name}" for uid, name in self.names.items() if found.names.get(uid, name) != name
        )
        if found.number > before.number + 1:
            yield f"{before.number} was followed by {found.number}"
        if found.number == before.number and deed != "takedown":
            if (found.titles, found.urls) != (before.titles, before.urls):
                yield "nothing was published, and yet the catalogue says something else"
        elif deed in {"harvest", "repair"} and found.titles != self.world.expected():
            yield "what was published is not what the portal says"

    def _recovered(self, deed: str, work: Callable[[], Any], last: Facts) -> Iterator[str]:
        """The next run, and what its catalogue says: what the portal says, and nothing is left of the kill."""
        shutil.rmtree(self.folder / f"backup-{len(self.kills)}", ignore_errors=True)
        if deed == "takedown":
            yield from killing.done(work)  # what is left of it
        if deed == "backup" and killing.done(work):
            yield "the backup is damaged"
        shutil.rmtree(self.folder / f"backup-{len(self.kills)}", ignore_errors=True)
        told = killing.done(partial(deeds.harvest, self.world.city))
        if told["status"] != "harvested":
            yield f"the next run: {told}"
        self.known = self._look()
        if deed == "takedown":
            last = Facts(**{**vars(last), "said": {}})
        yield from broken(self.known, last)
        if self.known.titles != self.world.expected():
            yield "the next run did not publish what the portal says"
        yield from (f"left over: {one}" for one in killing.done(partial(leftovers, self.settings)))
        shown = self.watch.ask()
        if shown != self.known.number:
            yield f"release {self.known.number} is current, {shown} is shown"
        if (found := self.watch.query()) != len(self.known.titles):
            yield f"SPARQL finds {found} datasets of {len(self.known.titles)}"
        if len(Releases(self.settings.store.path).numbers()) > self.settings.store.keep:
            yield "more releases are kept than were asked for"


@contextmanager
def trials(folder: Path, seed: int) -> Iterator[Trials]:
    """Trials in a folder; portal and service are ended after them."""
    found = Trials(folder, seed)
    try:
        yield found
    finally:
        found.close()


def told(kills: list[Kill], asked: int) -> str:
    """The figures, as lines."""
    came = [k for k in kills if k.came]
    late, published, wrong = len(kills) - len(came), sum(k.published for k in kills), sum(bool(k.wrong) for k in kills)
    lines = [
        f"{len(kills)} trials: {len(came)} kills in time, {late} came too late; {published} published all the same"
    ]
    lines.append(f"{wrong} broke a promise")
    for name in ("deed", "target"):
        counts = Counter(getattr(k, name) for k in came)
        lines.append(f"by {name}: " + ", ".join(f"{what} {n}" for what, n in counts.most_common()))
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    lines.append(f"the feed was asked for {asked} times; {sum(u.ru_utime + u.ru_stime for u in used):.0f} s of CPU")
    return "\n".join(lines)
