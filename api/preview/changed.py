"""What changes for an aggregator between two releases of a catalogue that is too large to be previewed whole."""

from __future__ import annotations

from api.errors import BadRequest
from api.preview.aggregators import Aggregator
from api.preview.harvests import Harvests
from api.preview.model import Harvest
from catalog.archive import View
from catalog.changes import Changes, Period
from catalog.facets import Facet
from catalog.releases import Release
from vocab.text import Text

MOST = 200
"""Changed datasets that a page compares, each by its own document."""


def changed(
    harvests: Harvests, who: Aggregator, then: tuple[Release, View], now: tuple[Release, View], publisher: str = ""
) -> tuple[Harvest, Harvest]:
    """What the aggregator made of the datasets whose documents have changed between, and what it makes of them now.

    The others are the same to it, as far as its rules look at one dataset at a time. `publisher` is the IRI of the one
    whose feed it reads. Raises `BadRequest` where more than `MOST` have changed.
    """
    (earlier, old), (later, new) = then, now
    period = Period(earlier.number + 1, later.number, Facet.PUBLISHER if publisher else "", publisher)
    changes = Changes(new)
    if (number := changes.count(period)) > MOST:
        raise _too_many(number, earlier, who)
    met = changes.page(period, limit=MOST)
    before = {one.iri for one in old.many([one.iri for one in met])}
    if publisher:
        facets = old.facets(sorted(before))
        before = {iri for iri in before if (Facet.PUBLISHER, publisher) in facets.get(iri, ())}
    return (
        harvests.some(who, earlier, tuple((one.slug, one.iri) for one in met if one.iri in before)),
        harvests.some(who, later, tuple((one.slug, one.iri) for one in met if not one.gone)),
    )


def _too_many(number: int, since: Release, who: Aggregator) -> BadRequest:
    command = f"garonne preview --as {who.name} --since {since.number}"
    return BadRequest(
        Text(
            f"{number} jeux de données ont changé depuis l’édition {since.number}\u00a0; une page en compare "
            f"{MOST} au plus.",
            f"{number} datasets have changed since release {since.number}; a page compares at most {MOST}.",
        ),
        Text(
            f"Donnez une édition plus récente, ou demandez-le ainsi\u00a0: {command}",
            f"Give a later release, or ask so: {command}",
        ),
    )
