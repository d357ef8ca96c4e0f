"""A table as a department keeps it, in a database or a file: what can be said of it without showing a row."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

Extent = tuple[float, float, float, float]
"""West, south, east, north, in degrees (WGS 84)."""


@dataclass
class Column:
    """One column. `type` is a name that `harvest.mapping.columns` knows, empty for text; `native` is the source's own.

    `required` says that the source itself forbids empty values, not that none was met.
    """

    name: str
    type: str = ""
    native: str = ""
    label: str = ""
    description: str = ""
    required: bool = False


@dataclass
class Table:
    """One table, view or file.

    `name` is what it is called in its source: `schema.table`, or the file's path in its folder. `rows` is None where
    they could not be counted; `estimated` says that the count is not exact. `modified` is a date and time with its
    zone, as ISO 8601. `findings` are remarks for those who keep the table, by code (`harvest.mapping.table`).
    """

    name: str
    kind: str
    columns: list[Column] = field(default_factory=list)
    title: str = ""
    comment: str = ""
    primary_key: list[str] = field(default_factory=list)
    foreign_keys: list[dict[str, Any]] = field(default_factory=list)
    rows: int | None = None
    estimated: bool = False
    extent: Extent | None = None
    modified: str = ""
    size: int | None = None
    findings: dict[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """The table as JSON data; what is empty or unknown is left out."""
        made = {k: v for k, v in asdict(self).items() if v or (v == 0 and v is not False)}
        made["columns"] = [{k: v for k, v in c.items() if v} for c in made.get("columns", [])]
        if self.extent is not None:
            made["extent"] = list(self.extent)
        return made


class Box:
    """The box around positions as they are met; what is off the globe makes it void."""

    def __init__(self) -> None:
        self.west = self.south = float("inf")
        self.east = self.north = float("-inf")
        self.off = False

    def add(self, longitude: float, latitude: float) -> None:
        """One more position."""
        if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
            self.off = True
            return
        self.west, self.east = min(self.west, longitude), max(self.east, longitude)
        self.south, self.north = min(self.south, latitude), max(self.north, latitude)

    def extent(self) -> Extent | None:
        """The box; None when there is none, or when a position was no longitude and latitude."""
        if self.off or self.west > self.east:
            return None
        return tuple(round(v, 6) for v in (self.west, self.south, self.east, self.north))  # type: ignore[return-value]
