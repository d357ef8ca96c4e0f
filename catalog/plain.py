"""A plain store without a catalogue, for `garonne serve --bare`: any graph may be written, each write is a release."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad

from catalog import lock
from catalog.dataset import Dataset
from catalog.errors import UsageError
from catalog.graph_store import Change, Document, graph_triples, read
from catalog.releases import Manifest, Releases
from catalog.schema import FILE as BOOKKEEPING
from catalog.settings import Settings
from catalog.staging import Staging
from catalog.update import with_dataset


def check(settings: Settings) -> None:
    """Raises `UsageError` when the folder is that of a catalogue, `StoreLocked` when another process writes it."""
    if settings.store.engine != "oxigraph":
        raise UsageError("--bare serves a store of this machine.", hint="Set [store] engine to oxigraph.")
    if (settings.store.path / BOOKKEEPING).exists():
        raise UsageError(
            "this folder holds a catalogue; --bare is for a plain store.",
            what=str(settings.store.path),
            hint="Name another folder in [store] path, or leave --bare out.",
        )
    with lock.writing(settings.store.path):
        pass


class PlainStore:
    """The store while it is written (`catalog.graph_store.GraphStore`). The caller holds the write lock throughout."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.releases = Releases(settings.store.path)
        self.releases.clean()
        current = self.releases.current()
        self.number = current.number if current else 0
        self.staging = Staging(settings.store.path, current)
        self.dirty = current is None

    @property
    def _store(self):  # type: ignore[no-untyped-def]  # the engine's class is named in catalog.store only
        return self.staging.workspace.store

    def update(self, text: str, asked: Dataset) -> Change:
        """As in `GraphStore`."""
        base = self.settings.catalog.base
        self.staging.workspace.update(with_dataset(text, asked, base), base)
        self.dirty = True
        return Change(existed=True, changed=True)

    def put(self, graph: str, documents: Sequence[Document]) -> Change:
        """As in `GraphStore`."""
        triples = graph_triples(read(documents, graph or self.settings.catalog.base, secrets.token_hex(8)), graph)
        existed = self._exists(graph)
        self._clear(graph)
        self._add(graph, [Quad(t.subject, t.predicate, t.object, _name(graph)) for t in triples])
        return Change(existed, changed=True)

    def post(self, graph: str, documents: Sequence[Document]) -> Change:
        """As in `GraphStore`."""
        triples = graph_triples(read(documents, graph or self.settings.catalog.base, secrets.token_hex(8)), graph)
        existed = self._exists(graph)
        self._add(graph, [Quad(t.subject, t.predicate, t.object, _name(graph)) for t in triples])
        return Change(existed, changed=True)

    def replace_all(self, documents: Sequence[Document]) -> Change:
        """Make the whole store state these documents, each statement in the graph that they name."""
        quads = read(documents, self.settings.catalog.base, secrets.token_hex(8))
        self._store.clear()
        self._add("", quads)
        return Change(existed=True, changed=True)

    def delete(self, graph: str) -> Change:
        """As in `GraphStore`."""
        existed = self._exists(graph)
        if existed:
            self._clear(graph)
        return Change(existed, changed=existed)

    def _exists(self, graph: str) -> bool:
        return not graph or bool(self._store.contains_named_graph(NamedNode(graph)))

    def _clear(self, graph: str) -> None:
        if graph:
            self._store.remove_graph(NamedNode(graph))
        else:
            self._store.clear_graph(DefaultGraph())
        self.dirty = True

    def _add(self, graph: str, quads: Sequence[Quad]) -> None:
        if graph:
            self._store.add_graph(NamedNode(graph))
        self._store.extend(quads)
        self.dirty = True

    def publish(self) -> int:
        """As in `GraphStore`."""
        if not self.dirty:
            return self.number
        self.staging.workspace.writes += 1
        manifest = Manifest(
            number=self.number + 1,
            published=datetime.now(UTC).replace(microsecond=0),
            datasets=0,
            quads=len(self._store),
            fingerprint=secrets.token_hex(32),
        )
        self.releases.publish(manifest, self.staging.snapshot())
        self.number, self.dirty = manifest.number, False
        self.releases.prune(self.settings.store.keep)
        return self.number

    def close(self) -> None:
        """Let go of the files; what was not published is thrown away."""
        self.staging.close()


def _name(graph: str) -> NamedNode | BlankNode | DefaultGraph:
    return NamedNode(graph) if graph else DefaultGraph()
