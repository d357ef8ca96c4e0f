"""Columns as a CSVW schema."""

from __future__ import annotations

from typing import Any

from catalog.model import Fate
from tests.harvest.mapping.support import BASE, Result, mapped

SCHEMA = f"<{BASE}dataset/arbres/schema>"
FIELDS: list[dict[str, Any]] = [
    {"name": "id", "label": "Identifiant", "type": "text", "description": None, "annotations": {"facet": True}},
    {
        "name": "hauteur é",
        "label": "Hauteur",
        "type": "double",
        "description": "En <b>mètres</b>",
        "annotations": {"unit": "m"},
    },
    {"name": "geo", "label": "Point", "type": "geo_point_2d", "annotations": {}},
]


def order(found: Result) -> list[str]:
    """The column names as the RDF list gives them."""
    names = []
    (cell,) = found.objects("column", "schema")
    while not cell.endswith("#nil>"):
        below = cell[1:-1].removeprefix(f"{BASE}dataset/arbres/")
        (column,) = found.objects("first", below)
        names += found.objects("name", column[1:-1].removeprefix(f"{BASE}dataset/arbres/"))
        (cell,) = found.objects("rest", below)
    return names


def test_columns_in_order() -> None:
    found = mapped(has_records=True, fields=FIELDS)
    assert order(found) == ['"id"', '"hauteur é"', '"geo"']
    column = "schema/hauteur%20%C3%A9"
    assert found.objects("title", column) == ['"Hauteur"@fr']
    assert found.objects("description", column) == ['"En mètres"@fr']
    assert found.objects("datatype", column) == ["<http://www.w3.org/2001/XMLSchema#double>"]
    assert not any(str(t.subject).startswith("_:") for t in found.triples)


def test_only_the_csv_conforms_to_it() -> None:
    found = mapped(has_records=True, fields=FIELDS)
    assert found.objects("conformsTo", "distribution/csv") == [SCHEMA]
    assert found.objects("conformsTo", "distribution/json") == []
    assert found.objects("conformsTo") == []


def test_never_beside_a_declared_standard() -> None:
    found = mapped({"dcat": {"conforms_to": "scdl/deliberations"}}, has_records=True, fields=FIELDS)
    assert found.objects("conformsTo", "distribution/csv") == []
    assert found.objects("tableSchema", "distribution/csv") == [SCHEMA]
    assert SCHEMA not in {str(t.subject) for t in found.triples if str(t.object).endswith("Standard>")}


def test_every_value_is_accounted_for() -> None:
    extra = [*FIELDS, {"name": "id", "label": "Encore"}, {"label": "sans nom"}, {"name": "z", "autre": 1}]
    found = mapped(has_records=True, fields=extra)
    assert found.fate("fields.annotations.facet") is Fate.IGNORED
    assert found.fate("fields.annotations.unit") is Fate.UNMAPPED
    assert found.fate("fields.label", "Encore") is Fate.UNMAPPED
    assert found.fate("fields.label", "sans nom") is Fate.UNMAPPED
    assert found.fate("fields.autre") is Fate.UNMAPPED


def test_no_csv_no_schema() -> None:
    found = mapped(has_records=False, fields=FIELDS)
    assert found.objects("column", "schema") == []
    assert found.fate("fields.name", "id") is Fate.UNMAPPED
