"""What an address below the base names in one release: the thing, and the description that says what it is.

Descriptions are of datasets, agents, concepts and services. A record is described with its dataset, and so is what is
minted below one (a distribution, an extent, a schema), unless an agent or a concept that the dataset names tells it.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace

from pyoxigraph import NamedNode, Triple

from catalog.archive import View
from catalog.identifiers import Minter
from catalog.model import Description, Kind
from catalog.overlaps import provenance

SUFFIXES = ("ttl", "rdf", "jsonld", "nt", "trig")
"""What may be put behind an IRI of the catalogue: the address of its description in that format."""
PAGE = "html"
"""The same for its page: search engines and other programs that accept anything find it there."""
KINDS = ("dataset", "record", "agent", "concept", "service")
"""The first parts of the paths of what a release describes."""


@dataclass(frozen=True, slots=True)
class Thing:
    """The thing `iri`, described in `description`; `path` is its address below the base, without the `suffix`.

    `more` is what the catalogue knows of it besides: where the record of a dataset that several sources have is from.
    """

    description: Description
    iri: str
    path: str = ""
    suffix: str = ""
    more: tuple[Triple, ...] = ()


def split(path: str, suffixes: Container[str] = (*SUFFIXES, PAGE)) -> tuple[str, str]:
    """An address without its suffix, and the suffix; empty where it has none of these."""
    stem, _, suffix = path.rpartition(".")
    return (stem, suffix) if suffix in suffixes else (path, "")


class Names:
    """The names of one catalogue."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.minter = Minter(base)

    def find(self, view: View, path: str) -> Thing | None:
        """What this address names in a release; a name that ends like a suffix comes before the suffix."""
        for attempt, taken in dict.fromkeys(((path, ""), split(path))):
            found = self._named(view, attempt)
            if found is not None:
                return replace(found, path=attempt, suffix=taken)
        return None

    def _named(self, view: View, path: str) -> Thing | None:
        kind, _, rest = path.partition("/")
        if kind not in {"dataset", "record"}:
            found = view.get(self.base + path) or view.by_slug(Kind(kind), rest)
            return Thing(found, found.iri) if found else None
        slug, slash, below = rest.partition("/")
        dataset = view.by_slug(Kind.DATASET, slug)
        if dataset is None or (slash and not below):
            return None
        if kind == "record":
            return self._record(view, dataset, self.base + path)
        return self._below(view, dataset, self.base + path, below) if below else Thing(dataset, dataset.iri)

    def _below(self, view: View, dataset: Description, own: str, below: str) -> Thing | None:
        for iri in (f"{dataset.iri}/{below}", own):
            if f"<{iri}>".encode() in dataset.canonical:
                return Thing(dataset, iri)
        telling = (other for other in view.named_by(dataset.iri) if f"<{own}> ".encode() in other.canonical)
        return next((Thing(other, own) for other in telling), None)

    def _record(self, view: View, dataset: Description, own: str) -> Thing | None:
        """The record of a dataset, or one of the records that it was derived from (`graph/provenance`)."""
        more = tuple(provenance(self.base, view.merged(dataset.slug)))
        if own != self.minter.record(dataset.slug) and NamedNode(own) not in {t.subject for t in more}:
            return None
        return Thing(dataset, own, more=more)
