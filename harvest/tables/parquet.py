"""Parquet files, of which only the footer is read: columns, counts, statistics, and what GeoParquet adds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from catalog.errors import RecordInvalid
from harvest.tables import names
from harvest.tables.delimited import broken
from harvest.tables.model import Box, Column, Extent, Table


def describe(file: Path, name: str) -> Table:
    """The table in a Parquet file. `RecordInvalid` for what is none."""
    arrow, parquet = library()
    try:
        metadata = parquet.read_metadata(file)
        schema = metadata.schema.to_arrow_schema()
    except (arrow.ArrowException, OSError, ValueError, NotImplementedError) as e:
        why = str(e).splitlines()[0][:200] if str(e) else type(e).__name__
        raise broken(file, f"it is no sound Parquet ({why})", f"ce n’est pas du Parquet correct ({why})") from e
    found = Table(name, "parquet", rows=metadata.num_rows)
    geo = _geo(metadata.metadata or {})
    shapes = frozenset(geo.get("columns") or ())
    found.columns = [_column(arrow, one, one.name in shapes) for one in schema if not _is_index(one.name)]
    given = [c.name for c in found.columns]
    if not names.personal(given):
        found.extent = _stated(geo, found) or _measured(metadata, given)
    return found


def library() -> tuple[Any, Any]:
    """pyarrow and its Parquet module; `RecordInvalid` where they are not installed."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as e:
        raise RecordInvalid(
            "Reading Parquet files needs pyarrow, which is not installed.",
            french="Pour lire les fichiers Parquet il faut pyarrow, qui n’est pas installé.",
            hint="pip install 'garonne[parquet]', or exclude them: options.exclude = [\"*.parquet\"].",
        ) from e
    return pyarrow, parquet


def _is_index(name: str) -> bool:
    return name.startswith("__index_level_")


def _column(arrow: Any, given: Any, shape: bool) -> Column:
    words = (given.metadata or {}).get(b"description") or (given.metadata or {}).get(b"comment") or b""
    kind = "geo_shape" if shape else _type(arrow.types, given.type)
    return Column(
        given.name.strip(),
        kind,
        str(given.type),
        description=words.decode("utf-8", "replace"),
        required=not given.nullable,
    )


def _type(types: Any, given: Any) -> str:
    tests = (
        (types.is_boolean, "boolean"),
        (types.is_integer, "int"),
        (types.is_floating, "double"),
        (types.is_decimal, "decimal"),
        (types.is_date, "date"),
        (types.is_timestamp, "datetime"),
        (types.is_time, "time"),
        (types.is_nested, "json_blob"),
    )
    if types.is_dictionary(given):
        return _type(types, given.value_type)
    return next((name for test, name in tests if test(given)), "")


# ── where ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _geo(metadata: dict[bytes, bytes]) -> dict[str, Any]:
    """What GeoParquet keeps in the file's metadata under `geo`."""
    try:
        found = json.loads(metadata.get(b"geo", b"{}"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("columns", {}), dict) else {}


def _stated(geo: dict[str, Any], table: Table) -> Extent | None:
    """The box of the primary column, where it is in degrees: without a `crs`, or with one of the WGS 84 ones."""
    one = (geo.get("columns") or {}).get(geo.get("primary_column"))
    box = one.get("bbox") if isinstance(one, dict) else None
    if not isinstance(box, list) or len(box) not in (4, 6) or not all(isinstance(v, int | float) for v in box):
        return None
    crs = one.get("crs")  # type: ignore[union-attr]  # an object, as it has a list
    identifier = crs.get("id") if isinstance(crs, dict) else None
    code = str(identifier.get("code")) if isinstance(identifier, dict) else "?"
    if crs is not None and code not in {"4326", "CRS84"}:
        table.findings["projected"] = f"EPSG:{code}"
        return None
    around = Box()
    half = len(box) // 2
    around.add(box[0], box[1])
    around.add(box[half], box[half + 1])
    return around.extent()


def _measured(metadata: Any, given: list[str]) -> Extent | None:
    """The box that the statistics of the columns of longitude and latitude make."""
    pair = names.position(given)
    if pair is None:
        return None
    around = Box()
    for group in range(metadata.num_row_groups):
        found = {}
        for i in range(metadata.num_columns):
            one = metadata.row_group(group).column(i)
            if one.path_in_schema in pair and one.statistics is not None and one.statistics.has_min_max:
                found[one.path_in_schema] = (one.statistics.min, one.statistics.max)
        ends = [found.get(n) for n in pair]
        if None in ends or not all(isinstance(v, int | float) for end in ends if end for v in end):
            return None
        (west, east), (south, north) = ends  # type: ignore[misc]  # both are there
        around.add(west, south)
        around.add(east, north)
    return around.extent()
