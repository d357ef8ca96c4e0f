"""The tracked view of one record: what rules read from it, and the ledger of what became of each value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from catalog.model import Entry, Fate, Ledger, Text
from harvest.mapping import wording
from harvest.ods_record import OdsRecord, is_empty, is_geojson

_Note = tuple[Fate, str, Text | None, str | None]
UNCLAIMED = "unclaimed"
"""The rule named in the ledger for values that no rule knows."""


class Reader:
    """Gives rules the record's values and keeps account of them.

    A path is `template.field` for metadata (`default.title`), else the record's own key (`features`,
    `attachments.title`). `get` only looks; `take` also enters the value as mapped by the current rule; `refuse` and
    `ignore` say why it was not. Later words on a path replace earlier ones, and a path's word holds for all below it
    that has none of its own, so that each value ends with exactly one.
    """

    def __init__(self, record: OdsRecord) -> None:
        self.record = record
        self.rule = ""
        self._data = record.data
        self._metas = record.metas
        self._notes: dict[str | tuple[str, int], _Note] = {}

    def get(self, path: str) -> Any:
        """The value at `path`, `None` where it is absent or says nothing."""
        template, _, key = path.partition(".")
        value = self._metas.get(template, {}).get(key) if key else self._data.get(template)
        return None if is_empty(value) else value

    def take(self, path: str) -> Any:
        """The value at `path`, entered as mapped by the current rule; `None` where there is none."""
        value = self.get(path)
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
        key = path if item is None or not isinstance(self.get(path), list) else (path, item)
        self._notes[key] = (Fate.UNMAPPED, self.rule, reason, table)

    def ignore(self, path: str, reason: Text, *, item: int | None = None) -> None:
        """Enters the value, all below it, or one item of the list there, as ignored by the current rule."""
        self._notes[path if item is None else (path, item)] = (Fate.IGNORED, self.rule, reason, None)

    def is_claimed(self, path: str) -> bool:
        """Whether a rule has said what became of the value at `path`."""
        return path in self._notes

    def ledger(self) -> Ledger:
        """Every non-empty value of the record with its fate, in the record's order; unclaimed ones are unmapped."""
        return Ledger(
            [
                Entry(field, _shown(value), *(note or (Fate.UNMAPPED, UNCLAIMED, wording.UNKNOWN_FIELD, None)))
                for field, value, note in self._entries()
            ]
        )

    def _entries(self) -> Iterator[tuple[str, Any, _Note | None]]:
        notes = self._notes
        for key, value in self._data.items():
            if key == "metas":
                for template, values in value.items():
                    above = notes.get(template)
                    for name, one in values.items():
                        if one is not None:
                            yield from self._leaves(f"{template}.{name}", one, above)
            elif value is not None:
                yield from self._leaves(key, value, None)

    def _leaves(self, path: str, value: Any, above: _Note | None) -> Iterator[tuple[str, Any, _Note | None]]:
        note = self._notes.get(path, above)
        if isinstance(value, list):
            for i, one in enumerate(value):
                own = self._notes.get((path, i), note)
                if isinstance(one, dict | list):
                    yield from self._nested(path, one, own)
                elif not is_empty(one):
                    yield path, one, own
        elif isinstance(value, dict):
            yield from self._nested(path, value, note)
        elif not is_empty(value):
            yield path, value, note

    def _nested(self, path: str, value: Any, note: _Note | None) -> Iterator[tuple[str, Any, _Note | None]]:
        if isinstance(value, list):
            yield from self._leaves(path + "[]", value, note)
        elif is_geojson(value):
            yield path, value, note
        else:
            for key, one in value.items():
                if one is not None:
                    yield from self._leaves(f"{path}.{key}", one, note)


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return str(value)
