"""JSON from elsewhere."""

from __future__ import annotations

import json
import re
from typing import Any

from catalog.errors import ResponseInvalid
from harvest.documents.text import decoded


def load(body: bytes, *, what: str, forgiving: bool = False) -> Any:
    """The value. `ResponseInvalid` for what is no JSON, a web page, or nested too deep.

    `forgiving` lets commas stand before a closing bracket, as people leave them.
    """
    text = decoded(body)
    try:
        return json.loads(text)
    except RecursionError as e:
        raise ResponseInvalid("it is nested too deep to be read.", what=what) from e
    except ValueError as e:
        if forgiving and (again := _without_trailing_commas(text)) != text:
            return load(again.encode(), what=what)
        if text.lstrip()[:1] == "<":
            raise ResponseInvalid(
                "a web page or XML came instead of JSON.",
                what=what,
                hint="Check the address, and that it needs no login.",
            ) from e
        raise ResponseInvalid(f"it is not valid JSON ({e}).", what=what) from e


_STRING_OR_COMMA = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|,(?=\s*[}\]])', re.DOTALL)


def _without_trailing_commas(text: str) -> str:
    return _STRING_OR_COMMA.sub(lambda m: m[0] if m[0] != "," else "", text)
