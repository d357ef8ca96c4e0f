"""Loads descriptions into the workspace in a thread of its own: the store works without the interpreter lock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from pyoxigraph import Triple

from catalog.assembly import membership
from catalog.identifiers import Minter
from catalog.model import Description
from catalog.store import Workspace, nquads

AHEAD = 2
"""Batches that may wait for the store; more would only grow memory."""


class Loader:
    """Takes batches of datasets in order; an error of the store surfaces at the next call."""

    def __init__(self, workspace: Workspace, base: str) -> None:
        self.workspace = workspace
        self.base = base
        self.minter = Minter(base)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="loader")
        self._pending: deque[Future[None]] = deque()

    def put(self, new: list[Description], changed: list[Description], gone: list[str]) -> None:
        """Loads new datasets, replaces changed ones and removes the slugs in `gone`."""
        quads = b"".join(nquads(d, self.minter.record(d.slug), membership(self.base, d)) for d in new)
        self._submit(lambda: self._apply(quads, changed, gone))

    def _apply(self, quads: bytes, changed: list[Description], gone: list[str]) -> None:
        if quads:
            self.workspace.load(quads)
        for d in changed:
            self.workspace.replace(self.minter.record(d.slug), [*d.triples, *membership(self.base, d)])
        for slug in gone:
            self.workspace.replace(self.minter.record(slug), [])
            self.workspace.replace(self.minter.quality(slug), [], merged=False)

    def put_findings(self, new: dict[str, list[Triple]], changed: dict[str, list[Triple]]) -> None:
        """Loads the findings about datasets, by slug; those of changed datasets replace what stood there."""
        quads = b"".join(
            f"{t} <{self.minter.quality(slug)}> .\n".encode() for slug, triples in new.items() for t in triples
        )

        def apply() -> None:
            if quads:
                self.workspace.load(quads)
            for slug, triples in changed.items():
                self.workspace.replace(self.minter.quality(slug), triples, merged=False)

        self._submit(apply)

    def _submit(self, work: Callable[[], None]) -> None:
        while len(self._pending) >= AHEAD:
            self._pending.popleft().result()
        self._pending.append(self._thread.submit(work))

    def drain(self) -> None:
        """Waits until everything is loaded."""
        while self._pending:
            self._pending.popleft().result()

    def close(self) -> None:
        """Ends the thread; what is still pending is dropped."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._pending.clear()
