"""Databases behind business applications, described from their own catalogues by connections that cannot write.

What is read of the rows are counts, the box around positions and the latest date of change; each within a time limit.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from catalog.errors import SettingsInvalid, SourceRefused, SourceUnavailable
from harvest.tables.connected import Connected, Postgres, Sqlite

OFFERED = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "sqlite": "sqlite"}


@dataclass(frozen=True)
class Limits:
    """`timeout` in seconds for each question; tables of more rows than `exact` are counted by the server's estimate."""

    timeout: float = 30.0
    exact: int = 1_000_000


def address(text: str, password: str, *, source: str) -> URL:
    """The URL of a database that is offered. `SettingsInvalid` otherwise; it never repeats the URL's password."""
    try:
        found = sa.make_url(text)
    except SQLAlchemyError as e:
        raise SettingsInvalid(
            f"source `{source}`: the address of the database cannot be read.",
            hint="It is written `postgresql://user@host:5432/name` or `sqlite:///folder/file.sqlite`.",
        ) from e
    dialect = found.get_backend_name()
    if dialect not in OFFERED:
        raise SettingsInvalid(
            f"source `{source}`: databases of kind `{dialect}` are not read.",
            hint="PostgreSQL and SQLite are: those are opened so that nothing can be written.",
        )
    found = found.set(drivername=OFFERED[dialect])
    return found.set(password=password) if password else found


class Database:
    """One database. `where` names it in messages, without its password."""

    def __init__(self, url: URL, limits: Limits, zone: str = "Europe/Paris") -> None:
        self.url = url
        self.limits = limits
        self.zone = ZoneInfo(zone)
        self.where = url.render_as_string(hide_password=True)
        try:
            url.get_dialect().import_dbapi()
        except (SQLAlchemyError, ImportError) as e:
            raise SettingsInvalid(
                f"{self.where}: its driver is not installed ({e}).", hint="pip install 'garonne[database]'"
            ) from e
        self.file = Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None

    @contextmanager
    def open(self) -> Iterator[Connected]:
        """Connects, for reading only. Raises `SourceUnavailable` or `SourceRefused`; the password is in neither."""
        engine = sa.create_engine(self.url, **self._manner())
        try:
            with engine.connect() as connection:
                yield (Postgres if self.file is None else Sqlite)(self, connection)
        except DBAPIError as e:
            raise SourceUnavailable(
                self.told(e), what=self.where, hint="Check the address, the account and its rights, and the network."
            ) from e
        except SQLAlchemyError as e:
            raise SourceRefused(self.told(e), what=self.where) from e
        finally:
            engine.dispose()

    def told(self, error: Exception) -> str:
        """The first line of an error, without the password."""
        original = getattr(error, "orig", None) or error
        words = " ".join(str(original).split())[:300]
        secret = self.url.password
        return words.replace(str(secret), "***") if secret else words

    def _manner(self) -> dict[str, Any]:
        if self.file is not None:
            if not self.file.is_file():
                raise SourceRefused("there is no such file.", what=str(self.file))
            target = f"{self.file.resolve().as_uri()}?mode=ro"
            return {"creator": lambda: sqlite3.connect(target, uri=True, check_same_thread=False)}
        timeout = int(self.limits.timeout * 1000)
        options = (
            f"-c default_transaction_read_only=on -c statement_timeout={timeout} -c lock_timeout=5000"
            f" -c idle_in_transaction_session_timeout=600000"
        )
        return {
            "isolation_level": "AUTOCOMMIT",
            "connect_args": {"options": options, "connect_timeout": 10, "application_name": "garonne"},
        }
