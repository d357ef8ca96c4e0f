"""The names nearest to one that is not there: what a reader who mistyped an address meant."""

from __future__ import annotations

import difflib

from catalog.archive import AT, View
from catalog.identifiers import slugify
from catalog.model import Kind

NEIGHBOURS = 200
"""Names that are compared on either side in the alphabet, and with a word in common."""


def nearest(view: View, kind: Kind, slug: str, *, most: int = 3) -> list[str]:
    """Up to so many slugs of this kind in a release that read like the one given, the likest first.

    Compared are those beside it in the alphabet and those with its longest word: no catalogue is read whole.
    """
    wanted = slugify(slug) if kind is Kind.DATASET else slug
    where = f"SELECT slug FROM descriptions WHERE kind = :kind AND {AT} AND slug"  # noqa: S608  constant text
    word = max(wanted.split("-"), key=len)
    candidates: dict[str, None] = {}
    for condition in (
        ">= :wanted ORDER BY slug",
        "< :wanted ORDER BY slug DESC",
        "LIKE :word ORDER BY slug",
    ):
        sql = f"{where} {condition} LIMIT {NEIGHBOURS}"
        values = {"kind": kind.value, "wanted": wanted, "word": f"%{word}%", "n": view.release}
        candidates |= {str(row["slug"]): None for row in view.archive.rows(sql, **values)}
    return difflib.get_close_matches(wanted, candidates, n=most, cutoff=0.6)
