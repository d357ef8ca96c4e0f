"""Tables of databases and files written as graphs: what `harvest.tables` found, and no value of any row."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from pyoxigraph import Literal

from catalog.errors import RecordInvalid
from catalog.model import Fate, Identity, Mapped, Note, Record, Text
from harvest.graph.mapping import map_graph
from harvest.graph.sketch import Sketch
from harvest.mapping import wording
from harvest.mapping.columns import TABLE_SCHEMA, named_columns, table_schema
from harvest.mapping.context import Context
from harvest.mapping.draft import Draft
from harvest.mapping.reader import Fields
from harvest.mapping.references import CONFORMS, STANDARD
from harvest.mapping.statements import Term, literal, node, text
from vocab.namespaces import CSVW, DCAT, DCT, XSD

Data = Mapping[str, Any]

_FORMATS = {"csv": "CSV", "geojson": "GeoJSON", "parquet": "Parquet"}
_KINDS = {
    "table": Text("Table", "Table"),
    "view": Text("Vue", "View"),
    "csv": Text("Fichier CSV", "CSV file"),
    "geojson": Text("Fichier GeoJSON", "GeoJSON file"),
    "parquet": Text("Fichier Parquet", "Parquet file"),
}
_TITLE, _DESCRIPTION = node(DCT.title), node(DCT.description)


def map_record(record: Record, identity: Identity, context: Context) -> Mapped:
    """The table as DCAT-AP 3, with its columns as a CSVW table schema. Pure."""
    data: Data = record.data
    if fault := data.get("fault"):
        raise RecordInvalid(fault["en"], french=fault["fr"], what=record.id, hint=fault.get("hint", ""))
    view = Fields(data)
    sketch = Sketch(identity.iri, view, language=context.language)
    for rule in (_names, _dates, _place, _access):
        view.rule = rule.__name__.strip("_")
        rule(data, sketch, context)
    view.rule = "findings"
    for code, value in (data.get("findings") or {}).items():
        view.refuse(f"findings.{code}", finding(code, value))
    view.otherwise(_NOTES)
    return map_graph(
        record, sketch.graph, identity, context, view=view, language=sketch.language, also=_schema_of(data, view)
    )


# ── what it is ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _names(data: Data, to: Sketch, context: Context) -> None:
    """Title and description; without a comment the description says what the table is made of."""
    to.typed(to.root, DCAT.Dataset)
    to.text(to.root, DCT.title, data["title"], "title")
    if not to.text(to.root, DCT.description, data.get("comment"), "comment"):
        for lang, words in facts(data, context).items():
            to.link(to.root, DCT.description, Literal(words, language=lang))
    to.claim("kind", None)
    if data.get("rows") is not None:
        to.claim("rows", None)


def facts(data: Data, context: Context) -> dict[str, str]:
    """What the table is and how large, in the languages of the catalogue.

    Large numbers are rounded to two digits: a description should not change with every row.
    """
    kind, name, count = _KINDS[data["kind"]], data["name"], len(data.get("columns") or ())
    rows, near = _rounded(data)
    made = {}
    for lang in context.languages:
        french = lang == "fr"
        words = f"{kind.fr} « {name} » : " if french else f"{kind.en} `{name}`: "
        words += f"{count} {'colonne' if french else 'column'}{'s' if count != 1 else ''}"
        if rows is not None:
            about = ("environ " if french else "about ") if near else ""
            number = f"{rows:,}".replace(",", "\u00a0") if french else f"{rows:,}"
            words += f", {about}{number} {'ligne' if french else 'row'}{'s' if rows != 1 else ''}"
        made[lang] = f"{words}."
    return made


def _rounded(data: Data) -> tuple[int | None, bool]:
    """The rows as they are told, and whether that is not exact."""
    rows, near = data.get("rows"), bool(data.get("estimated"))
    if rows is None or rows <= 1000:
        return rows, near
    step = 10 ** (int(math.log10(rows)) - 1)
    shown = round(rows / step) * step
    return shown, near or shown != rows


def _dates(data: Data, to: Sketch, context: Context) -> None:
    """`modified`: the latest change that the table or the file tells of."""
    to.say(to.root, DCT.modified, data.get("modified"), "modified")


def _place(data: Data, to: Sketch, context: Context) -> None:
    """`extent`: the box around the positions."""
    box = data.get("extent")
    if isinstance(box, list) and len(box) == 4:
        to.link(to.root, DCT.spatial, Literal(",".join(map(str, box))))
        to.claim("extent", None)


# ── where it is ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _access(data: Data, to: Sketch, context: Context) -> None:
    """One distribution, where the operator has said at which address people reach the table."""
    address = data.get("access")
    if not address:
        to.view.ignore("size", NO_ADDRESS)
        return
    made = to.below("distribution", data["kind"])
    to.link(to.root, DCAT.distribution, made)
    to.typed(made, DCAT.Distribution)
    to.say(made, DCAT.accessURL, address, "access")
    for lang, words in facts(data, context).items():
        to.link(made, DCT.description, Literal(words, language=lang))
    to.text(made, DCT.title, data["title"], "title")
    if data["kind"] in _FORMATS:
        to.say(made, DCAT.downloadURL, address, "access")
        to.link(made, DCT["format"], Literal(_FORMATS[data["kind"]]))
        to.say(made, DCAT.byteSize, data.get("size"), "size")
        to.say(made, DCT.modified, data.get("modified"), "modified")


# ── columns ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _schema_of(data: Data, view: Fields) -> Callable[[Draft], None]:
    """The columns, keys and references as a CSVW table schema: the distribution, else the dataset, conforms to it."""

    def write(out: Draft) -> None:
        view.rule = "columns"
        given = view.take("columns")
        if not isinstance(given, list) or not given:
            return
        out.tag = out.context.language
        named = named_columns(view, given, path="columns")
        view.ignore("columns.native", NATIVE)
        if not named:
            return
        schema = table_schema(out, named)
        out.statements.typed(schema, STANDARD)
        holder = out.below("distribution", data["kind"]) if data.get("access") else out.dataset
        out.statements.add(holder, CONFORMS, schema)
        if data.get("access"):
            out.statements.add(holder, TABLE_SCHEMA, schema)
        for lang, words in facts(data, out.context).items():
            out.statements.add(schema, _TITLE, text(_SCHEMA_TITLE[lang].format(title=data["title"]), lang))
            out.statements.add(schema, _DESCRIPTION, text(words, lang))
        _keys(data, view, out, schema)

    return write


_SCHEMA_TITLE = {"fr": "Colonnes de « {title} »", "en": "Columns of “{title}”"}


def _keys(data: Data, view: Fields, out: Draft, schema: Term) -> None:
    """`csvw:primaryKey` and `csvw:foreignKey` (Tabular Metadata, 5.5.2)."""
    for name in view.take("primary_key") or ():
        out.statements.add(schema, node(CSVW.primaryKey), text(name))
    for i, one in enumerate(view.take("foreign_keys") or ()):
        key = out.below("schema", "foreign-key", str(i + 1))
        reference = out.below("schema", "foreign-key", str(i + 1), "reference")
        out.statements.add(schema, node(CSVW.foreignKey), key)
        out.statements.add(key, node(CSVW.reference), reference)
        out.statements.add(reference, node(CSVW.resource), literal(one["table"], XSD.anyURI))
        for subject, names in ((key, one["columns"]), (reference, one["referred"])):
            for name in names:
                out.statements.add(subject, node(CSVW.columnReference), text(name))


# ── what those who keep the table should know ────────────────────────────────────────────────────────────────────────

NO_ADDRESS = Text(
    "aucune adresse n’est donnée pour cette source\u00a0: il n’y a pas de distribution",
    "no address is given for this source: there is no distribution",
)
NATIVE = Text("nom du type dans la base ou le fichier", "name of the type in the database or file")
_COUNTED = Text("dit dans la description", "told in the description")
_NOTES: Mapping[str, Note] = {
    "name": (Fate.IGNORED, "names", _COUNTED, None),
    "estimated": (Fate.IGNORED, "names", _COUNTED, None),
    "size": (Fate.IGNORED, "access", NO_ADDRESS, None),
    "findings": (Fate.UNMAPPED, "findings", wording.UNKNOWN_FIELD, None),
}

_FINDINGS: Mapping[str, Text] = {
    "personal": Text(
        "cette colonne semble contenir des données personnelles\u00a0; vérifiez que la table peut "
        "être cataloguée, sinon "
        "excluez-la (options.exclude)",
        "this column looks personal; make sure that the table may be in a catalogue, or exclude it (options.exclude)",
    ),
    "ragged": Text(
        "{} lignes n’ont pas autant de cellules que l’en-tête", "{} rows have another number of cells than the headings"
    ),
    "no_header": Text(
        "la première ligne ressemble à des données\u00a0: les colonnes sont sans nom\u00a0; ajoutez "
        "une ligne d’en-têtes",
        "the first row looks like data, so that the columns have no names; add a line of headings",
    ),
    "preamble": Text("{} lignes précèdent les en-têtes", "{} lines stand above the headings"),
    "encoding": Text(
        "le fichier est en {}\u00a0; l’UTF-8 est lu partout", "the file is in {}; UTF-8 is what everybody can read"
    ),
    "damaged": Text("{} caractères sont illisibles", "{} characters cannot be read"),
    "comma_numbers": Text(
        "nombres à virgule décimale\u00a0; le point est lu partout",
        "numbers with a decimal comma; a point is what everybody can read",
    ),
    "french_dates": Text(
        "dates comme 31/12/2024\u00a0; écrivez 2024-12-31", "dates such as 31/12/2024; write 2024-12-31"
    ),
    "partly_read": Text(
        "le fichier est très grand\u00a0: seuls ses {} premiers octets ont été lus",
        "the file is very large: only its first {} bytes were read",
    ),
    "projected": Text(
        "les coordonnées ne sont pas en longitude et latitude ({})\u00a0: l’emprise n’est pas donnée",
        "the coordinates are no longitude and latitude ({}): no extent is given",
    ),
    "odd_features": Text("{} éléments ne sont pas des entités GeoJSON", "{} elements are no GeoJSON features"),
    "uncounted": Text("les lignes n’ont pu être comptées\u00a0: {}", "the rows could not be counted: {}"),
    "no_extent": Text(
        "l’emprise de «\u00a0{}\u00a0» n’a pu être calculée dans le temps permis",
        "the extent of `{}` could not be computed in the time allowed",
    ),
}


def finding(code: str, value: Any) -> Text:
    """What a finding says to those who keep the table."""
    words = str(value)
    known = _FINDINGS[code]
    return Text(known.fr.replace("{}", words), known.en.replace("{}", words))
