"""Loads descriptions into the workspace in a thread of its own: the store works without the interpreter lock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from pyoxigraph import Triple

from catalog.assembly import in_catalogue, membership
from catalog.identifiers import Minter
from catalog.model import Description
from catalog.store import Spool, Workspace, nquads

AHEAD = 2
"""Changes that may wait for the store."""
CHUNK = 240_000
"""Statements loaded at a time: more take more memory, fewer make more files for the store to merge."""


class Loader:
    """Takes batches of datasets; an error of the store surfaces at a later call, at the latest at `drain`."""

    def __init__(self, workspace: Workspace, base: str) -> None:
        self.workspace = workspace
        self.base = base
        self.minter = Minter(base)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="loader")
        self._pending: deque[Future[None]] = deque()
        self._spool = Spool(workspace.path.parent)

    def put(self, new: list[Description], changed: list[Description], gone: list[str]) -> None:
        """Loads new datasets, replaces changed ones and removes the slugs in `gone`."""
        for d in new:
            self._stage(nquads(d, self.minter.record(d.slug), membership(self.base, d)))

        def apply() -> None:
            for d in changed:
                self.workspace.replace(self.minter.record(d.slug), in_catalogue(self.base, d))
            for slug in gone:
                self.workspace.replace(self.minter.record(slug), [])
                self.workspace.replace(self.minter.quality(slug), [], merged=False)

        if changed or gone:
            self._submit(apply)

    def put_findings(self, new: dict[str, list[Triple]], changed: dict[str, list[Triple]]) -> None:
        """Loads the findings about datasets, by slug; those of changed datasets replace what stood there."""
        self._stage(
            "".join(f"{t} <{self.minter.quality(slug)}> .\n" for slug, triples in new.items() for t in triples).encode()
        )

        def apply() -> None:
            for slug, triples in changed.items():
                self.workspace.replace(self.minter.quality(slug), triples, merged=False)

        if changed:
            self._submit(apply)

    def _stage(self, quads: bytes) -> None:
        self._spool.add(quads)
        if self._spool.count >= CHUNK:
            self._load()

    def _load(self) -> None:
        full, self._spool = self._spool, Spool(self.workspace.path.parent)
        self._submit(lambda: self.workspace.take(full))

    def _submit(self, work: Callable[[], None]) -> None:
        while len(self._pending) >= AHEAD:
            self._pending.popleft().result()
        self._pending.append(self._thread.submit(work))

    def drain(self) -> None:
        """Waits until everything is loaded."""
        self._load()
        while self._pending:
            self._pending.popleft().result()

    def close(self) -> None:
        """Ends the thread; what is still pending is dropped."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._pending.clear()
        self._spool.plain.close()
