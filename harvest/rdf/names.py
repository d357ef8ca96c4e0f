"""IRIs that are not IRIs yet: pyoxigraph makes no `NamedNode` of them, but its lenient parser does."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import cast

from pyoxigraph import NamedNode, RdfFormat, parse

_UNSAFE = re.compile(r'[\x00-\x20<>"{}|^`\\]')


@lru_cache(maxsize=16384)
def unchecked(value: str) -> NamedNode:
    """A `NamedNode` of this value, be it valid or not."""
    try:
        return NamedNode(value)
    except ValueError:
        safe = _UNSAFE.sub(lambda m: f"\\u{ord(m[0]):04X}", value)
        line = f"<urn:x> <urn:x> <{safe}> ."
        (quad,) = parse(line, format=RdfFormat.N_TRIPLES, lenient=True)
        return cast("NamedNode", quad.object)
