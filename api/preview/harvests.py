"""Previews of kept releases, each worked out once: releases do not change."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import UTC, datetime

from api.preview.aggregators import Aggregator
from api.preview.model import Harvest, Held
from api.preview.own import Own
from api.preview.pages import page_of
from catalog.releases import Release

WHOLE = 1_500
"""Datasets up to which a page previews the whole feed; of a larger one it reads a page of the feed at a time."""
KEPT = 6


class Harvests:
    """What each aggregator makes of releases. To be asked in threads that run no event loop."""

    def __init__(self, own: Own, lang: str) -> None:
        self.own = own
        self.lang = lang
        self._kept: OrderedDict[tuple[object, ...], Harvest] = OrderedDict()
        self._turn = threading.Lock()
        """Reading takes the processor: one at a time, so that nothing else in this process waits for several."""

    def whole(self, who: Aggregator, release: Release, publisher: str = "") -> Harvest:
        """What it makes of the whole feed of a release, or of one publisher's."""
        key = (who.name, release.number, release.manifest.fingerprint, publisher)
        with self._turn:
            if key not in self._kept:
                first = self.own.address(release.number, publisher)
                self._keep(key, who.harvest(first, self.own.fetch, now=datetime.now(UTC), lang=self.lang))
            self._kept.move_to_end(key)
            return self._kept[key]

    def _keep(self, key: tuple[object, ...], harvest: Harvest) -> None:
        self._kept[key] = harvest
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def page(self, who: Aggregator, release: Release, number: int, publisher: str = "") -> tuple[Harvest, bool]:
        """What it makes of one page of the feed, and whether another follows."""
        address = f"{self.own.address(release.number, publisher)}&page={number}"
        with self._turn:
            body, content_type = self.own.fetch(address)
            page = page_of(body, content_type, url=address.partition("?")[0], number=number)
            reader = who.reader(datetime.now(UTC), self.lang)
            return who.read(page, now=datetime.now(UTC), lang=self.lang), bool(reader.following(page.graph))

    def some(self, who: Aggregator, release: Release, named: tuple[tuple[str, str], ...]) -> Harvest:
        """What it makes of these datasets (slug and IRI) of a release, each read from its own document."""
        key = (who.name, release.number, release.manifest.fingerprint, named)
        with self._turn:
            found = self._kept.get(key)
        if found is None:
            addresses = [(f"{self.own.base}dataset/{slug}.ttl?release={release.number}", iri) for slug, iri in named]
            items = [self.one(who, address, iri) for address, iri in addresses]
            found = Harvest(tuple(held for held in items if held is not None))
            with self._turn:
                self._keep(key, found)
        return found

    def one(self, who: Aggregator, address: str, iri: str) -> Held | None:
        """What it makes of the dataset that a document of this service describes."""
        with self._turn:
            body, content_type = self.own.fetch(address)
            page = page_of(body, content_type, url=address)
            found = who.read(page, now=datetime.now(UTC), lang=self.lang)
        return next((held for held in found.items if held.iri == iri), None)
