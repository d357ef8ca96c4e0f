"""The type of a column of texts, found from all its values and keeping none of them."""

from __future__ import annotations

import re

_INT = re.compile(r"[+-]?(?:0|[1-9]\d{0,17})\Z")
_DOUBLE = re.compile(r"[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\Z")
_COMMA = re.compile(r"[+-]?(?:0|[1-9]\d*)(?:,\d+)?\Z")
_BOOLEAN = re.compile(r"(?:true|false)\Z")
_DATE = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])\Z")
_DATETIME = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?\Z"
)
_FRENCH_DATE = re.compile(r"(?:0?[1-9]|[12]\d|3[01])/(?:0?[1-9]|1[0-2])/\d{4}\Z")
_TESTS = {
    "int": _INT,
    "double": _DOUBLE,
    "comma": _COMMA,
    "boolean": _BOOLEAN,
    "date": _DATE,
    "datetime": _DATETIME,
    "french-date": _FRENCH_DATE,
}
_ORDER = ("int", "boolean", "date", "datetime", "double", "comma", "french-date")
NUMBERS = ("int", "double", "comma")
DATES = ("date", "datetime", "french-date")


class Observed:
    """One column while its values go by. `possible` are the types that all values so far had."""

    def __init__(self) -> None:
        self.possible: dict[str, re.Pattern[str]] = dict(_TESTS)
        self.filled = 0

    def look(self, value: str) -> None:
        """One value; nothing of it is kept."""
        self.filled += 1
        if self.possible:
            bare = value.strip()
            self.possible = {n: p for n, p in self.possible.items() if p.match(bare)}

    @property
    def type(self) -> str:
        """`comma` and `french-date` are numbers and dates that no datatype of XML Schema covers; empty is text."""
        return next((n for n in _ORDER if n in self.possible), "") if self.filled else ""


def is_data(value: str) -> bool:
    """Whether a cell looks like a value rather than a heading: a number that is no year, a date, an e-mail address."""
    bare = value.strip()
    if re.fullmatch(r"(?:19|20)\d\d", bare):
        return False
    return bool(
        "@" in bare
        or any(p.match(bare) for n, p in _TESTS.items() if n != "boolean")
        or re.fullmatch(r"\d[\d .]{4,}", bare)
    )
