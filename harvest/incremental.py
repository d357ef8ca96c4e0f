"""Reading only what a source says has changed, beside a cheap list of all that it has: what is gone is gone at once.

A source whose records have changed without a later date is found out when it is read whole (`[harvest] whole_every`).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Protocol, runtime_checkable

from catalog.errors import SettingsInvalid, SourceRefused
from catalog.model import Record
from catalog.settings import SourceSettings
from harvest.source import Rejected

MARGIN = timedelta(days=1)
"""Before the last reading: search indexes are late, and clocks differ."""
MOST_UNKNOWN = 1_000
"""Records that are listed and not known, beyond which reading everything costs less than asking for them."""
Given = tuple[str, Record | Rejected]
"""What the source calls a record in its list, and the record."""


@dataclass(frozen=True, slots=True)
class Same:
    """A record that is listed and has not changed, as far as its source's dates tell."""

    id: str


class NotIncremental(Exception):
    """The source has to be read whole this time; nothing was yielded yet."""


@runtime_checkable
class Incremental(Protocol):
    """What a kind of source offers besides, where it can be asked for changes alone. `incremental` says whether to."""

    incremental: bool

    def changes(self, since: datetime, known: Mapping[str, bytes]) -> Iterator[Record | Rejected | Same]:
        """Everything that is listed: what has changed since, or is not among the `known`, whole; the rest by name.

        The `known` are the records that there were, each with its kept payload.

        Raises `NotIncremental` before the first, and `SourceError` as `records` does.
        """
        ...


def asked_for(settings: SourceSettings) -> bool:
    """Whether `options.incremental` says so."""
    given = settings.options.get("incremental", False)
    if not isinstance(given, bool):
        raise SettingsInvalid(f"source `{settings.id}`: options.incremental is true or false; it is {given!r}.")
    return given


def together(
    listed: Iterable[str],
    known: Container[str],
    fetch: Callable[[list[str]], Iterator[Given]],
    changed: Iterator[Given],
) -> Iterator[Record | Rejected | Same]:
    """The records that are unknown (`fetch` gets them) or `changed`, then the others of the list by name."""
    all_ = dict.fromkeys(listed)
    unknown = [name for name in all_ if name not in known]
    if len(unknown) > MOST_UNKNOWN:
        raise NotIncremental
    given: set[str] = set()
    for name, record in chain(*[_begun(records) for records in (fetch(unknown), changed)]):
        if name not in given:
            given.add(name)
            yield record
    yield from (Same(name) for name in all_ if name in known and name not in given)


def _begun(records: Iterator[Given]) -> Iterator[Given]:
    """The same, with the first of them asked for already: a refusal comes before anything is yielded."""
    try:
        return chain((next(records),), records)
    except StopIteration:
        return iter(())
    except SourceRefused as e:
        raise NotIncremental from e
