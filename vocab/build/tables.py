"""How each table is made: which copies are read, in which order of trust, and what is taken from them.

For a label the first copy that has it is believed, so newer copies stand first. A cell of the hand-written
`overlay/NAME.csv` that is not empty wins over all of them.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from vocab.terms import SCHEMES, normalise

from .sources import Concept, read_csv, read_iana, read_labels, read_skos

COLUMNS = ("code", "iri", "fr", "en", "replaced_by", "broader", "aliases")
OVERLAY = Path(__file__).parent / "overlay"

_FDK = "Informasjonsforvaltning__fdk-reference-data/test/resources/"
_MD101 = "metadata101__dcat-ap/theme/"
_PIVEAU = "piveau-data__piveau-vocabularies/"
_OGDCH = "opendata-swiss__ogdch_checker/"
_HARVEST = "opendata-swiss__ckanext-dcatapchharvest/"
_SCHEMING = "mjanez__ckanext-schemingdcat/dcat/"
_INSPIRE = (
    "geonetwork__geonetwork-ui/support-services/docker-entrypoint.d/thesauri/httpinspireeceuropaeutheme-theme.rdf"
)

SKOS_COPIES: dict[str, tuple[str, ...]] = {
    "access-right": (_FDK + "access-right-sparql-result.ttl", _MD101 + "access-right.rdf"),
    "adms-status": (_MD101 + "status.rdf",),
    "continent": (_PIVEAU + "continents-skos.rdf",),
    "country": (_PIVEAU + "countries-skos.rdf",),
    "data-theme": (_MD101 + "datatheme.rdf", _PIVEAU + "data-theme-skos.rdf"),
    "dataset-type": (_FDK + "dataset-types-sparql-result.ttl",),
    "distribution-status": (_MD101 + "distribution-status.rdf",),
    "file-type": (
        _PIVEAU + "filetypes-skos.rdf",
        _MD101 + "file-type.rdf",
        _HARVEST + "formats.xml",
        _OGDCH + "formats-eu.ttl",
        _SCHEMING + "xml/file-type.xml",
    ),
    "frequency": (_FDK + "frequencies-sparql-result.ttl", _MD101 + "frequency.rdf", _OGDCH + "frequency-eu.ttl"),
    "hvd-category": (_MD101 + "high-value-dataset-category.rdf", _FDK + "high-value-categories.ttl"),
    "inspire-theme": (_INSPIRE,),
    "language": (_MD101 + "language.rdf", _OGDCH + "language-eu.ttl"),
    "licence": (_FDK + "licences-sparql-result.ttl", _PIVEAU + "licences-skos.rdf"),
    "licence-type": (_MD101 + "licence-type.rdf",),
    "place": (_PIVEAU + "places-skos.rdf",),
    "planned-availability": (_FDK + "planned-availability-sparql-result.ttl",),
    "publisher-type": (_MD101 + "publisher-type.rdf",),
}

PROPER_NAMES = frozenset({"file-type", "licence", "place", "checksum-algorithm", "media-type"})
"""Tables of names: where no copy has a French one, the name itself is the French label."""

UNLABELLED_DROPPED = frozenset({"language"})
"""Tables whose newest copy lists thousands of codes without a label: only what has one is taken."""


@dataclass
class Entry:
    """A row in the making."""

    code: str
    iri: str
    fr: str = ""
    en: str = ""
    replaced_by: str = ""
    broader: str = ""
    aliases: list[str] = field(default_factory=list)

    def row(self) -> list[str]:
        """The cells in the order of `COLUMNS`; aliases that say no more than the other cells are left out."""
        known = {normalise(text) for text in (self.code, self.fr, self.en)}
        kept = []
        for alias in self.aliases:
            if normalise(alias) and normalise(alias) not in known:
                known.add(normalise(alias))
                kept.append(alias)
        return [self.code, self.iri, self.fr, self.en, self.replaced_by, self.broader, "|".join(kept)]


def build(source: Path) -> dict[str, str]:
    """Table name to CSV text, for every table; the same input gives the same bytes."""
    made = {name: _entries(name, source) for name in SCHEMES}
    known = {entry.iri: entry for entries in made.values() for entry in entries}
    for entry in known.values():
        if not entry.fr and entry.replaced_by:
            entry.fr = known[entry.replaced_by].fr
    return {name: _csv(made[name]) for name in sorted(made)}


def _entries(name: str, source: Path) -> list[Entry]:
    maker = _MAKERS.get(name, _from_skos)
    entries = {entry.code: entry for entry in maker(name, source)}
    _lay_over(name, entries)
    for entry in entries.values():
        if not entry.fr and name in PROPER_NAMES:
            entry.fr = entry.en
    return sorted(entries.values(), key=lambda entry: entry.code)


def _from_skos(name: str, source: Path) -> Iterable[Entry]:
    scheme = SCHEMES[name]
    copies = [read_skos(source / path, scheme.iri) for path in SKOS_COPIES[name]]
    for iri in {iri for copy in copies for iri in copy if iri.startswith(scheme.base)}:
        seen = [copy[iri] for copy in copies if iri in copy]
        entry = Entry(iri[_code_start(name) :], iri)
        for concept in seen:
            _fill(entry, concept, name)
        yield entry


def _code_start(name: str) -> int:
    """HVD codes keep the `c_` that is part of their identifier."""
    base = SCHEMES[name].base
    return len(base) - len("c_") if name == "hvd-category" else len(base)


def _fill(entry: Entry, concept: Concept, name: str) -> None:
    entry.en = entry.en or concept.labels.get("en", "")
    entry.fr = entry.fr or concept.labels.get("fr", "")
    entry.broader = entry.broader or concept.broader
    entry.aliases += concept.alternatives["fr"] + concept.alternatives["en"]
    if name == "licence":
        entry.aliases += concept.same
    if name == "file-type":
        entry.aliases += [part for origin, code in concept.codes if origin in _FILE_CODES for part in code.split()]


_FILE_CODES = ("file-extension", "mime-type-cellar")


def _licences(name: str, source: Path) -> Iterable[Entry]:
    """The SKOS copies, with the licence's own web page as an alias from a list that pairs them."""
    pages: dict[str, str] = {}
    for row in read_csv(source / _SCHEMING / "csv/download/licenses.csv"):
        if len(row) >= len(("page", "code", "iri")) and row[0].startswith("http"):
            pages.setdefault(row[2].strip(), row[0].strip())
    for entry in _from_skos(name, source):
        if entry.iri in pages:
            entry.aliases.append(pages[entry.iri])
        yield entry


def _replaced_by_exact_match(current: str) -> Callable[[str, Path], Iterable[Entry]]:
    """Terms of an old scheme that the copies of the table `current` name as exact matches of theirs."""

    def make(name: str, source: Path) -> Iterable[Entry]:
        base = SCHEMES[name].base
        labels = read_labels(source / SKOS_COPIES[name][0], base) if name in SKOS_COPIES else {}
        for path in SKOS_COPIES[current]:
            for concept in read_skos(source / path, SCHEMES[current].iri).values():
                for old in concept.same:
                    if old.startswith(base):
                        own = labels.get(old, concept).labels
                        yield Entry(old[len(base) :], old, concept.labels.get("fr", ""), own["en"], concept.iri)

    return make


def _media_types(name: str, source: Path) -> Iterable[Entry]:
    base = SCHEMES[name].base
    replaced: dict[str, str] = {}
    for path in (_SCHEMING + "xml/iana_media_types.xml", _HARVEST + "iana_media_types.xml"):
        for code, successor in read_iana(source / path):
            replaced.setdefault(code, successor)
    for row in read_csv(source / _FDK / "mediatypes-test.csv"):
        if "/" in row[1]:
            replaced.setdefault(row[1], "")
    for code, successor in replaced.items():
        yield Entry(code, base + code, replaced_by=base + successor if successor in replaced else "")


def _hand_written(name: str, source: Path) -> Iterable[Entry]:
    """No copy is published: the overlay is the table."""
    del source, name
    return ()


_MAKERS: dict[str, Callable[[str, Path], Iterable[Entry]]] = {
    "adms-status": _replaced_by_exact_match("distribution-status"),
    "checksum-algorithm": _hand_written,
    "cld-frequency": _replaced_by_exact_match("frequency"),
    "licence": _licences,
    "media-type": _media_types,
}


def _lay_over(name: str, entries: dict[str, Entry]) -> None:
    path = OVERLAY / f"{name}.csv"
    if path.exists():
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                _apply(name, row, entries)
    for code in [code for code, entry in entries.items() if name in UNLABELLED_DROPPED and not entry.en]:
        del entries[code]


def _apply(name: str, row: dict[str, str], entries: dict[str, Entry]) -> None:
    code = row["code"]
    if code not in entries:
        if name in SKOS_COPIES:
            raise ValueError(f"overlay/{name}.csv: `{code}` is in no copy of the vocabulary")
        entries[code] = Entry(code, SCHEMES[name].base + code)
    entry = entries[code]
    entry.fr = row.get("fr") or entry.fr
    entry.en = row.get("en") or entry.en
    if row.get("replaced_by"):
        entry.replaced_by = SCHEMES[name].base + row["replaced_by"]
    if row.get("aliases"):
        entry.aliases = row["aliases"].split("|") + entry.aliases


def _csv(entries: list[Entry]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(entry.row() for entry in entries)
    return text.getvalue()
