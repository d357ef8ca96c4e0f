"""Parquet files, by their footer."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from catalog.errors import RecordInvalid
from harvest.tables.model import Table
from harvest.tables.parquet import describe


def read(folder: Path, table: Any, **how: Any) -> Table:
    file = folder / "x.parquet"
    parquet.write_table(table, file, **how)
    return describe(file, "x.parquet")


def test_columns_types_and_counts(tmp_path: Path) -> None:
    schema = pa.schema(
        [
            pa.field("id", pa.int64(), nullable=False),
            pa.field("h", pa.float32(), metadata={"description": "Hauteur en mètres"}),
            pa.field("prix", pa.decimal128(9, 2)),
            pa.field("quand", pa.timestamp("us", tz="UTC")),
            pa.field("jour", pa.date32()),
            pa.field("mots", pa.list_(pa.string())),
            pa.field("espece", pa.dictionary(pa.int8(), pa.string())),
            pa.field("texte", pa.string()),
            pa.field("oui", pa.bool_()),
        ]
    )
    rows = [{"id": 1, "quand": datetime.now(UTC), "texte": "secret"}, {"id": 2}]
    found = read(tmp_path, pa.Table.from_pylist(rows, schema=schema))
    kinds = ["int", "double", "decimal", "datetime", "date", "json_blob", "", "", "boolean"]
    assert [c.type for c in found.columns] == kinds
    assert [c.required for c in found.columns][:2] == [True, False]
    assert found.columns[1].description == "Hauteur en mètres"
    assert found.rows == 2
    assert "secret" not in str(found.plain())


def test_extent_of_statistics_and_of_geoparquet(tmp_path: Path) -> None:
    table = pa.table({"lon": [1.4, 1.2, 1.5], "lat": [43.5, 43.6, 43.7]})
    assert read(tmp_path, table, row_group_size=2).extent == (1.2, 43.5, 1.5, 43.7)
    assert read(tmp_path, table, write_statistics=False).extent is None
    shapes = pa.table({"geometry": [b"x"]})

    def geo(**column: Any) -> Table:
        words = {"primary_column": "geometry", "columns": {"geometry": {"bbox": [1, 43, 2, 44], **column}}}
        return read(tmp_path, shapes.replace_schema_metadata({"geo": json.dumps(words)}))

    assert geo().extent == geo(crs={"id": {"code": "CRS84"}}).extent == (1, 43, 2, 44)
    assert geo(bbox=[1, 43, 0, 2, 44, 9]).extent == (1, 43, 2, 44)
    assert geo().columns[0].type == "geo_shape"
    assert geo(crs={"id": {"code": 2154}}).findings == {"projected": "EPSG:2154"}
    for odd in ("{", "[]", '{"columns": 1}', '{"columns": {"geometry": 1}, "primary_column": "geometry"}', "12"):
        assert read(tmp_path, shapes.replace_schema_metadata({"geo": odd})).extent is None


def test_what_is_broken_says_so_in_both_languages(tmp_path: Path) -> None:
    file = tmp_path / "x.parquet"
    parquet.write_table(pa.table({"a": [1]}), file)
    body = file.read_bytes()
    bodies = [b"", b"PAR1", b"PAR1xxxxPAR1", body[:-1], body[:40], b"x" * 500]
    for cut in bodies:
        file.write_bytes(cut)
        with pytest.raises(RecordInvalid) as caught:
            describe(file, "x.parquet")
        assert caught.value.french.startswith("Le fichier ne peut être lu")
