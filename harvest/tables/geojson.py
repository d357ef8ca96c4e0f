"""GeoJSON files (RFC 7946), and those of the older draft with another coordinate system, read feature by feature."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from catalog.errors import ResponseInvalid
from harvest.json_stream import members
from harvest.tables import names
from harvest.tables.delimited import broken
from harvest.tables.model import Box, Column, Table
from harvest.tables.values import DATES, Observed

_CHUNK = 1 << 18
_GEOMETRIES = frozenset(
    ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection")
)
_DEGREES = re.compile(r"(?:CRS:?:?84|EPSG:?:?4326)\Z")


def describe(file: Path, name: str, *, limit: int) -> Table:
    """The table that the features of a file make. A feature may have `limit` characters.

    Raises `RecordInvalid` for what is no GeoJSON.
    """
    seen = _Seen()
    try:
        for key, _, value in members(_chunks(file), what=file.name, limit=limit, names=("features",)):
            seen.take(key, value)
    except ResponseInvalid as e:
        raise broken(
            file, f"it is no sound GeoJSON ({e.message})", f"ce n’est pas du GeoJSON correct ({e.message})"
        ) from e
    if seen.type not in {"FeatureCollection", "Feature", *_GEOMETRIES}:
        raise broken(file, "it is JSON, but no GeoJSON", "c’est du JSON, mais pas du GeoJSON")
    return seen.table(file, name)


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as f:
        while chunk := f.read(_CHUNK):
            yield chunk


class _Seen:
    """What is remembered of the features: their properties' names and types, the box around them."""

    def __init__(self) -> None:
        self.type = ""
        self.crs = ""
        self.count = self.odd = self.without = 0
        self.box = Box()
        self.columns: dict[str, _Property] = {}
        self.geometries: dict[str, None] = {}
        self._alone: dict[str, Any] = {}

    def take(self, key: str, value: Any) -> None:
        """One member of the document, or one feature."""
        if key == "features":
            self._feature(value)
        elif key == "type":
            self.type = value if isinstance(value, str) else ""
        elif key == "crs":
            inner = value.get("properties") if isinstance(value, dict) else None
            self.crs = str(inner.get("name") or inner.get("code") or "") if isinstance(inner, dict) else ""
        elif key in {"geometry", "properties", "coordinates", "geometries"}:
            self._alone[key] = value

    def _feature(self, value: Any) -> None:
        if not isinstance(value, dict) or value.get("type") != "Feature":
            self.odd += 1
            return
        self.count += 1
        properties = value.get("properties")
        for key, one in properties.items() if isinstance(properties, dict) else ():
            self.columns.setdefault(key, _Property()).look(one)
        self._geometry(value.get("geometry"))

    def _geometry(self, value: Any) -> None:
        if not isinstance(value, dict):
            self.without += 1
            return
        self.geometries[str(value.get("type"))] = None
        for one in value.get("geometries") or ():
            self._geometry(one)
        waiting = [value.get("coordinates")]
        while waiting:
            one = waiting.pop()
            if not isinstance(one, list) or not one:
                continue
            if isinstance(one[0], int | float):
                if len(one) > 1 and isinstance(one[1], int | float):
                    self.box.add(one[0], one[1])
            else:
                waiting += one

    def table(self, file: Path, name: str) -> Table:
        """The table, once all was seen."""
        if self.type == "Feature":
            self._feature({"type": "Feature", **self._alone})
        elif self.type in _GEOMETRIES:
            self._feature({"type": "Feature", "geometry": {"type": self.type, **self._alone}})
        found = Table(name, "geojson", rows=self.count)
        found.columns = [Column(key.strip(), one.type) for key, one in self.columns.items()]
        kinds = [k for k in self.geometries if k in _GEOMETRIES]
        if kinds:
            found.columns.append(Column("geometry", "geo_shape", "/".join(sorted(kinds))))
        if self.odd:
            found.findings["odd_features"] = self.odd
        if self.crs and not _DEGREES.search(self.crs):
            found.findings["projected"] = self.crs
        elif self.box.off:
            found.findings["projected"] = "?"
        elif not names.personal(self.columns):
            found.extent = self.box.extent()
        return found


class _Property:
    """The type of a property: that of its JSON values, and of its texts where they are dates."""

    def __init__(self) -> None:
        self.kinds: set[str] = set()
        self.texts = Observed()

    def look(self, value: Any) -> None:
        """One value; nothing of it is kept."""
        if isinstance(value, str):
            self.kinds.add("text")
            if value:
                self.texts.look(value)
        elif isinstance(value, bool):
            self.kinds.add("boolean")
        elif isinstance(value, int):
            self.kinds.add("int")
        elif isinstance(value, float):
            self.kinds.add("double")
        elif isinstance(value, dict | list):
            self.kinds.add("json_blob")

    @property
    def type(self) -> str:
        """The type that holds for all values; empty for texts and mixtures."""
        if self.kinds == {"text"}:
            return self.texts.type if self.texts.type in DATES and self.texts.type != "french-date" else ""
        if self.kinds <= {"int", "double"} and self.kinds:
            return "double" if "double" in self.kinds else "int"
        return next(iter(self.kinds)) if len(self.kinds) == 1 else ""


def is_geojson(head: bytes) -> bool:
    """Whether a JSON file that begins so is probably GeoJSON, whatever its suffix."""
    return b'"FeatureCollection"' in head
