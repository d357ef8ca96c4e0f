"""Nights that nobody attends to: the portal changes and misbehaves, runs are killed, the clock is set back.

Each morning the catalogue must say what the portal said on its last good night, names must be what they always were,
and neither memory nor disk may have grown. `python -m tests.nights` prints a line for each of 24.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from catalog.model import Kind
from tests.faults import deeds, killing
from tests.faults.portal import MOODS
from tests.faults.promises import Facts, broken, facts, leftovers, look
from tests.faults.watching import Watch
from tests.faults.world import World
from tests.harvest.city import City, city, live

GOOD = 0.6
"""The share of nights on which the portal is well."""
KILLED = 0.3
"""The share of nights on which the run is killed; it is begun anew then, as a scheduler does."""
BACK = timedelta(days=40)
"""By how much the clock is set back on some nights."""
SETTLED = 4
"""Nights after which as many releases are kept as ever will be."""
_DATES = re.compile(rb"^<[^>]*/record/[^>]*> <http://purl.org/dc/terms/(?:issued|modified)> [^\n]*\n", re.M)


@dataclass
class Night:
    """What happened, and how it was in the morning; bytes."""

    number: int
    mood: str
    killed: bool
    back: bool
    status: str = ""
    release: int = 0
    datasets: int = 0
    disk: int = 0
    memory: int = 0
    wrong: list[str] = field(default_factory=list)

    def line(self) -> str:
        """For people."""
        happened = [
            self.mood or "well",
            *(["killed"] if self.killed else []),
            *(["clock set back"] if self.back else []),
        ]
        figures = f"release {self.release}, {self.datasets} datasets, {self.disk / 1e6:.1f} MB on disk, service {self.memory / 1e6:.0f} MB"  # noqa: E501
        return f"{self.number:3} {', '.join(happened):28} {self.status:10} {figures}" + "".join(
            f"\n    BROKEN {w}" for w in self.wrong
        )


class Nights:
    """The catalogue, its service, and what its portal said on the last good night."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.rng = random.Random(seed)  # noqa: S311  no secret
        self.world = World(folder, self.rng)
        self.nights: list[Night] = []
        killing.done(partial(deeds.harvest, self.world.city))
        self.good = self.world.expected()
        self.names: dict[str, list[str]] = {}
        self.known = self._look()
        self.watch = Watch(self.world.settings, folder / "service")

    def _look(self) -> Facts:
        found = facts(killing.done(partial(look, self.world.settings, self.folder)))
        self.names |= found.names
        return found

    def night(self) -> Night:
        """One night, and what is found in the morning."""
        rng = self.rng
        for _ in range(rng.randint(0, 3)):
            self.world.change()
        mood = "" if rng.random() < GOOD else rng.choice(MOODS)
        night = Night(len(self.nights) + 1, mood, rng.random() < KILLED, rng.random() < 0.15)
        self.world.say(mood)
        work = partial(deeds.harvest, self.world.city, BACK if night.back else timedelta())
        if night.killed:
            self._killed(work)
        told = killing.done(work)
        night.status = told["status"]
        if not mood:
            self.good = self.world.expected()
        night.wrong += self._morning(mood, night.status)
        night.release, night.datasets = self.known.number, len(self.known.titles)
        night.disk, night.memory = _disk(self.world.settings.store.path), _memory(self.watch)
        self.nights.append(night)
        return night

    def _killed(self, work: Any) -> None:
        child = killing.start(work, at=self.rng.choice((0, self.rng.randint(1, 150))))
        time.sleep(self.rng.uniform(0.02, 0.4))
        self.watch.ask()
        child.kill()

    def _morning(self, mood: str, status: str) -> Iterator[str]:
        before, self.known = self.known, self._look()
        yield from broken(self.known, before)
        yield from (f"{u} is not called {n}" for u, n in self.names.items() if self.known.names.get(u, n) != n)
        if (status == "harvested") != (mood == ""):
            yield f"the portal was {mood or 'well'}, and the source is {status}"
        if self.known.titles != self.good:
            yield "the catalogue does not say what the portal said on its last good night"
        yield from (f"left over: {one}" for one in killing.done(partial(leftovers, self.world.settings)))
        if (shown := self.watch.ask()) != self.known.number:
            yield f"release {self.known.number} is current, {shown} is shown"
        if (found := self.watch.query()) != len(self.good):
            yield f"SPARQL finds {found} datasets of {len(self.good)}"
        yield from self.watch.wrong
        self.watch.wrong = []

    def afterwards(self) -> Iterator[str]:
        """After the last night: the same as from a harvest that begins with nothing; and what has grown."""
        self.world.say()
        killing.done(partial(deeds.harvest, self.world.city))
        fresh = city(self.folder / "fresh", live(self.world.portal.address))
        killing.done(partial(deeds.harvest, fresh))
        ours, theirs = _described(self.world.city), _described(fresh)
        common = ours.keys() & theirs.keys()
        yield from (f"{slug} is not as a harvest from nothing has it" for slug in common if ours[slug] != theirs[slug])
        if len(ours) != len(theirs) or len(common) < len(ours) // 2:
            yield f"{len(ours)} datasets, {len(theirs)} from nothing, {len(common)} under the same name"
        settled = self.nights[SETTLED:]
        for name in ("disk", "memory") if len(settled) > SETTLED else ():
            early, late = (max(getattr(n, name) for n in part) for part in (settled[:SETTLED], settled[-SETTLED:]))
            if late > 1.3 * early:
                yield f"{name} has grown from {early:,} to {late:,} bytes"

    def close(self) -> None:
        """Ends portal and service."""
        self.watch.close()
        self.world.close()


def _described(place: City) -> dict[str, bytes]:
    """The datasets by slug, without the dates of their records."""
    return {d.slug: _DATES.sub(b"", d.canonical) for d in place.view().all(Kind.DATASET)}


def _disk(folder: Path) -> int:
    """Bytes on disk; what several names share counts once. Kept answers have a limit of their own."""
    files = (p for p in folder.rglob("*") if p.is_file() and "answers" not in p.parts)
    return sum({p.stat().st_ino: p.stat().st_blocks * 512 for p in files}.values())


def _memory(watch: Watch) -> int:
    """Resident bytes of the service itself."""
    text = Path(f"/proc/{watch.server.process.pid}/status").read_text()
    return 1024 * int(re.search(r"VmRSS:\s+(\d+)", text)[1])  # type: ignore[index]  # every process has it


@contextmanager
def nights(folder: Path, seed: int) -> Iterator[Nights]:
    """Nights in a folder; portal and service are ended after them."""
    found = Nights(folder, seed)
    try:
        yield found
    finally:
        found.close()


def main() -> int:
    """0 when every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.nights", description=__doc__)
    parser.add_argument("--nights", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="garonne-nights-") as folder, nights(Path(folder), asked.seed) as found:
        for _ in range(asked.nights):
            print(found.night().line(), flush=True)
        wrong = [*(w for night in found.nights for w in night.wrong), *found.afterwards()]
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        seconds = sum(u.ru_utime + u.ru_stime for u in used)
        print(f"{len(found.nights)} nights, {len(wrong)} promises broken, {seconds:.0f} s of CPU", *wrong, sep="\n")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
