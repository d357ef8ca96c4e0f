"""Inventories kept as tables: the SCDL's « Catalogue » and whatever else an office has, row by row.

The schema is https://schema.data.gouv.fr/scdl/catalogue/ (0.1.3); other headings are matched by what offices call the
same things, and by the source's own mapping.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from catalog.errors import ResponseInvalid
from catalog.model import Text
from harvest.documents.tables import Row
from harvest.source import Rejected
from vocab.terms import normalise

FIELDS: Mapping[str, tuple[str, ...]] = {
    "COLL_NOM": ("collectivité", "nom de la collectivité", "organisme"),
    "COLL_SIRET": ("siret", "siret de la collectivité", "code siret de la collectivité"),
    "ID": ("identifiant", "référence", "identifiant du jeu de données", "id jeu de données"),
    "TITRE": ("title", "titre du jeu de données", "nom du jeu de données", "jeu de données", "intitulé"),
    "DESCRIPTION": ("résumé", "description du jeu de données", "descriptif"),
    "THEME": ("thématique", "thèmes", "thématiques", "thème du jeu de données"),
    "DIFFUSEUR": ("nom du diffuseur", "plateforme"),
    "PRODUCTEUR_NOM": ("producteur", "nom du producteur", "service producteur"),
    "PRODUCTEUR_SIRET": ("siret du producteur", "code siret du producteur"),
    "COUV_SPAT_MAILLE": ("maille", "maille de couverture spatiale", "granularité"),
    "COUV_SPAT_NOM": ("couverture spatiale", "territoire", "couverture géographique", "nom de couverture spatiale"),
    "COUV_TEMP_DEBUT": ("début", "date de début", "date de début de la couverture temporelle"),
    "COUV_TEMP_FIN": ("fin", "date de fin", "date de fin de la couverture temporelle"),
    "DATE_PUBL": ("date de publication", "date de la première publication", "publié le"),
    "FREQ_MAJ": ("fréquence", "fréquence de mise à jour", "fréquence de la mise à jour", "périodicité"),
    "DATE_MAJ": ("date de mise à jour", "dernière mise à jour", "date de la dernière mise à jour", "mis à jour le"),
    "MOTS_CLES": ("mots-clés", "mots clés", "tags", "étiquettes"),
    "LICENCE": ("license", "licence appliquée", "conditions de réutilisation"),
    "NOMBRE_RESSOURCES": ("nombre de ressources", "nombre de fichiers"),
    "FORMAT_RESSOURCES": ("format", "formats", "format des ressources", "formats des ressources"),
    "PROJECTION": ("système de projection", "scr", "epsg"),
    "LANG": ("langue", "language"),
    "URL": ("lien", "adresse", "page", "url du jeu de données"),
    "CONTACT_NOM": ("contact", "nom du contact", "référent"),
    "CONTACT_COURRIEL": ("courriel", "email", "e-mail", "mail", "courriel du contact"),
    "URL_RESSOURCE": ("url de la ressource", "lien de téléchargement", "url de téléchargement"),
}
"""The fields, and what offices call their columns besides. The last three are not of the SCDL."""
_SEARCHED = 40
"""Rows among which the headings are looked for: titles and remarks stand above them in spreadsheets."""
_TYPED = {
    "COLL_SIRET": re.compile(r"(?:\d\s*){14}"),
    "PRODUCTEUR_SIRET": re.compile(r"(?:\d\s*){14}"),
    "COUV_TEMP_DEBUT": re.compile(r".*\d{4}.*"),
    "COUV_TEMP_FIN": re.compile(r".*\d{4}.*"),
    "DATE_PUBL": re.compile(r".*\d{4}.*"),
    "DATE_MAJ": re.compile(r".*\d{4}.*"),
    "NOMBRE_RESSOURCES": re.compile(r"\d{1,5}"),
    "URL": re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE),
    "URL_RESSOURCE": re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE),
    "COLL_NOM": re.compile(r".*[^\W\d_].*"),
    "TITRE": re.compile(r".*[^\W\d_].*", re.DOTALL),
}
"""What the cells of some columns look like: this tells whether a row's cells stand under their headings."""
_TORN = 30
"""Rows that may be pieces of one."""
_LISTS = ("MOTS_CLES", "FORMAT_RESSOURCES", "THEME", "DESCRIPTION", "TITRE")
"""Columns whose text may hold the separator itself, where somebody forgot the quotation marks."""


@dataclass(frozen=True, slots=True)
class Line:
    """One dataset of an inventory: its cells by heading, and the heading of each field. `mended` names cells that were
    put together again."""

    number: int
    cells: dict[str, str]
    fields: Mapping[str, str]
    mended: tuple[str, ...] = ()

    def get(self, field: str) -> str:
        """The cell of a field; empty where there is none."""
        return self.cells.get(self.fields.get(field, ""), "").strip()


@cache
def _names() -> dict[str, str]:
    return {_key(name): field for field, names in FIELDS.items() for name in (field, *names)}


def _key(heading: str) -> str:
    return re.sub(r"[\W_]+", " ", normalise(heading)).strip()


def fields_of(headings: list[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """The heading of each field: the source's mapping first, then the SCDL's names, then the others."""
    known = {_key(h): h for h in reversed(headings) if h}
    found = {field: known[_key(name)] for field, name in mapping.items() if _key(name) in known}
    for field in FIELDS:
        if field not in found and _key(field) in known and known[_key(field)] not in found.values():
            found[field] = known[_key(field)]
    for key, heading in known.items():
        named = _names().get(key)
        if named and named not in found and heading not in found.values():
            found[named] = heading
    return found


def lines(rows: Iterator[Row], *, what: str, mapping: Mapping[str, str]) -> Iterator[Line | Rejected]:
    """The datasets of an inventory. Empty lines and headings that come again are none.

    A row with a wrong number of cells is put right where only one way to do so fits its columns, else rejected. Raises
    `ResponseInvalid` where no line of headings is recognised.
    """
    headings, fields = _headings(rows, what, mapping)
    torn: list[Row] = []
    for row in rows:
        cells = [c.strip() for c in row.cells]
        if not any(cells) or _is_heading(cells, headings):
            continue
        joined = _joined(torn, row) if torn and len(row.cells) < len(headings) else None
        if joined and len(joined.cells) == len(headings) and _fits(joined.cells, headings, fields):
            yield _line(joined, headings, fields, *(headings[i] for i, c in enumerate(joined.cells) if "\n" in c))
            torn = []
            continue
        if not joined or len(joined.cells) > len(headings) or len(torn) > _TORN:
            yield from (_alone(one, headings, fields, what) for one in torn)
            torn = []
        if len(row.cells) < len(headings):
            torn.append(row)
        else:
            yield _alone(row, headings, fields, what)
    yield from (_alone(one, headings, fields, what) for one in torn)


def _headings(rows: Iterator[Row], what: str, mapping: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    seen: list[str] = []
    for number, row in enumerate(rows):
        headings = _distinct([c.strip().removeprefix("\ufeff") for c in row.cells])
        fields = fields_of(headings, mapping)
        if "TITRE" in fields and (len(fields) > 1 or len(headings) == 1):
            while headings and not headings[-1]:
                headings.pop()
            return headings, fields
        seen = seen or [h for h in headings if h]
        if number >= _SEARCHED:
            break
    shown = ", ".join(seen[:8]) or "—"
    raise ResponseInvalid(
        f"no line of headings with a title is recognised (found: {shown}).",
        what=what,
        hint='Say what the columns are called: options = { columns = { TITRE = "…", ID = "…" } }.',
    )


def _distinct(headings: list[str]) -> list[str]:
    """The same, where a heading that comes twice is told apart."""
    seen: dict[str, int] = {}
    found = []
    for one in headings:
        seen[one] = seen.get(one, 0) + 1
        found.append(f"{one} ({seen[one]})" if one and seen[one] > 1 else one)
    return found


def _is_heading(cells: list[str], headings: list[str]) -> bool:
    named = [(c, h) for c, h in zip(cells, headings, strict=False) if h]
    return bool(named) and sum(_key(c) == _key(h) for c, h in named) > len(named) / 2


# ── rows that are not whole ──────────────────────────────────────────────────────────────────────────────────────────


def _alone(row: Row, headings: list[str], fields: Mapping[str, str], what: str) -> Line | Rejected:
    """The dataset in one row, put right if there is one way to do so."""
    width = len(headings)
    cells = list(row.cells)
    while len(cells) > width and not cells[-1].strip():
        cells.pop()
    if len(cells) == width:
        return _line(Row(row.line, cells), headings, fields)
    if len(cells) < width:
        padded = cells + [""] * (width - len(cells))
        if _fits(padded, headings, fields):
            return _line(Row(row.line, padded), headings, fields, headings[len(cells) - 1])
    else:
        merged = {h: _merged(cells, headings.index(h), width) for h in _mendable(fields)}
        ways = {h: made for h, made in merged.items() if _fits(made, headings, fields)}
        if len(ways) > 1:
            ways = {h: made for h, made in ways.items() if _goes_on(cells, headings.index(h), width)}
        if len(ways) == 1:
            heading, made = next(iter(ways.items()))
            return _line(Row(row.line, made), headings, fields, heading)
    return Rejected(
        f"{what}:{row.line}",
        Text(
            f"ligne {row.line}\u00a0: {len(row.cells)} cellules au lieu de {width}, et rien ne dit lesquelles. "
            "Mettez entre guillemets les textes qui contiennent le séparateur ou un retour à la ligne.",
            f"line {row.line}: {len(row.cells)} cells instead of {width}, and nothing tells which. Put texts that hold "
            "the separator or a line break in quotation marks.",
        ),
    )


def _mendable(fields: Mapping[str, str]) -> list[str]:
    return [fields[f] for f in _LISTS if f in fields]


def _merged(cells: list[str], at: int, width: int) -> list[str]:
    """The cells with the surplus put back into the column `at`."""
    surplus = len(cells) - width
    return [*cells[:at], "; ".join(c.strip() for c in cells[at : at + surplus + 1]), *cells[at + surplus + 1 :]]


def _goes_on(cells: list[str], at: int, width: int) -> bool:
    """Whether the surplus cells begin as a sentence or a list goes on: with a space, or a small letter."""
    return all(c[:1].isspace() or c[:1].islower() for c in cells[at + 1 : at + 1 + len(cells) - width])


def _joined(torn: list[Row], last: Row) -> Row:
    """The row that line breaks without quotation marks tore into these."""
    cells = list(torn[0].cells)
    for row in (*torn[1:], last):
        if cells and row.cells:
            cells[-1] = f"{cells[-1]}\n{row.cells[0]}"
        cells += row.cells[1:]
    return Row(torn[0].line, cells)


def _fits(cells: list[str], headings: list[str], fields: Mapping[str, str]) -> bool:
    """Whether every filled cell of a typed column looks like one, and at least two columns tell."""
    told = 0
    for field, pattern in _TYPED.items():
        at = headings.index(fields[field]) if field in fields else len(cells)
        if at < len(cells) and cells[at].strip():
            if not pattern.fullmatch(cells[at].strip()):
                return False
            told += 1
    return told > 1


def _line(row: Row, headings: list[str], fields: Mapping[str, str], *mended: str) -> Line:
    cells = {h: c for h, c in zip(headings, row.cells, strict=False) if h and c.strip()}
    for number, (heading, cell) in enumerate(zip(headings, row.cells, strict=False), 1):
        if not heading and cell.strip():
            cells[f"colonne {number}"] = cell
    return Line(row.line, cells, fields, tuple(mended))
