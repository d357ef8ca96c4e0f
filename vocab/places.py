"""A gazetteer for French cities: communes, intercommunality, departments, regions, and the EU's places and countries.

A place that an EU table has is named by its EU IRI; any other is a concept of the catalogue's own, made from
`Place.slug`, with the official code as its notation. INSEE's geographic IRIs are opaque: none is built here.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import StringIO

from .terms import Term, current, normalise, table

TOULOUSE_METROPOLE = "243100518"
"""The SIREN of the intercommunality whose communes are in the table."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place: its official code, its name, its level and the code of the place around it.

    `level` is one of `commune`, `epci`, `departement`, `region` (INSEE or SIREN codes), `place`, `country`,
    `continent` (EU codes). `iri` is the EU IRI, or empty where no EU table has the place.
    """

    code: str
    name: str
    level: str
    parent: str = ""
    iri: str = ""

    @property
    def slug(self) -> str:
        """The end of the IRI of a local concept for the place, such as `commune-31069`."""
        return f"{self.level}-{self.code.lower()}"


def commune(code_or_name: str) -> Place | None:
    """The commune of Toulouse Métropole with this INSEE code or this name, however it is written."""
    return _french().get(("commune", code_or_name.strip())) or _by_name().get(("commune", fold(code_or_name)))


def communes() -> tuple[Place, ...]:
    """The 37 communes of Toulouse Métropole, by INSEE code."""
    return tuple(place for (level, _), place in _french().items() if level == "commune")


def french_place(level: str, code: str) -> Place | None:
    """The region, department, intercommunality or commune with this official code."""
    return _french().get((level, code))


def find_place(text: str) -> Place | None:
    """The place that `text` names, by its name alone or with its kind before it (« Ville de … », « Région … »).

    A commune of the metropole comes before the metropole, a French town of the EU table, a region, a department, a
    country, a continent and a town elsewhere. A name that two places of one level share is not found; nor is that of
    a country or a foreign town that a French commune bears too (Grenade, Valence): which one is meant is unknown.
    """
    key = fold(text)
    for pattern, level in _KINDS:
        if (named := re.fullmatch(pattern, key)) and (found := _at_level(level, named[1])):
            return found
    return next((found for level in _ORDER if (found := _at_level(level, key))), None)


_ORDER = ("commune", "epci", "town", "region", "departement", "country", "continent", "place")
_KINDS = (
    (r"(?:ville|commune|mairie) (?:de la |de l |de |du |des |d )?(.+)", "commune"),
    (r"(?:ville|commune|mairie) (?:de |d )?(.+)", "town"),
    (r"(?:departement|conseil departemental) (?:de la |de l |de |du |des |d )?(.+)", "departement"),
    (r"(?:region|conseil regional) (?:de la |de l |de |du |des |d )?(.+)", "region"),
)


def _at_level(level: str, key: str) -> Place | None:
    if level in ("country", "continent", "place"):
        found = None if key in _homonyms() else _by_folded_label(level).get(key)
        return _of_term(found) if found else None
    return _by_name().get((level, key))


def decode_reference(code: str) -> Place | None:
    """The place of one OpenDataSoft `geographic_reference` code; `None` for any level that is not evidenced.

    OpenDataSoft publishes no list of its levels. Read are `world_` and a two-letter country code, and in France, at any
    level, nine digits that are the SIREN of an intercommunality in the table, which can be nothing else.
    """
    if world := re.fullmatch(r"world_([a-z]{2})", code):
        found = table("country").by_label(world[1])
        return _of_term(found) if found and world[1].upper() in found.aliases else None
    if french := re.fullmatch(r"fr_([0-9]+)_([0-9]{9})", code):
        return french_place("epci", french[2])
    return None


def decode_zone(zone: str) -> Place | None:
    """The place of one zone of udata: `country:fr`, `fr:region:76`, `fr:commune:31555@1942-01-01`; else `None`."""
    if country := re.fullmatch(r"country:([a-z]{2})", zone):
        return decode_reference(f"world_{country[1]}")
    french = re.fullmatch(r"fr:(region|departement|epci|commune):([0-9AB]+)(?:@.*)?", zone)
    return french_place(french[1], french[2]) if french else None


def _of_term(found: Term) -> Place:
    now = current(found)
    parent = now.code.partition("_")[0] if now.scheme == "place" else ""
    return Place(now.code, now.fr, now.scheme, parent, now.iri)


def fold(text: str) -> str:
    """A place's name as names are compared: as `normalise` does, with hyphens and apostrophes as spaces."""
    return re.sub(r"[-' ]+", " ", normalise(text)).strip()


@cache
def _french() -> dict[tuple[str, str], Place]:
    return {(row["level"], row["code"]): _of_row(row) for row in _rows()}


@cache
def _by_name() -> dict[tuple[str, str], Place]:
    """Level and name to place; French towns of the EU table stand under the level `town`."""
    named = {}
    for row in _rows():
        for name in (row["name"], *filter(None, row["aliases"].split("|"))):
            named[row["level"], fold(name)] = _of_row(row)
    for term in table("place"):
        if term.code.startswith("FRA_") and fold(term.fr) not in _homonyms():
            named["town", fold(term.fr)] = _of_term(term)
    return named


@cache
def _by_folded_label(level: str) -> dict[str, Term]:
    """The names of a table's terms as places are compared; a name of two different terms is left out.

    Two-letter codes are no names here: « la » is not Laos.
    """
    found: dict[str, set[Term]] = {}
    for term in table(level):
        for name in (term.fr, term.en, *term.aliases):
            if len(name) > len("XX"):
                found.setdefault(fold(name), set()).add(current(term))
    return {key: next(iter(terms)) for key, terms in found.items() if len(terms) == 1}


@cache
def _homonyms() -> frozenset[str]:
    return frozenset(_read("french-homonyms").splitlines()[1:])


def _of_row(row: dict[str, str]) -> Place:
    return Place(row["code"], row["name"], row["level"], row["parent"], row["iri"])


@cache
def _rows() -> tuple[dict[str, str], ...]:
    return tuple(csv.DictReader(StringIO(_read("french-places"))))


def _read(name: str) -> str:
    return resources.files("vocab").joinpath("tables", f"{name}.csv").read_text(encoding="utf-8")
