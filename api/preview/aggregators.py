"""The aggregators that can be simulated, under the names people give them, and how a feed is read as each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from api.preview import rules
from api.preview.ckan import Ckan
from api.preview.model import Harvest
from api.preview.pages import Fetch, Next, Page, Walk
from api.preview.piveau import Piveau
from api.preview.udata import Udata
from vocab.errors import unknown_choice
from vocab.text import Text


class Reader(Protocol):
    """One aggregator's way of reading."""

    @property
    def following(self) -> Next:
        """The address of the next page on a page."""

    def read(self, pages: Walk) -> Harvest:
        """What it makes of a feed."""


@dataclass(frozen=True, slots=True)
class Aggregator:
    """`name` is what people say, `rules` the name of its rules; `reader` takes the time and the portal's language."""

    name: str
    rules: str
    reader: Callable[[datetime, str], Reader]

    @property
    def about(self) -> Mapping[str, Text]:
        """What is to be known of it: `title`, `matching`, `organisation`, `gone`, `resource_gone`."""
        return rules.about(self.rules)

    def harvest(self, first: str, fetch: Fetch, *, now: datetime, lang: str) -> Harvest:
        """What it makes of the feed at an address, page after page as it follows them."""
        reader = self.reader(now, lang)
        return reader.read(Walk(first, fetch, reader.following))

    def read(self, page: Page, *, now: datetime, lang: str) -> Harvest:
        """What it makes of a single page, or of a saved catalogue; links to other pages are not followed."""
        return self.reader(now, lang).read(Walk.over(page))


AGGREGATORS: Mapping[str, Aggregator] = {
    a.name: a
    for a in (
        Aggregator("data.gouv.fr", "udata", Udata),
        Aggregator("ckan", "ckan", lambda _, lang: Ckan(lang)),
        Aggregator("data.europa.eu", "piveau", lambda _, lang: Piveau(lang)),
    )
}


def aggregator(name: str) -> Aggregator:
    """The aggregator of this name; the error lists those there are."""
    if name not in AGGREGATORS:
        raise unknown_choice("aggregator", name, list(AGGREGATORS))
    return AGGREGATORS[name]
