"""Loads descriptions into the workspace in a thread of its own: the store works without the interpreter lock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from pyoxigraph import Triple

from catalog.assembly import in_catalogue, membership
from catalog.identifiers import Minter
from catalog.intake import Intake, Spool
from catalog.model import Description
from catalog.store import Workspace

AHEAD = 8
"""Changes that may wait for the store; what they load waits on disk."""
CHUNK = 200_000
"""Statements of one form loaded at a time: more take more memory, fewer make more files for the store to merge.

A third of it while the store has nothing to do; docs/benchmarks.md has the measurements.
"""


class Loader:
    """Takes batches of datasets; an error of the store surfaces at a later call, at the latest at `drain`."""

    def __init__(self, workspace: Workspace, base: str) -> None:
        self.workspace = workspace
        self.base = base
        self.minter = Minter(base)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="loader")
        self._pending: deque[Future[None]] = deque()
        self._intake = Intake(workspace.path.parent)
        self._given: list[Spool] = []

    def put(self, new: list[Description], changed: list[Description], gone: list[str]) -> None:
        """Loads new datasets, replaces changed ones and removes the slugs in `gone`."""
        for d in new:
            self._intake.add(d.canonical + membership(self.base, d), self.minter.record(d.slug))
        self._load()

        def apply() -> None:
            for d in changed:
                self.workspace.replace(self.minter.record(d.slug), in_catalogue(self.base, d))
            for slug in gone:
                self.workspace.replace(self.minter.record(slug), [])
                self.workspace.replace(self.minter.quality(slug), [], merged=False)

        if changed or gone:
            self._load(1)  # a statement leaves the default graph by what named graphs state: none may be behind
            self._submit(apply)

    def put_findings(self, new: dict[str, list[Triple]], changed: dict[str, list[Triple]]) -> None:
        """Loads the findings about datasets, by slug; those of changed datasets replace what stood there."""
        for slug, triples in new.items():
            lines = "".join(f"{t} .\n" for t in triples)
            self._intake.add(lines.encode(), self.minter.quality(slug), merged=False)
        self._load()

        def apply() -> None:
            for slug, triples in changed.items():
                self.workspace.replace(self.minter.quality(slug), triples, merged=False)

        if changed:
            self._load(1)
            self._submit(apply)

    def _load(self, size: int = 0) -> None:
        """Loads what waits, if it has this size; an idle store takes less than a busy one."""
        idle = all(done.done() for done in self._pending)
        for spool in self._intake.full(size or (CHUNK if not idle else CHUNK // 3)):
            self._given.append(spool)
            self._submit(partial(self.workspace.take, spool))

    def _submit(self, work: Callable[[], None]) -> None:
        while len(self._pending) >= AHEAD:
            self._pending.popleft().result()
        self._pending.append(self._thread.submit(work))

    def drain(self) -> None:
        """Waits until everything is loaded."""
        self._load(1)
        while self._pending:
            self._pending.popleft().result()

    def close(self) -> None:
        """Ends the thread; what is still pending is dropped."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._pending.clear()
        self._intake.close()
        for spool in self._given:
            spool.close()
