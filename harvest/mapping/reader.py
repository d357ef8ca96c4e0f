"""The tracked view of one record: what rules read from it, and the ledger of what became of each value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from catalog.model import Fate, Ledger, Note, Text
from harvest.mapping import wording
from harvest.ods_record import OdsRecord, is_empty, is_geojson

UNCLAIMED = "unclaimed"
"""The rule named in the ledger for values that no rule knows."""


class Reads(Protocol):
    """A tracked view of any kind of record, as the account of a graph tells it the fate of values by path and item."""

    rule: str

    def note(self, path: str, reason: Text, *, item: int | None = None) -> None:
        """A remark on a value that is mapped."""

    def refuse(self, path: str, reason: Text, *, item: int | None = None, table: str | None = None) -> None:
        """A value is not mapped."""

    def ignore(self, path: str, reason: Text, *, item: int | None = None) -> None:
        """A value need not be published."""

    def ledger(self) -> Ledger:
        """Every value with its fate."""
        ...


class Reader:
    """Gives rules the record's values and keeps account of them.

    A path is `template.field` for metadata (`default.title`), else the record's own key (`features`,
    `attachments.title`). `get` only looks; `take` also enters the value as mapped by the current rule; `refuse` and
    `ignore` say why it was not. Later words on a path replace earlier ones, and a path's word holds for all below it
    that has none of its own, so that each value ends with exactly one.
    """

    def __init__(self, record: OdsRecord) -> None:
        self.record = record
        self._begin(_flat(record))

    def _begin(self, values: dict[str, Any]) -> None:
        self.rule = ""
        self._values = values
        self._notes: dict[str | tuple[str, int], Note] = {}
        self._otherwise: Mapping[str, Note] = {}

    def get(self, path: str) -> Any:
        """The value at `path`, `None` where it is absent or says nothing."""
        return self._values.get(path)

    def take(self, path: str) -> Any:
        """The value at `path`, entered as mapped by the current rule; `None` where there is none."""
        value = self._values.get(path)
        if value is not None:
            self._notes[path] = (Fate.MAPPED, self.rule, None, None)
        return value

    def take_text(self, path: str) -> str | None:
        """The text at `path`, entered as mapped; a value of another type is refused and `None` returned."""
        value = self.take(path)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
            return value[0]
        self.refuse(path, wording.WRONG_TYPE)
        return None

    def take_texts(self, path: str) -> Iterator[tuple[int, str]]:
        """The texts at `path`, a single one or a list, each with its place in the list and entered as mapped."""
        value = self.take(path)
        if value is None:
            return
        if not isinstance(value, list):
            value = [value]
        for i, one in enumerate(value):
            if isinstance(one, str):
                if not is_empty(one):
                    yield i, one
            elif not is_empty(one):
                self.refuse(path, wording.WRONG_TYPE, item=i)

    def claim(self, path: str, item: int) -> None:
        """Enters one item of the list at `path` as mapped."""
        self._notes[path, item] = (Fate.MAPPED, self.rule, None, None)

    def note(self, path: str, reason: Text, *, item: int | None = None) -> None:
        """Adds a remark to a value that is mapped."""
        self._notes[path if item is None else (path, item)] = (Fate.MAPPED, self.rule, reason, None)

    def refuse(self, path: str, reason: Text, *, item: int | None = None, table: str | None = None) -> None:
        """Enters the value, or one item of the list there, as unmapped; `table` is where a line would map it."""
        whole = item is None or (path in self._notes and not isinstance(self.get(path), list))
        key = path if item is None or whole else (path, item)
        self._notes[key] = (Fate.UNMAPPED, self.rule, reason, table)

    def ignore(self, path: str, reason: Text, *, item: int | None = None) -> None:
        """Enters the value, all below it, or one item of the list there, as ignored by the current rule."""
        self._notes[path if item is None else (path, item)] = (Fate.IGNORED, self.rule, reason, None)

    def otherwise(self, notes: Mapping[str, Note]) -> None:
        """What holds for the paths that no rule has a word on; a template's or a group's name stands for all below."""
        self._otherwise = notes

    def is_claimed(self, path: str) -> bool:
        """Whether a rule has said what became of the value at `path`."""
        return path in self._notes

    def ledger(self) -> Ledger:
        """Every non-empty value of the record with its fate, in the record's order; unclaimed ones are unmapped."""
        rows: list[tuple[str, Any, Note]] = []
        notes, otherwise = self._notes, self._otherwise
        for path, value in self._values.items():
            note = notes.get(path) or otherwise.get(path) or otherwise.get(path.partition(".")[0])
            if type(value) in _PLAIN:
                rows.append((path, value, note or _UNCLAIMED))
            else:
                rows += [(f, v, n or _UNCLAIMED) for f, v, n in self._leaves(path, value, note)]
        return Ledger(rows)

    def _leaves(
        self, path: str, value: Any, above: Note | None, item: int | None = None
    ) -> Iterator[tuple[str, Any, Note | None]]:
        """The values at and below `path`; `item` is the place of the object that they belong to in its list."""
        notes = self._notes
        note = notes.get(path) or self._otherwise.get(path) or above
        if item is not None:
            note = notes.get((path, item), note)
        if isinstance(value, list):
            for i, one in enumerate(value):
                own = notes.get((path, i), note)
                if isinstance(one, dict | list):
                    yield from self._nested(path, one, own, i)
                elif not is_empty(one):
                    yield path, one, own
        elif isinstance(value, dict):
            yield from self._nested(path, value, note, item)
        elif not is_empty(value):
            yield path, value, note

    def _nested(
        self, path: str, value: Any, note: Note | None, item: int | None
    ) -> Iterator[tuple[str, Any, Note | None]]:
        if isinstance(value, list):
            yield from self._leaves(path + "[]", value, note)
        elif is_geojson(value):
            yield path, value, note
        else:
            for key, one in value.items():
                if one is not None:
                    yield from self._leaves(f"{path}.{key}", one, note, item)


class Fields(Reader):
    """The same for a record of any other shape: a path is a key, or `key.inner` where the key's value is an object.

    What belongs to an object in a list is `key.inner` with the object's place in the list as item.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        values: dict[str, Any] = {}
        for key, value in data.items():
            if isinstance(value, dict) and not is_geojson(value):
                values |= {f"{key}.{k}": v for k, v in value.items() if not is_empty(v)}
            elif not is_empty(value):
                values[key] = value
        self._begin(values)


_PLAIN = frozenset((str, int, float, bool))
_UNCLAIMED: Note = (Fate.UNMAPPED, UNCLAIMED, wording.UNKNOWN_FIELD, None)


def _flat(record: OdsRecord) -> dict[str, Any]:
    """The non-empty values by path, in the record's order: metadata fields, and the record's other keys."""
    found: dict[str, Any] = {}
    for key, value in record.data.items():
        if key == "metas":
            for template, values in value.items():
                for name, one in values.items():
                    if one is not None and not is_empty(one):
                        found[f"{template}.{name}"] = one
        elif value is not None and not is_empty(value):
            found[key] = value
    return found
