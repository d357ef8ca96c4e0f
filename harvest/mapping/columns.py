"""The rule on columns: a CSVW table schema, the dataset's data dictionary."""

from __future__ import annotations

from typing import Any

from harvest.mapping import wording
from harvest.mapping.draft import Draft
from harvest.mapping.reader import Reader
from harvest.mapping.references import CONFORMS, STANDARD
from harvest.mapping.statements import Term, literal, node, text
from harvest.mapping.text import one_line, plain_text
from vocab.namespaces import CSVW, DCT, RDF, XSD

SCHEMA_CLASS, COLUMNS = node(CSVW.TableSchema), node(CSVW.column)
TABLE_SCHEMA, NAME, TITLE, DATATYPE = node(CSVW.tableSchema), node(CSVW.name), node(CSVW.title), node(CSVW.datatype)
REQUIRED = node(CSVW.required)
DESCRIPTION, FIRST, REST, NIL = node(DCT.description), node(RDF.first), node(RDF.rest), node(RDF.nil)

_DATATYPES = {
    "int": node(XSD.integer),
    "double": node(XSD.double),
    "boolean": node(XSD.boolean),
    "date": node(XSD.date),
    "datetime": node(XSD.dateTime),
    "decimal": node(XSD.decimal),
    "time": node(XSD.time),
    "geo_shape": node(CSVW.JSON),
    "json_blob": node(CSVW.JSON),
}
"""What a column of each type holds, as OpenDataSoft calls them and two more; text is CSVW's default and not said."""
_FIELD_KEYS = frozenset(("name", "label", "type", "description", "annotations"))


def columns(view: Reader, out: Draft) -> None:
    """`fields` → `{dataset}/schema`, a CSVW table schema of its CSV export.

    The distribution names it as `csvw:tableSchema`, and as `dct:conformsTo` unless the dataset declares a standard of
    its own: udata takes one arbitrary value. Columns are keyed by their names; their order is an RDF list whose cells
    are IRIs below the columns.
    """
    fields = view.take("fields")
    if fields is None:
        return
    if not isinstance(fields, list) or "csv" not in out.exports:
        view.refuse("fields", wording.NO_COLUMNS if isinstance(fields, list) else wording.WRONG_TYPE)
        return
    view.ignore("fields.annotations", wording.DISPLAY)
    view.refuse("fields.annotations.unit", wording.NO_PROPERTY)
    named = named_columns(view, fields)
    for key in {key for field in named.values() for key in field} - _FIELD_KEYS:
        view.refuse(f"fields.{key}", wording.UNKNOWN_FIELD)
    if named:
        schema = table_schema(out, named)
        export = out.below("distribution", "csv")
        if out.standard:
            out.statements.add(export, TABLE_SCHEMA, schema)
        else:
            out.statements.add(export, CONFORMS, schema)
            out.statements.typed(schema, STANDARD)


def named_columns(view: Reader, fields: list[Any], *, path: str = "fields") -> dict[str, dict[str, Any]]:
    """The columns by name, in order; those without one, or with another's, are refused."""
    named: dict[str, dict[str, Any]] = {}
    for i, field in enumerate(fields):
        name = field.get("name") if isinstance(field, dict) else None
        if not isinstance(name, str) or not name.strip():
            view.refuse(path, wording.WRONG_TYPE, item=i)
        elif name.strip() in named:
            view.refuse(path, wording.SAME_COLUMN, item=i)
        else:
            named[name.strip()] = field
    return named


def table_schema(out: Draft, named: dict[str, dict[str, Any]]) -> Term:
    """Describes the columns, in their order, as `{dataset}/schema`; returns its IRI.

    A column has `label`, `description`, `type` as OpenDataSoft calls them, and `required`.
    """
    schema = out.below("schema")
    out.statements.typed(schema, SCHEMA_CLASS)
    cells = [out.below("schema", name, "cell") for name in named]
    out.statements.add(schema, COLUMNS, cells[0])
    for cell, following, (name, field) in zip(cells, [*cells[1:], NIL], named.items(), strict=True):
        column = out.below("schema", name)
        out.statements.add(cell, FIRST, column)
        out.statements.add(cell, REST, following)
        _column(out, column, name, field)
    return schema


def _column(out: Draft, column: Term, name: str, field: dict[str, Any]) -> None:
    add = out.statements.add
    add(column, NAME, text(name))
    label, words, kind = field.get("label"), field.get("description"), field.get("type")
    if isinstance(label, str) and (plain := one_line(label)):
        add(column, TITLE, text(plain, out.tag))
    if isinstance(words, str) and (plain := plain_text(words)):
        add(column, DESCRIPTION, text(plain, out.tag))
    if datatype := _DATATYPES.get(kind if isinstance(kind, str) else ""):
        add(column, DATATYPE, datatype)
    if field.get("required") is True:
        add(column, REQUIRED, literal("true", XSD.boolean))
