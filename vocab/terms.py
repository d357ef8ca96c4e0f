"""Controlled vocabularies: the terms that DCAT-AP and its neighbours name, found by IRI, code, label or alias.

Each vocabulary is one CSV file in `vocab/tables`, made by `python -m vocab.build` and read when first asked for.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import StringIO

from .errors import UsageError, unknown_choice
from .namespaces import AUTHORITY, HVD_SCHEME, SPDX


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a vocabulary.

    `scheme` is the table's name; `fr` and `en` are its labels and always filled; `replaced_by` and `broader` are
    full IRIs of terms that `term` finds, or empty; `aliases` are other spellings, codes and extensions.
    """

    scheme: str
    code: str
    iri: str
    fr: str
    en: str
    replaced_by: str = ""
    broader: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scheme:
    """What is known of a vocabulary as a whole: its concept scheme's IRI, its title, how its terms' IRIs begin."""

    iri: str
    fr: str
    en: str
    base: str


def _authority(name: str, fr: str, en: str) -> Scheme:
    iri = AUTHORITY.base + name
    return Scheme(iri, fr, en, iri + "/")


SCHEMES: dict[str, Scheme] = {
    "access-right": _authority("access-right", "Droit d’accès", "Access right"),
    "adms-status": Scheme(
        "http://purl.org/adms/status/1.0", "Statut (ADMS)", "Status (ADMS)", "http://purl.org/adms/status/"
    ),
    "checksum-algorithm": Scheme(
        SPDX.base + "ChecksumAlgorithm",
        "Algorithme de somme de contrôle",
        "Checksum algorithm",
        SPDX.base + "checksumAlgorithm_",
    ),
    "cld-frequency": Scheme(
        "http://purl.org/cld/freq/",
        "Fréquence (Dublin Core, ancien)",
        "Frequency (Dublin Core, old)",
        "http://purl.org/cld/freq/",
    ),
    "continent": _authority("continent", "Continent", "Continent"),
    "country": _authority("country", "Pays et territoire", "Country and territory"),
    "data-theme": _authority("data-theme", "Thème de données", "Data theme"),
    "dataset-type": _authority("dataset-type", "Type de jeu de données", "Dataset type"),
    "distribution-status": _authority("distribution-status", "Statut de la distribution", "Distribution status"),
    "file-type": _authority("file-type", "Type de fichier", "File type"),
    "frequency": _authority("frequency", "Fréquence", "Frequency"),
    "hvd-category": Scheme(
        HVD_SCHEME,
        "Catégories d’ensembles de données de forte valeur",
        "High-value dataset categories",
        "http://data.europa.eu/bna/c_",
    ),
    "inspire-theme": Scheme(
        "http://inspire.ec.europa.eu/theme",
        "Thèmes INSPIRE",
        "INSPIRE themes",
        "http://inspire.ec.europa.eu/theme/",
    ),
    "language": _authority("language", "Langue", "Language"),
    "licence": _authority("licence", "Licence", "Licence"),
    "licence-type": Scheme(
        "http://purl.org/adms/licencetype/1.0",
        "Type de licence",
        "Licence type",
        "http://purl.org/adms/licencetype/",
    ),
    "media-type": Scheme(
        "https://www.iana.org/assignments/media-types",
        "Types de médias",
        "Media types",
        "https://www.iana.org/assignments/media-types/",
    ),
    "place": _authority("place", "Lieu", "Place"),
    "planned-availability": _authority("planned-availability", "Disponibilité prévue", "Planned availability"),
    "publisher-type": Scheme(
        "http://purl.org/adms/publishertype/1.0",
        "Type d’éditeur",
        "Publisher type",
        "http://purl.org/adms/publishertype/",
    ),
}

TABLES: tuple[str, ...] = tuple(SCHEMES)
"""The names that `table` takes."""


def normalise(text: str) -> str:
    """`text` as labels are compared: no accents, lower case, single spaces, no punctuation at its ends.

    Punctuation inside stays, but every apostrophe and hyphen counts as one kind.
    """
    decomposed = unicodedata.normalize("NFKD", text.translate(_ALIKE))
    bare = "".join(c for c in decomposed if not unicodedata.combining(c)).lower()
    return " ".join(bare.split()).strip(_EDGES)


_ALIKE = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "‐": "-", "‑": "-", "–": "-", "—": "-", "œ": "oe", "Œ": "oe"})
_EDGES = " .,;:!?'\"«»()[]{}<>-_/|*"


class Table:
    """One vocabulary. Every look-up is by hash; what is not in the table is `None`, never a guess."""

    def __init__(self, name: str, scheme: Scheme, terms: Iterable[Term]) -> None:
        self.name = name
        self.iri = scheme.iri
        self.fr = scheme.fr
        self.en = scheme.en
        self._terms = tuple(terms)
        self._by_iri = {one.iri: one for one in self._terms}
        self._by_code = {one.code.lower(): one for one in self._terms}
        self._by_label: dict[str, Term | None] | None = None

    def __iter__(self) -> Iterator[Term]:
        return iter(self._terms)

    def __len__(self) -> int:
        return len(self._terms)

    def by_iri(self, iri: str) -> Term | None:
        """The term of exactly this IRI, deprecated or not."""
        return self._by_iri.get(iri)

    def by_code(self, code: str) -> Term | None:
        """The term of this code, whatever its case, deprecated or not."""
        return self._by_code.get(code.lower())

    def by_label(self, text: str) -> Term | None:
        """The term that is called so in French or English, or by an alias; `None` where two terms share the name.

        A preferred label wins over an alias, and a current term over a deprecated one.
        """
        if self._by_label is None:
            self._by_label = _label_index(self._terms)
        return self._by_label.get(normalise(text))

    def find(self, text: str) -> Term | None:
        """The current term that `text` names: an IRI, a code, a label or an alias, tried in this order.

        A deprecated term leads to its replacement; an IRI of another table that was replaced by one of this table
        is found as well.
        """
        text = text.strip()
        found = self.by_iri(text) or self.by_code(text) or self.by_label(text)
        if found is None and "://" in text:
            found = term(text)
        if found is None:
            return None
        found = current(found)
        return found if found.scheme == self.name else None


def _label_index(terms: tuple[Term, ...]) -> dict[str, Term | None]:
    """Normalised name to term; the weaker ranks only fill what the stronger left free."""
    index: dict[str, Term | None] = {}
    alive = [one for one in terms if not one.replaced_by]
    gone = [one for one in terms if one.replaced_by]
    for group in (alive, gone):
        _add_names(index, ((name, one) for one in group for name in (one.fr, one.en)))
        _add_names(index, ((name, one) for one in group for name in one.aliases))
    index.pop("", None)
    return index


def _add_names(index: dict[str, Term | None], names: Iterable[tuple[str, Term]]) -> None:
    rank: dict[str, Term | None] = {}
    for name, one in names:
        key = normalise(name)
        rank[key] = one if rank.get(key, one) is one else None
    for key, found in rank.items():
        index.setdefault(key, found)


@cache
def table(name: str) -> Table:
    """The vocabulary of this name (see `TABLES`), read once. `UsageError` lists the names for an unknown one."""
    if name not in SCHEMES:
        raise unknown_choice("Vocabulary", name, TABLES)
    return Table(name, SCHEMES[name], _rows(name))


def _rows(name: str) -> Iterator[Term]:
    """The terms of a table file. A media type has no other name than its code: its labels are left empty there."""
    text = resources.files("vocab").joinpath("tables", f"{name}.csv").read_text(encoding="utf-8")
    rows = csv.reader(StringIO(text))
    next(rows)
    for code, iri, fr, en, replaced_by, broader, aliases in rows:
        others = tuple(aliases.split("|")) if aliases else ()
        yield Term(name, code, iri, fr or code, en or code, replaced_by, broader, others)


@cache
def bases() -> tuple[str, ...]:
    """What the IRIs of terms begin with."""
    return tuple({scheme.base for scheme in SCHEMES.values()})


def term(iri: str) -> Term | None:
    """The term of exactly this IRI in whichever table, or `None`. Only the table that can hold it is read."""
    if not iri.startswith(bases()):
        return None
    for name, scheme in SCHEMES.items():
        if iri.startswith(scheme.base):
            found = table(name).by_iri(iri)
            if found is not None:
                return found
    return None


def current(one: Term) -> Term:
    """`one` itself, or what replaced it, however many replacements ago."""
    while one.replaced_by:
        following = term(one.replaced_by)
        if following is None:
            raise UsageError(
                f"`{one.replaced_by}` replaces `{one.iri}` and is in no table.", hint="Rebuild the tables."
            )
        one = following
    return one


def ancestors(iri: str) -> tuple[Term, ...]:
    """The broader terms of `iri`, nearest first; empty for a top-level or unknown IRI."""
    found = term(iri)
    line: list[Term] = []
    while found is not None and found.broader:
        found = term(found.broader)
        if found is not None:
            line.append(found)
    return tuple(line)


def top_category(iri: str) -> Term | None:
    """The top-level HVD category of `iri`, itself where it is one; `None` for an IRI that is no HVD category."""
    found = table("hvd-category").by_iri(iri)
    if found is None:
        return None
    above = ancestors(found.iri)
    return above[-1] if above else found
