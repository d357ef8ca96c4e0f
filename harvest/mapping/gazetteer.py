"""Places as the settings name them: in the `[mapping]` table of places, and as the default of a source."""

from __future__ import annotations

import re

from harvest.mapping.addresses import address
from vocab.places import Place, commune, find_place, french_place
from vocab.terms import table
from vocab.terms import term as known_term

ELSEWHERE = "elsewhere"
"""The level of a place that is named by an address of the city's own choice, such as one of GeoNames."""


def place_of_target(target: str, name: str) -> Place | None:
    """The place that `target` means: an EU IRI or code, an INSEE or SIREN code, a known name, an address.

    `name` is what a place is called that no table holds.
    """
    eu = table("place").by_code(target) or table("country").by_code(target)
    if found := place_of_iri(eu.iri if eu else target):
        return found
    elsewhere = address(target) if re.match(r"https?://", target) else None
    if elsewhere:
        return Place("", name, ELSEWHERE, "", elsewhere[1:-1])
    for level in ("epci", "departement", "region"):
        if known := french_place(level, target):
            return known
    return commune(target) or find_place(target)


def place_of_iri(iri: str) -> Place | None:
    """The place of exactly this EU IRI."""
    eu = known_term(iri)
    return Place(eu.code, eu.fr, eu.scheme, "", eu.iri) if eu and eu.scheme in _SCHEMES else None


_SCHEMES = frozenset(("continent", "country", "place"))
