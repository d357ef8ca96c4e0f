"""Dates as sources write them, as literals of the precision that was given; rules on top of `harvest.mapping.dates`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from harvest.mapping.dates import Moment, moment, period_in_words
from harvest.mapping.dates import Period as Period  # re-exported for those who read periods
from harvest.repair import rules
from harvest.repair.rules import Rule
from vocab.namespaces import XSD

TYPES = frozenset(XSD[n].value for n in ("date", "dateTime", "gYear", "gYearMonth"))
"""The datatypes that DCAT-AP allows for dates."""

_ZONED = re.compile(r"(\d{4}-\d{2}-\d{2})[A-Z]{2,5}T?(\d{2}:\d{2}(?::\d{2})?)\Z")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?(Z?))?\Z")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})\Z")
_SLASHED = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})(.*)\Z")
_CLOCK = re.compile(r"(\d{1,2}/\d{1,2}/\d{4})[ T,]+(?:à |at )?(\d{1,2})[:h](\d{2})(?::(\d{2}))?\Z")
_SHORT = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\Z")
_ZONE_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:Z|[+-]\d{2}:\d{2})\Z")
_VALID = {
    XSD.dateTime.value: re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?\Z"),
    XSD.date.value: re.compile(r"-?\d{4,}-\d\d-\d\d(?:Z|[+-]\d\d:\d\d)?\Z"),
    XSD.gYear.value: re.compile(r"-?\d{4,}(?:Z|[+-]\d\d:\d\d)?\Z"),
    XSD.gYearMonth.value: re.compile(r"-?\d{4,}-\d\d(?:Z|[+-]\d\d:\d\d)?\Z"),
}
_WORDS = re.compile(r"(?:le |du |on |the |am |modifie le |publie le |mis a jour le )+", re.IGNORECASE)
_MONTH_FIRST = re.compile(r"([A-Za-zéûôäç]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})\Z")
_WEEKDAY = re.compile(
    r"\A(?:(?:lun|mar|mercre|jeu|vendre|same)di|dimanche|(?:mon|tue|wed|thu|fri|sat|sun)(?:[a-z]*day)?),? "
    r"(?=\d|[a-z]{3})",
    re.IGNORECASE,
)
_RFC_822 = re.compile(r"(\d{1,2} [A-Za-z]{3} \d{4}) (\d{2}:\d{2}:\d{2}) (?:GMT|UTC|Z|\+0000)\Z")


@dataclass(frozen=True, slots=True)
class Dated:
    """A date that was understood, its literal as N-Triples, and the rules that made it so."""

    moment: Moment
    term: str
    rules: tuple[Rule, ...] = ()


@lru_cache(maxsize=16384)
def date(value: str, datatype: str, zone: str) -> Dated | None:
    """The date in `value`; one that is valid in its datatype stays byte for byte. `None` where it is none."""
    bare = value.strip()
    if datatype in TYPES and _VALID[datatype].match(bare):
        day = _ZONE_DAY.match(bare)
        read = moment(day[1] if day else bare, zone, vague=True)
        if read is not None:
            return Dated(read, f'"{bare}"^^<{datatype}>', () if bare == value else (rules.WHITESPACE,))
    read, changed = _read(bare, zone)
    if read is None:
        return None
    found: list[Rule] = [rules.DATE_FORM] if changed else []
    if not read.term.endswith(f"^^<{datatype}>"):
        found.append(rules.DATE_TYPE)
    if read.instant is not None and not re.search(r"(?:Z|[+-]\d\d:?\d\d)\Z", bare):
        found.append(rules.DATE_ZONE)
    return Dated(read, read.term, tuple(found))


def _read(bare: str, zone: str) -> tuple[Moment | None, bool]:
    """The date, and whether its form had to be rewritten."""
    read = moment(bare, zone, vague=True)
    if read is not None:
        return read, not read.term.startswith(f'"{bare}"') and not _zone_only(bare, read.term)
    for form in _forms(bare):
        read = moment(form, zone, vague=True)
        if read is not None:
            return read, True
    period = period_in_words(_WEEKDAY.sub("", _WORDS.sub("", bare)))
    if period and period.start and period.start == period.end:
        return period.start, True
    return None, False


def _zone_only(bare: str, term: str) -> bool:
    """Whether nothing but the zone was added to what the source wrote."""
    return re.match(re.escape(f'"{bare}') + r"(?:Z|[+-]\d\d:\d\d)\"", term) is not None


def _forms(bare: str) -> list[str]:
    """The same in forms that `moment` reads, where one of the known other forms was used."""
    plain = _WEEKDAY.sub("", _WORDS.sub("", bare))
    found = [plain] if plain != bare else []
    if m := _ZONED.match(plain):
        found.append(m[1] if m[2].startswith("00:00") else f"{m[1]}T{m[2]}")
    if (m := _COMPACT.match(plain)) and m[4]:
        found.append(f"{m[1]}-{m[2]}-{m[3]}T{m[4]}:{m[5]}:{m[6] or '00'}{m[7]}")
    elif m:
        found.append(f"{m[1]}-{m[2]}-{m[3]}")
    if m := _DOTTED.match(plain):
        found.append(f"{m[1]}/{m[2]}/{m[3]}")
    if m := _SLASHED.match(plain):
        found.append(f"{m[1]}-{int(m[2]):02}-{int(m[3]):02}{m[4]}")
    if m := _CLOCK.match(plain):
        day, month, year = m[1].split("/")
        found.append(f"{year}-{int(month):02}-{int(day):02}T{int(m[2]):02}:{m[3]}:{m[4] or '00'}")
    if m := _SHORT.match(plain):
        found.append(f"{m[1]}-{int(m[2]):02}-{int(m[3]):02}")
    if m := _ZONE_DAY.match(plain):
        found.append(m[1])
    found += _in_words(plain)
    return found


def _in_words(plain: str) -> list[str]:
    if (m := _MONTH_FIRST.match(plain)) and (period := period_in_words(f"{m[2]} {m[1]} {m[3]}")) and period.start:
        return [period.start.first.isoformat()]
    if (m := _RFC_822.match(plain)) and (period := period_in_words(m[1])) and period.start:
        return [f"{period.start.first.isoformat()}T{m[2]}Z"]
    return []
