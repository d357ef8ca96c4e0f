"""Publishes release 3 again and again in child processes and kills each one at another step.

Run as `python -m tests.catalog.killed FOLDER`: FOLDER holds releases 1 and 2. A step is an audit event of the
interpreter: a rename, a folder made or removed, a file opened for writing. Prints one line of JSON for each step.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from catalog.archive import Archive
from catalog.releases import Releases
from catalog.store import open_read_only
from tests.catalog.making import MINT, release

OLD = {"a": "Un", "b": "Deux"}
NEW = {"a": "Un bis", "b": "Deux", "c": "Trois"}


def publish(folder: Path) -> None:
    """What is being killed; it also prunes release 1."""
    release(folder, {"a": "Un bis", "c": "Trois"}, keep=2)


class Killer:
    """Counts the steps, and kills its process at one of them."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.count = 0
        self.renames: list[int] = []

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        """The audit hook."""
        writes = event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if writes or event in {"os.rename", "os.mkdir", "os.rmdir", "os.remove", "shutil.rmtree", "sqlite3.connect"}:
            self.count += 1
            if event == "os.rename":
                self.renames.append(self.count)
            if self.count == self.at:
                os.kill(os.getpid(), signal.SIGKILL)


def forked(work: Callable[[], object]) -> tuple[int, str]:
    """Runs it in a child; returns how the child ended, and what it returned or why it failed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, json.dumps(work()).encode())
            os._exit(0)
        except BaseException:
            os.write(writing, traceback.format_exc().encode()[-4000:])
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    return os.waitpid(child, 0)[1], said


def count(folder: Path) -> list[int]:
    """How many steps there are, and which of them are renames."""
    killer = Killer(0)
    sys.addaudithook(killer)
    publish(folder)
    return [killer.count, *killer.renames]


def kill(folder: Path, at: int) -> None:
    """Publishes until the step."""
    sys.addaudithook(Killer(at))
    publish(folder)


def look(folder: Path) -> int:
    """Whether what is current is whole, and whether the next run works; returns what was current."""
    releases = Releases(folder)
    current = releases.current()
    assert current is not None
    said = {d.slug: d.title for d in Archive(folder).at(current.number).summaries()[1]}
    assert said == (NEW if current.number == 3 else OLD), said
    assert len(open_read_only(current.store)) == current.manifest.quads
    following = release(folder, {"d": "Quatre"}, keep=2)
    assert following.number == current.number + 1
    said = {d.slug: d.title for d in Archive(folder).at(following.number).summaries()[1]}
    assert said == {**(NEW if current.number == 3 else OLD), "d": "Quatre"}, said
    graphs = {g.value for g in open_read_only(following.store).named_graphs()}
    assert {MINT.record(slug) for slug in said} == {g for g in graphs if "/record/" in g}
    left = {p.name for p in folder.iterdir()} - {"bookkeeping.sqlite-wal", "bookkeeping.sqlite-shm", "current.tmp"}
    assert left == {"bookkeeping.sqlite", "current", "releases"}, left
    kept = [following.path.name] if current.number == 0 else [current.path.name, following.path.name]
    assert sorted(p.name for p in (folder / "releases").iterdir()) == kept
    return current.number


def main(folder: Path) -> None:
    """Counts, then kills at every rename and at some other steps."""
    trial = folder.with_name("trial")
    shutil.copytree(folder, trial)
    status, said = forked(lambda: count(trial))
    assert status == 0, said
    total, *renames = json.loads(said)
    for at in sorted({*renames, *(r + 1 for r in renames), *range(1, total + 1, 12)}):
        shutil.rmtree(trial)
        shutil.copytree(folder, trial)
        ended, said = forked(lambda at=at: kill(trial, at))  # type: ignore[misc]  # lambdas with defaults
        status, found = forked(lambda: look(trial))
        print(json.dumps({"at": at, "of": total, "killed": ended == signal.SIGKILL, "ok": status == 0, "said": found}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
