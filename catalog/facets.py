"""What datasets can be asked by besides their names: publisher, theme, high value, and when they last changed.

Facets stand in a versioned table that the draft fills from the exact descriptions, so that any kept release can be
asked for what it held. Feeds, OAI-PMH sets and the CKAN actions ask with a `Selection`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from vocab.namespaces import DCAT, DCATAP, DCT, HVD_LEGISLATION
from vocab.terms import ancestors


class Facet(StrEnum):
    """What a value is of.

    `PUBLISHER` and `THEME` are the IRIs of `dct:publisher` and `dcat:theme`. `HVD` is a category of high-value datasets
    or one above it, and `HVD_LEGISLATION` itself for every dataset that states a category or cites that regulation.
    """

    PUBLISHER = "publisher"
    THEME = "theme"
    HVD = "hvd"


_CHANGED = (
    "SELECT c.iri FROM releases r JOIN changes c ON c.release = r.number WHERE r.published >= :from AND r.number <= :n"
)


@dataclass(frozen=True, slots=True)
class Selection:
    """The datasets that have every one of these facet values, and whose document has changed in this time.

    `changed_from` is inclusive, to the second, and speaks of when a release became visible, not of when its run began:
    who read the catalogue before that, and asks for what changed since, is told. A document changes with the agents,
    concepts and services that it names, too (`catalog.changes`). Empty, it is all datasets.
    """

    facets: tuple[tuple[Facet, str], ...] = ()
    changed_from: datetime | None = None

    def __bool__(self) -> bool:
        return bool(self.facets or self.changed_from)

    def where(self, at: str) -> tuple[str, dict[str, str]]:
        """The condition on rows of `descriptions`, and its values; `at` says which rows of `facets` hold."""
        found: list[str] = []
        values: dict[str, str] = {}
        for i, (facet, value) in enumerate(self.facets):
            having = f"facet = :facet{i} AND value = :value{i} AND {at}"
            found.append(f"iri IN (SELECT dataset FROM facets WHERE {having})")  # noqa: S608  numbered names
            values |= {f"facet{i}": facet.value, f"value{i}": value}
        if self.changed_from is not None:
            found.append(f"iri IN ({_CHANGED})")
            values["from"] = _stamp(self.changed_from)
        return "".join(f" AND {condition}" for condition in found), values


def _stamp(moment: datetime) -> str:
    """The moment as the bookkeeping writes times."""
    return moment.astimezone(UTC).replace(microsecond=0).isoformat()


def facets_in(iri: str, canonical: bytes) -> list[tuple[Facet, str]]:
    """The facet values of the dataset `iri` whose exact description this is, sorted."""
    found = {(Facet.PUBLISHER, value) for value in _objects(iri, DCT.publisher.value, canonical)}
    found |= {(Facet.THEME, value) for value in _objects(iri, DCAT.theme.value, canonical)}
    categories = _objects(iri, DCATAP.hvdCategory.value, canonical)
    if categories or HVD_LEGISLATION in _objects(iri, DCATAP.applicableLegislation.value, canonical):
        found.add((Facet.HVD, HVD_LEGISLATION))
    for category in categories:
        found |= {(Facet.HVD, value) for value in (category, *(above.iri for above in ancestors(category)))}
    return sorted(found)


def _objects(iri: str, predicate: str, canonical: bytes) -> list[str]:
    """The IRIs that a dataset has for a property. The lines are sorted, so those of one property are together."""
    start = f"<{iri}> <{predicate}> <".encode()
    found: list[str] = []
    at = 0 if canonical.startswith(start) else canonical.find(b"\n" + start) + 1
    while canonical.startswith(start, at):
        end = canonical.index(b"\n", at)
        found.append(canonical[at + len(start) : canonical.rindex(b">", at, end)].decode())
        at = end + 1
    return found
