"""Messages, and the cleaning of what comes from sources before it stands in one."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

SUBJECT = 150
"""Characters of a subject."""
TEXT = 600
"""Characters of one thing that a source said."""
_SPACE = re.compile(r"[^\S\u00a0\u202f]+")
"""White space, but what no line is broken at."""


@dataclass(frozen=True)
class Message:
    """One message. `key` names what it is about: while that lasts, it is not told again. `data` is for programs."""

    key: str
    subject: str
    body: str
    data: dict[str, Any] = field(default_factory=dict)
    to: tuple[str, ...] = ()
    """Mail addresses; none where it is for the operator."""


def line(text: str, limit: int = TEXT) -> str:
    """A source's text on one line, without what is not to be seen (controls, directions), cut visibly."""
    seen = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
    one = _SPACE.sub(" ", seen).strip()
    return one if len(one) <= limit else one[: limit - 1].rstrip() + "…"


def subject(text: str) -> str:
    """A subject that stays one: no header can be begun in it."""
    return line(text, SUBJECT)
