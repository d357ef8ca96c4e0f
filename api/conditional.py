"""Conditional requests: entity tags and the 304 they allow (RFC 9110, section 13)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime


def entity_tag(*parts: object, weak: bool = False) -> str:
    """A tag that is the same exactly when all parts are; strong unless asked otherwise."""
    digest = hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()[:32]
    return f'W/"{digest}"' if weak else f'"{digest}"'


def http_date(moment: datetime) -> str:
    """The moment as HTTP writes it."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def not_modified(headers: Mapping[str, str], tag: str, modified: datetime | None = None) -> bool:
    """Whether the client's copy is still good. `If-None-Match`, where it is given, is the only judge."""
    given = headers.get("if-none-match")
    if given is not None:
        tags = [candidate.strip().removeprefix("W/") for candidate in given.split(",")]
        return "*" in tags or tag.removeprefix("W/") in tags
    since = headers.get("if-modified-since")
    if since is None or modified is None:
        return False
    try:
        return modified.replace(microsecond=0) <= parsedate_to_datetime(since).astimezone(UTC)
    except (ValueError, OverflowError):
        return False
