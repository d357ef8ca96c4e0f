"""SHACL's own vocabulary: which terms there are, what each is, and the nearest one to a name that is none.

The facts stand in `vocab/tables/shacl.csv`, made by `python -m vocab.build.shacl`.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import StringIO


@dataclass(frozen=True, slots=True)
class ShaclTerm:
    """A term of `http://www.w3.org/ns/shacl#` by its local name.

    `kind` is `class`, `property` or `individual`. Of a property, `domain` and `range` are what the vocabulary states
    (`sh:` before SHACL's own, else an IRI, else empty), and `components` are the constraint components that it is a
    parameter of; `optional` says that they do without it.
    """

    name: str
    kind: str
    domain: str
    range: str
    components: tuple[str, ...]
    optional: bool


@cache
def terms() -> Mapping[str, ShaclTerm]:
    """Every term of the vocabulary, by its local name."""
    text = resources.files("vocab").joinpath("tables", "shacl.csv").read_text(encoding="utf-8")
    return {
        row["term"]: ShaclTerm(
            row["term"],
            row["kind"],
            row["domain"],
            row["range"],
            tuple(one for one in row["component"].split("|") if one),
            bool(row["optional"]),
        )
        for row in csv.DictReader(StringIO(text))
    }


_MEANT = {
    "shape": "node",
    "nodeShape": "node",
    "NodeShape": "node",
    "propertyShape": "property",
    "valueShape": "node",
    "valueClass": "class",
    "none": "not",
    "scopeClass": "targetClass",
    "scopeNode": "targetNode",
}
"""What people mean by names that look like another term, or that drafts of SHACL had."""

_ALIKE = 0.7
"""Likeness (`difflib`) from which on a term is worth suggesting."""


def nearest(name: str, *kinds: str) -> str:
    """The term of these kinds that `name` probably means; empty where none is near."""
    offered = [one.name for one in terms().values() if one.kind in kinds]
    if _MEANT.get(name) in offered:
        return _MEANT[name]
    folded = {one.lower(): one for one in reversed(offered)}
    near = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=_ALIKE)
    return folded[near[0]] if near else ""
