"""What servers tell their answers apart by (RFC 9110, 8.8), and asking for one again on condition (13.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

APART = 60.0
"""Seconds that must lie between a change and the answer that bears its date: two changes in one second look alike
(RFC 9110, 8.8.2.2), and clocks differ."""


class Address(NamedTuple):
    """What an answer depends on: the whole address, and what was accepted."""

    url: str
    accept: str


@dataclass(frozen=True, slots=True)
class Validator:
    """An entity tag as it came, or a date of modification."""

    etag: str = ""
    modified: str = ""

    def condition(self) -> dict[str, str]:
        """The headers that ask for the answer only where it is another one by now."""
        return {"If-None-Match": self.etag} if self.etag else {"If-Modified-Since": self.modified}


@dataclass
class Answers:
    """The answers that one conversation consisted of. `opaque` once there was one that cannot be asked again so."""

    by: dict[Address, Validator | None] = field(default_factory=dict)
    opaque: bool = False

    def validators(self) -> dict[Address, Validator]:
        """Of every answer; none at all where some answer has none: then nobody can tell whether all are as before."""
        found = {address: v for address, v in self.by.items() if v is not None}
        return found if len(found) == len(self.by) and not self.opaque else {}


def validator_of(headers: Mapping[str, Any]) -> Validator | None:
    """The validator that an answer bears; None where it bears none that can be relied on."""
    etag = str(headers.get("ETag") or "").strip()
    if etag and etag.isprintable() and etag.endswith('"'):
        return Validator(etag=etag)
    modified, sent = str(headers.get("Last-Modified") or "").strip(), str(headers.get("Date") or "").strip()
    try:
        apart = parsedate_to_datetime(sent) - parsedate_to_datetime(modified)
    except (ValueError, TypeError):
        return None
    return Validator(modified=modified) if apart.total_seconds() >= APART else None
