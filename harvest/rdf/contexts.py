"""The JSON-LD contexts that the product carries: none is ever fetched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

_KNOWN = (("ofn.gov.cz/", "ofn"),)
"""Part of a context's address, and which of our contexts stands for it; any other is read with the one of DCAT-AP."""
_DCAT = ("semic", "dcat", "project-open-data", "data.europa.eu", "w3.org/ns/", "w3id.org/")
DEFAULT = "dcat-ap"


@cache
def carried() -> dict[str, dict[str, Any]]:
    """The contexts by name."""
    found: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("contexts.json").read_text(encoding="utf-8"))
    return found


def remote(document: Any) -> Iterator[str]:
    """The addresses of contexts that a document refers to."""
    waiting = [document]
    while waiting:
        here = waiting.pop()
        if isinstance(here, list):
            waiting.extend(here)
        elif isinstance(here, dict):
            given = here.get("@context")
            for one in given if isinstance(given, list) else [given]:
                if isinstance(one, str):
                    yield one
            waiting.extend(v for k, v in here.items() if k != "@context" and isinstance(v, dict | list))


def is_known(address: str) -> bool:
    """Whether the context at this address is one that ours stand for."""
    return any(part in address for part, _ in _KNOWN) or any(part in address.lower() for part in _DCAT)


def replaced(document: Any) -> Any:
    """The document with our contexts in place of those that it refers to. Changes it in place, too."""
    waiting = [document]
    while waiting:
        here = waiting.pop()
        if isinstance(here, list):
            waiting.extend(here)
        elif isinstance(here, dict):
            if "@context" in here:
                here["@context"] = _carried(here["@context"])
            waiting.extend(v for k, v in here.items() if k != "@context" and isinstance(v, dict | list))
    return document


def _carried(given: Any) -> Any:
    if isinstance(given, list):
        return [_carried(one) for one in given]
    if not isinstance(given, str):
        return given
    return carried()[next((name for part, name in _KNOWN if part in given), DEFAULT)]
