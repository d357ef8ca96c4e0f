"""What is asked of a connected database, of any kind, and of PostgreSQL and SQLite in their own ways."""

from __future__ import annotations

import threading
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import sqltypes

from harvest.tables import names
from harvest.tables.model import Box, Column, Extent, Table

if TYPE_CHECKING:
    from harvest.tables.database import Database

_TYPES: tuple[tuple[type[Any], str], ...] = (
    (sqltypes.Boolean, "boolean"),
    (sqltypes.Integer, "int"),
    (sqltypes.Float, "double"),
    (sqltypes.Numeric, "decimal"),
    (sqltypes.DateTime, "datetime"),
    (sqltypes.Date, "date"),
    (sqltypes.Time, "time"),
    (sqltypes.JSON, "json_blob"),
)
_SHAPES = frozenset(
    {
        *("geometry", "geography", "point", "linestring", "polygon"),
        *("multipoint", "multilinestring", "multipolygon", "geometrycollection"),
    }
)
_PLUMBING = frozenset(
    {
        *("spatial_ref_sys", "geometry_columns", "geography_columns", "raster_columns", "raster_overviews"),
        *("alembic_version", "django_migrations", "django_session", "schema_migrations", "flyway_schema_history"),
    }
)
"""Tables of extensions and frameworks: nobody's data."""


class Connected(ABC):
    """A connection, and what every kind of database answers alike."""

    def __init__(self, database: Database, connection: sa.Connection) -> None:
        self.database = database
        self.connection = connection
        with warnings.catch_warnings():  # types of extensions, of which the native name is asked for itself
            warnings.simplefilter("ignore", sa.exc.SAWarning)
            self.inspector = sa.inspect(connection)
        self.limits = database.limits

    def names(self, schemas: list[str]) -> Iterator[tuple[str | None, str, str]]:
        """Schema, name and kind (`table` or `view`) of everything there is, sorted."""
        for schema in schemas or [self.inspector.default_schema_name or ""]:
            found = [(n, "table") for n in self.inspector.get_table_names(schema)]
            found += [(n, "view") for n in self.views(schema)]
            for name, kind in sorted(found):
                if name not in _PLUMBING and not name.startswith(("sqlite_", "gpkg_", "rtree_", "pg_stat_statements")):
                    yield schema, name, kind

    def views(self, schema: str) -> list[str]:
        """The views of a schema."""
        return list(self.inspector.get_view_names(schema))

    def describe(self, schema: str | None, name: str, kind: str, *, id_: str) -> Table:
        """One table or view."""
        found = Table(id_, kind)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", sa.exc.SAWarning)
            given = self.inspector.get_columns(name, schema)
            found.comment = self.comment(schema, name)
            key: Any = self.inspector.get_pk_constraint(name, schema) if kind == "table" else {}
            foreign = self.inspector.get_foreign_keys(name, schema) if kind == "table" else []
        native = self.native(schema, name)
        found.primary_key = list(key.get("constrained_columns") or ())
        found.columns = [_column(one, native.get(one["name"], ""), found.primary_key) for one in given]
        found.foreign_keys = [
            {
                "columns": list(one["constrained_columns"]),
                "table": ".".join(p for p in (one.get("referred_schema"), one["referred_table"]) if p),
                "referred": list(one["referred_columns"]),
            }
            for one in foreign
        ]
        self.count(schema, name, found)
        if not names.personal(c.name for c in found.columns):
            found.extent = self.extent(schema, name, found)
            found.modified = self.modified(schema, name, found)
        return found

    def count(self, schema: str | None, name: str, found: Table) -> None:
        """Counts the rows: exactly where that is quick enough, else by the server's estimate."""
        guess = self.estimate(schema, name) if found.kind == "table" else None
        if guess is not None and guess > self.limits.exact:
            found.rows, found.estimated = guess, True
            return
        try:
            found.rows = int(self.one(sa.select(sa.func.count()).select_from(table(schema, name)))[0])
        except DBAPIError as e:
            self.connection.rollback()
            if e.connection_invalidated:
                raise
            found.rows, found.estimated = guess, guess is not None
            if guess is None:
                found.findings["uncounted"] = self.database.told(e)

    def one(self, question: Any) -> Any:
        """The only row of an answer."""
        return self.connection.execute(question).one()

    def quietly(self, ask: Callable[[], Any]) -> Any:
        """An answer that may be missing: None where the server refuses or takes too long."""
        try:
            return ask()
        except DBAPIError as e:
            self.connection.rollback()
            if e.connection_invalidated:
                raise
            return None

    def extent(self, schema: str | None, name: str, found: Table) -> Extent | None:
        """The box around the positions: of the columns of longitude and latitude."""
        numbers = [c.name for c in found.columns if c.type in {"int", "double", "decimal"}]
        pair = names.position(numbers)
        if pair is None:
            return None
        ends: list[Any] = [f(sa.column(n)) for n in pair for f in (sa.func.min, sa.func.max)]
        row = self.quietly(lambda: self.one(sa.select(*ends).select_from(table(schema, name))))
        return box(row[0], row[2], row[1], row[3]) if row is not None and None not in row else None

    def modified(self, schema: str | None, name: str, found: Table) -> str:
        """When a row was last changed: the latest value of the column that says so."""
        dated = [c.name for c in found.columns if c.type in {"date", "datetime"}]
        column = names.last_change(dated)
        if not column:
            return ""
        question: Any = sa.select(sa.func.max(sa.column(column))).select_from(table(schema, name))
        row = self.quietly(lambda: self.one(question))
        return self.moment(row[0]) if row is not None else ""

    def moment(self, value: Any) -> str:
        """A date and time as ISO 8601; without a zone it is in that of the source."""
        if isinstance(value, datetime):
            return (value if value.tzinfo else value.replace(tzinfo=self.database.zone)).isoformat(timespec="seconds")
        return value.isoformat() if isinstance(value, date) else str(value or "")

    # ── what the kinds of database answer each in their way ────────────────────────────────────────────────────

    @abstractmethod
    def comment(self, schema: str | None, name: str) -> str:
        """What the database itself says of the table."""

    @abstractmethod
    def native(self, schema: str | None, name: str) -> dict[str, str]:
        """The columns' types as the database writes them."""

    @abstractmethod
    def estimate(self, schema: str | None, name: str) -> int | None:
        """About how many rows there are, without counting."""


class Postgres(Connected):
    """PostgreSQL, with PostGIS where it is."""

    _OF = (
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = :schema AND c.relname = :name"
    )

    def names(self, schemas: list[str]) -> Iterator[tuple[str | None, str, str]]:
        """Without partitions, which are parts of another table, and without what extensions bring along."""
        question = (
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relispartition OR EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid"
            " AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')"
        )
        hidden = {(str(r[0]), str(r[1])) for r in self.connection.execute(sa.text(question))}
        yield from (one for one in super().names(schemas) if (one[0], one[1]) not in hidden)

    def views(self, schema: str) -> list[str]:
        """Views and materialized views."""
        return sorted({*self.inspector.get_view_names(schema), *self.inspector.get_materialized_view_names(schema)})

    def comment(self, schema: str | None, name: str) -> str:
        return str(self._ask(f"SELECT obj_description(c.oid, 'pg_class'){self._OF}", schema, name) or "")

    def native(self, schema: str | None, name: str) -> dict[str, str]:
        question = (
            "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a"
            " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = :schema AND c.relname = :name AND a.attnum > 0 AND NOT a.attisdropped"
        )
        rows = self.connection.execute(sa.text(question), {"schema": schema, "name": name})
        return {str(r[0]): str(r[1]) for r in rows}

    def estimate(self, schema: str | None, name: str) -> int | None:
        """What the planner believes, partitions included; None for a table that was never analysed."""
        question = (
            f"WITH RECURSIVE parts AS (SELECT c.oid, c.reltuples, c.relkind{self._OF} UNION ALL"  # noqa: S608  a constant
            " SELECT c.oid, c.reltuples, c.relkind FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid"
            " JOIN parts p ON p.oid = i.inhparent)"
            " SELECT CASE WHEN min(reltuples) FILTER (WHERE relkind <> 'p') < 0 THEN NULL"
            " ELSE sum(reltuples) FILTER (WHERE relkind <> 'p') END FROM parts"
        )
        found = self._ask(question, schema, name)
        return None if found is None else int(found)

    def extent(self, schema: str | None, name: str, found: Table) -> Extent | None:
        shape = next((c for c in found.columns if c.type == "geo_shape" and _is_postgis(c.native)), None)
        if shape is None:
            return super().extent(schema, name, found)
        quote = self.connection.dialect.identifier_preparer.quote
        at = f"{quote(schema)}.{quote(name)}" if schema else quote(name)
        value = f"{quote(shape.name)}::geometry"
        question = (
            "SELECT ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b) FROM"  # noqa: S608  names are quoted
            f" (SELECT ST_Extent(ST_Transform({value}, 4326)) AS b FROM {at}) AS around"
        )
        row = self.quietly(lambda: self.one(sa.text(question)))
        if row is None:
            found.findings["no_extent"] = shape.name
        return box(*row) if row is not None and None not in row else None

    def _ask(self, question: str, schema: str | None, name: str) -> Any:
        return self.connection.execute(sa.text(question), {"schema": schema, "name": name}).scalar()


class Sqlite(Connected):
    """SQLite, with the contents of a GeoPackage where it is one."""

    def names(self, schemas: list[str]) -> Iterator[tuple[str | None, str, str]]:
        for _, name, kind in super().names([]):
            yield None, name, kind

    def comment(self, schema: str | None, name: str) -> str:
        """SQLite keeps no comments; a GeoPackage does (OGC 12-128r19, 1.1.3)."""
        row = self._contents(name)
        words = [str(row[n]).strip() for n in ("identifier", "description") if row.get(n)]
        return "\n".join(w for w in dict.fromkeys(words) if w != name)

    def native(self, schema: str | None, name: str) -> dict[str, str]:
        rows = self.connection.execute(sa.text("SELECT name, type FROM pragma_table_xinfo(:name)"), {"name": name})
        return {str(r[0]): str(r[1]) for r in rows}

    def estimate(self, schema: str | None, name: str) -> int | None:
        """What the last `ANALYZE` counted; None where there was none."""
        if not self.inspector.has_table("sqlite_stat1"):
            return None
        question = sa.text("SELECT stat FROM sqlite_stat1 WHERE tbl = :name LIMIT 1")
        stat = str(self.connection.execute(question, {"name": name}).scalar() or "").split(" ")[0]
        return int(stat) if stat.isdigit() else None

    def extent(self, schema: str | None, name: str, found: Table) -> Extent | None:
        row = self._contents(name)
        sides = [row.get(n) for n in ("min_x", "min_y", "max_x", "max_y")]
        if row.get("srs_id") == 4326 and None not in sides:
            return box(*sides)
        if row.get("srs_id") not in (None, 0, -1, 4326):
            found.findings["projected"] = f"EPSG:{row['srs_id']}"
            return None
        return super().extent(schema, name, found)

    def modified(self, schema: str | None, name: str, found: Table) -> str:
        """The column that says so, else what a GeoPackage says. The file's own date is that of all tables together."""
        return super().modified(schema, name, found) or str(self._contents(name).get("last_change") or "")

    def one(self, question: Any) -> Any:
        raw: Any = self.connection.connection.driver_connection
        clock = threading.Timer(self.limits.timeout, raw.interrupt)
        clock.start()
        try:
            return super().one(question)
        finally:
            clock.cancel()
            clock.join()

    def _contents(self, name: str) -> dict[str, Any]:
        """The line of `gpkg_contents` about a table; empty where this is no GeoPackage."""
        if not self.inspector.has_table("gpkg_contents"):
            return {}
        question = sa.text("SELECT * FROM gpkg_contents WHERE table_name = :name")
        row = self.connection.execute(question, {"name": name}).mappings().first()
        return dict(row) if row is not None else {}


def table(schema: str | None, name: str) -> Any:
    """A table as part of a question, its names quoted where they must be."""
    return sa.table(name, schema=schema or None)


def box(west: Any, south: Any, east: Any, north: Any) -> Extent | None:
    """The box with these sides; None where they are no degrees."""
    try:
        around = Box()
        around.add(float(west), float(south))
        around.add(float(east), float(north))
    except (TypeError, ValueError):
        return None
    return around.extent()


def _column(given: Any, native: str, key: list[str]) -> Column:
    bare = native.lower().partition("(")[0].strip()
    kind = "geo_shape" if bare in _SHAPES else next((n for t, n in _TYPES if isinstance(given["type"], t)), "")
    return Column(
        str(given["name"]),
        kind,
        native,
        description=str(given.get("comment") or ""),
        required=not given.get("nullable", True) or given["name"] in key,
    )


def _is_postgis(native: str) -> bool:
    return native.lower().startswith(("geometry", "geography"))
