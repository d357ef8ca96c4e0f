"""One release of every real record that there is, made once for the tests that read it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from api.feeds.catalogues import slug_of
from api.feeds.door import Asked, Feed
from api.feeds.filters import Filter
from api.published import Published
from catalog.archive import View
from catalog.draft import Draft
from catalog.errors import RecordInvalid
from catalog.lines import lines_in
from catalog.model import Kind, Mapped, Record
from catalog.paging import extent
from catalog.publication import publish, settle
from catalog.releases import Release
from catalog.settings import Settings
from catalog.staging import Staging
from harvest.coverage import BASE, Result
from tests.api.city import settings_in
from tests.real import everything
from vocab.namespaces import DCT


class Real:
    """One release of all real records; `shown` is one of them under each identifier."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings: Settings = settings_in(folder, catalog={"base": BASE})
        self.published = Published(self.settings)
        self.feed = Feed(self.settings, self.published)
        self.release: Release = self._publish(everything())
        self.view: View = self.published.view(self.release)
        self.services = {described.iri for described in self.view.all(Kind.SERVICE)}

    def _publish(self, found: tuple[Result, ...]) -> Release:
        at = datetime(2026, 3, 1, tzinfo=UTC)
        folder = self.settings.store.path
        with closing(Draft(folder, 1, at, BASE)) as draft, closing(Staging(folder, None)) as staging:
            for number, one in enumerate(found):
                if one.mapped is not None and isinstance(one.record, Record):
                    self._enter(draft, one.mapped, f"source-{number}", one.record)
            settle(self.settings, draft)
            return publish(self.settings, draft, staging, run=None)

    def _enter(self, draft: Draft, mapped: Mapped, source: str, record: Record) -> None:
        dataset = mapped.dataset
        if draft.db.execute("SELECT 1 FROM slugs WHERE iri = ? OR slug = ?", (dataset.iri, dataset.slug)).fetchone():
            return  # the same record in another saved response
        told = Record(source, record.id, b"", None, record.hash, iri=dataset.iri, name=dataset.slug)
        identifiers = [line for line in lines_in(dataset.canonical) if line.startswith(_start(dataset.iri))]
        try:
            identity = draft.identity(told, lambda slug: identifiers[0].decode() if identifiers else slug, set())
        except RecordInvalid:
            return
        draft.put_dataset(mapped, source, identity, None)

    def pages(self, publisher: str = "", suffix: str = "nt") -> Iterator[bytes]:
        """The pages of a feed."""
        slug = slug_of(BASE, publisher) if publisher else ""
        found = extent(self.view, publisher)
        assert found is not None
        for number in range(1, found.pages + 1):
            yield self.feed.page(Asked(self.release, slug, Filter(), number, suffix))


def _start(iri: str) -> bytes:
    return f"<{iri}> {DCT.identifier} ".encode()
