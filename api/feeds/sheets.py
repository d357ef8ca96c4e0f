"""Which datasets are on which page: as the release has it stored, or worked out for a filter and kept for a while."""

from __future__ import annotations

import json
import threading
import zlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from api.feeds.filters import Filter
from catalog import paging
from catalog.archive import View
from catalog.paging import Extent

_ROOM = 8 << 20
"""Bytes of worked out pages that are kept, compressed…"""
_EXTENTS = 4096
"""…and how many catalogues' extents."""


@dataclass(frozen=True, slots=True)
class Sheets:
    """The pages of one catalogue in one release, narrowed by one filter. `packed` is None where they are stored."""

    view: View
    catalogue: str
    extent: Extent
    packed: Sequence[bytes] | None = None

    def page(self, number: int) -> list[str]:
        """The IRIs of the datasets on a page, which must be one of `extent`'s."""
        if self.packed is None:
            return paging.page(self.view, self.catalogue, number)
        return list(json.loads(zlib.decompress(self.packed[number - 1]))) if self.packed else []


class Binder:
    """Finds the pages of what is asked, and remembers those that had to be worked out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, str, str, Filter], Sheets] = OrderedDict()
        self._size = 0

    def sheets(self, fingerprint: str, view: View, catalogue: str, asked: Filter) -> Sheets:
        """The pages of a catalogue (`paging.WHOLE`, or a publisher's IRI) under a filter, in the release so marked."""
        key = (view.release, fingerprint, catalogue, asked)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = self._found(view, catalogue, asked)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = found
                self._size += _weight(found)
            while (self._size > _ROOM or len(self._kept) > _EXTENTS) and len(self._kept) > 1:
                self._size -= _weight(self._kept.popitem(last=False)[1])
        return found

    def _found(self, view: View, catalogue: str, asked: Filter) -> Sheets:
        stored = None if asked else paging.extent(view, catalogue)
        if stored is not None:
            return Sheets(view, catalogue, stored)
        datasets = view.sizes(asked.selection(catalogue))
        packed = [zlib.compress(json.dumps(iris).encode()) for iris in paging.cut(datasets)]
        return Sheets(view, catalogue, Extent(max(1, len(packed)), len(datasets)), packed)


def _weight(sheets: Sheets) -> int:
    return sum(map(len, sheets.packed or ()))
