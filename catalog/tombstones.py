"""What was published once and was withdrawn: what it was called, and when it went."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.archive import View
from catalog.draft import title_of
from catalog.model import Description, Kind
from catalog.packing import unpack

_LAST = """
SELECT a.iri, a.release, t.title, COALESCE(s.identifier, a.iri) AS identifier FROM activities a
LEFT JOIN titles t ON t.seq = a.seq LEFT JOIN slugs s ON s.iri = a.iri
WHERE a.thing = :kind AND a.slug = :slug AND a.kind = 'withdrawn' AND a.release <= :n ORDER BY a.seq DESC LIMIT 1
"""
_VERSIONS = """
SELECT body, until FROM descriptions WHERE kind = 'dataset' AND slug = :slug AND until <= :n ORDER BY until DESC
"""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A thing that a release does not hold any more; `release` is the first without it.

    `kind` and `slug` are those of its description: a `part` of a dataset (a distribution, say) was described with it.
    """

    iri: str
    kind: Kind
    slug: str
    title: str
    identifier: str
    release: int
    part: bool = False

    def stands_in(self, view: View) -> bool:
        """Whether a release still describes it."""
        described = view.by_slug(self.kind, self.slug)
        return described is not None and (not self.part or _tells(described.canonical, self.iri))


def tombstone(view: View, kind: Kind, slug: str) -> Tombstone | None:
    """The tombstone of a slug that a release does not hold; None where it never did. It stands for ever."""
    rows = view.archive.rows(_LAST, kind=kind.value, slug=slug, n=view.release)
    if not rows:
        return None
    (row,) = rows
    return Tombstone(row["iri"], kind, slug, row["title"] or slug, row["identifier"], row["release"])


def tombstone_of_part(view: View, slug: str, below: str) -> Tombstone | None:
    """The tombstone of a part that a live dataset has no more; None where it never had it, as far as is known.

    `below` is the part's address below the dataset's. Versions of the dataset that no kept release has are forgotten.
    """
    dataset = view.by_slug(Kind.DATASET, slug)
    if dataset is None:
        return None
    iri = f"{dataset.iri}/{below}"
    for row in view.archive.rows(_VERSIONS, slug=slug, n=view.release):
        body = unpack(row["body"])
        if _tells(body, iri):
            named = title_of(Description(iri, Kind.DATASET, below, body))
            return Tombstone(iri, Kind.DATASET, slug, named, iri, row["until"], part=True)
    return None


def _tells(canonical: bytes, iri: str) -> bool:
    return canonical.startswith(f"<{iri}> ".encode()) or f"\n<{iri}> ".encode() in canonical
