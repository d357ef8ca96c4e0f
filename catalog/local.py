"""The local graphs of a catalogue: written over HTTP, owned by no source, published as releases like everything else.

They are named graphs only, outside of the merged catalogue. Each is a description of its own, so that kept releases,
rollbacks and exports have it; what anything but a local graph would become by a request is refused or thrown away.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pyoxigraph import Quad, Store, Triple

from catalog import mending
from catalog.archive import Archive, View
from catalog.dataset import Dataset
from catalog.draft import Draft
from catalog.errors import StoreError
from catalog.graph_store import Change, Document, NotWritable, graph_triples, read
from catalog.identifiers import Minter
from catalog.model import Description, Kind
from catalog.publication import publish
from catalog.releases import Releases
from catalog.settings import Settings
from catalog.staging import Staging
from catalog.update import operations, outside, with_dataset


class LocalGraphs:
    """The local graphs while they are written (`catalog.graph_store.GraphStore`). The caller holds the write lock."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.minter = Minter(settings.catalog.base)
        Releases(settings.store.path).clean()
        current = mending.sound(settings)
        if current is None:
            raise StoreError("there is no release yet to write to.", hint="Run `garonne harvest run` first.")
        self.current = current
        self.view: View = Archive(settings.store.path).at(current.number)
        self._changes: dict[str, Description | None] = {}

    def update(self, text: str, asked: Dataset) -> Change:
        """As in `GraphStore`. It sees the whole release; only what it makes of local graphs is kept."""
        base = self.settings.catalog.base
        if (target := outside(operations(text, base), self._allowed)) is not None:
            raise NotWritable(target)
        staging = Staging(self.settings.store.path, self.current)
        try:
            workspace = staging.workspace
            before = {name: set(workspace.graph(name)) for name in workspace.graphs() if self._allowed(name)}
            workspace.update(with_dataset(text, asked, base), base)
            after = {name: set(workspace.graph(name)) for name in workspace.graphs() if self._allowed(name)}
        finally:
            staging.close()
        for name in before.keys() | after.keys():
            if name not in after:
                self._change(name, None)
            elif after[name] != before.get(name):
                self._change(name, self._kept(name, after[name]))
        return Change(existed=True, changed=bool(self._changes))

    def _kept(self, name: str, triples: set[Triple]) -> list[Triple]:
        """The triples that the store gives, each as it was written where it was there before."""
        standing = self._standing(name)
        written = {_stored(t): t for t in (standing.triples if standing else ())}
        return [written.get(t, t) for t in triples]

    def put(self, graph: str, documents: Sequence[Document]) -> Change:
        """As in `GraphStore`."""
        standing = self._checked(graph)
        self._change(graph, graph_triples(read(documents, graph, graph), graph))
        return Change(standing is not None, bool(self._changes))

    def post(self, graph: str, documents: Sequence[Document]) -> Change:
        """As in `GraphStore`."""
        standing = self._checked(graph)
        salt = graph + (standing.hash if standing else "")
        added = graph_triples(read(documents, graph, salt), graph)
        self._change(graph, [*(standing.triples if standing else ()), *added])
        return Change(standing is not None, bool(self._changes))

    def delete(self, graph: str) -> Change:
        """As in `GraphStore`."""
        standing = self._checked(graph)
        if standing is not None:
            self._change(graph, None)
        return Change(standing is not None, bool(self._changes))

    def _allowed(self, graph: str) -> bool:
        return bool(self.minter.local_name(graph))

    def _checked(self, graph: str) -> Description | None:
        if not self._allowed(graph):
            raise NotWritable(graph or "DEFAULT")
        return self._standing(graph)

    def _standing(self, graph: str) -> Description | None:
        return self.view.get(graph)

    def _change(self, graph: str, triples: Sequence[Triple] | None) -> None:
        standing = self._standing(graph)
        made = None
        if triples is not None:
            made = Description.of(graph, Kind.LOCAL, self.minter.local_name(graph), triples)
        if (made and made.canonical) != (standing and standing.canonical):
            self._changes[graph] = made

    def publish(self) -> int:
        """As in `GraphStore`."""
        if not self._changes:
            return self.current.number
        at = max(datetime.now(UTC).replace(microsecond=0), self.current.manifest.published + timedelta(seconds=1))
        folder = self.settings.store.path
        draft = Draft(folder, self.current.number + 1, at, self.settings.catalog.base)
        try:
            staging = Staging(folder, self.current)
            try:
                for name, made in self._changes.items():
                    staging.workspace.replace(name, made.triples if made else [], merged=False)
                    if made:
                        draft.put_local(made)
                    else:
                        draft.drop_local(name)
                return publish(self.settings, draft, staging, run=None, reason="local graphs").number
            finally:
                staging.close()
        except BaseException:
            draft.abandon()
            raise
        finally:
            draft.close()


def _stored(triple: Triple) -> Triple:
    """A triple as the store gives it back."""
    store = Store()
    store.add(Quad(triple.subject, triple.predicate, triple.object))
    (quad,) = store
    return Triple(quad.subject, quad.predicate, quad.object)
