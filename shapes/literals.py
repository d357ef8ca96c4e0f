"""Literals as XML Schema 1.1 part 2 sees them: the lexical forms of a datatype, and which values come before which."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple

from vocab.namespaces import RDF, XSD

_ESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_PLAIN = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}


def is_literal(term: str) -> bool:
    """Whether an N-Triples term is a literal."""
    return term[0] == '"'


def suffix(term: str) -> str:
    """What follows the closing quote of a literal: nothing, `@fr` or `^^<datatype>`."""
    return term[term.rindex('"') + 1 :]


def datatype(term: str) -> str:
    """The datatype of a literal as N-Triples writes an IRI; a bare literal is an xsd:string (RDF 1.1, section 3.3)."""
    tail = suffix(term)
    if not tail:
        return STRING
    return LANG_STRING if tail[0] == "@" else tail[2:]


def language(term: str) -> str:
    """The language tag of a literal, empty where it has none."""
    tail = suffix(term)
    return tail[1:] if tail.startswith("@") else ""


def text(term: str) -> str:
    """What SPARQL's `STR` gives: the lexical form of a literal, the IRI of an IRI."""
    if term[0] == "<":
        return _unescaped(term[1:-1])
    return _unescaped(term[1 : term.rindex('"')])


def _unescaped(written: str) -> str:
    if "\\" not in written:
        return written
    return _ESCAPED.sub(lambda m: chr(int(m[1] or m[2], 16)) if m[1] or m[2] else _PLAIN.get(m[3], m[3]), written)


# ── lexical forms ────────────────────────────────────────────────────────────────────────────────────────────────────

_ZONE = r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?"
_YEAR = r"-?(?:[1-9]\d{3,}|0\d{3})"
_MONTH = r"(?:0[1-9]|1[0-2])"
_DAY = r"(?:0[1-9]|[12]\d|3[01])"
_TIME = r"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
_DATE = rf"(?P<y>{_YEAR})-(?P<m>{_MONTH})-(?P<d>{_DAY})"
_SECONDS = r"(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?"
_FLOAT = r"(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?INF|NaN)"
_NAME_START, _NAME_PART = r"[^\W\d]", r"[\w.\u00b7-]"
_SIXTH = r"[A-Za-z0-9+/] ?"
_BASE64 = (
    rf"(?:(?:{_SIXTH}){{4}})*(?:(?:{_SIXTH}){{3}}[A-Za-z0-9+/]|(?:{_SIXTH}){{2}}[AEIMQUYcgkosw048] ?="
    rf"|{_SIXTH}[AQgw] ?= ?=)?"
)

_FORMS = {
    "boolean": r"true|false|1|0",
    "decimal": r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)",
    "integer": r"[+-]?\d+",
    "float": _FLOAT,
    "double": _FLOAT,
    "date": _DATE + _ZONE,
    "dateTime": rf"{_DATE}T{_TIME}{_ZONE}",
    "dateTimeStamp": rf"{_DATE}T{_TIME}{_ZONE[:-1]}",
    "time": _TIME + _ZONE,
    "gYear": _YEAR + _ZONE,
    "gYearMonth": rf"{_YEAR}-{_MONTH}{_ZONE}",
    "gMonth": rf"--{_MONTH}{_ZONE}",
    "gDay": rf"---{_DAY}{_ZONE}",
    "gMonthDay": rf"--(?:(?:0[13578]|1[02])-{_DAY}|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|[12]\d)){_ZONE}",
    "duration": rf"-?P(?=\d|T)(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d){_SECONDS})?",
    "dayTimeDuration": rf"-?P(?=\d|T)(?:\d+D)?(?:T(?=\d){_SECONDS})?",
    "yearMonthDuration": r"-?P(?=\d)(?:\d+Y)?(?:\d+M)?",
    "hexBinary": r"(?:[0-9A-Fa-f]{2})*",
    "base64Binary": _BASE64,
    "language": r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*",
    "normalizedString": r"[^\r\n\t]*",
    "token": r"|[^\s](?:(?! {2})[^\r\n\t])*(?<! )",
    "Name": rf"(?:{_NAME_START}|:)(?:{_NAME_PART}|:)*",
    "NCName": rf"{_NAME_START}{_NAME_PART}*",
    "NMTOKEN": rf"(?:{_NAME_PART}|:)+",
}

_BOUNDS: dict[str, tuple[int | None, int | None]] = {
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-(2**7), 2**7 - 1),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 2**8 - 1),
}
_SPACES_KEPT = {"string", "normalizedString", "token"}
_DIGITS = 4000
"""No whole number of metadata is longer; Python refuses to read much longer ones."""

STRING = str(XSD.string)
LANG_STRING = str(RDF.langString)


@cache
def _forms() -> dict[str, Callable[[str], bool]]:
    checks = {str(XSD[name]): _form(name, pattern) for name, pattern in _FORMS.items()}
    return checks | {str(XSD[name]): _bounded(*bounds) for name, bounds in _BOUNDS.items()}


def _form(name: str, pattern: str) -> Callable[[str], bool]:
    match = re.compile(pattern, re.ASCII if name not in {"Name", "NCName", "NMTOKEN"} else 0).fullmatch
    keep = name in _SPACES_KEPT

    def holds(lexical: str) -> bool:
        found = match(lexical if keep else lexical.strip(" \t\r\n"))
        return found is not None and ("d" not in found.re.groupindex or _exists(found))

    return holds


def _exists(date: re.Match[str]) -> bool:
    """Whether a day is one of its month: the 30th of February is none."""
    year, month, day = int(date["y"]), int(date["m"]), int(date["d"])
    if month == 2:
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return day <= (29 if leap else 28)
    return day <= (30 if month in {4, 6, 9, 11} else 31)


def _bounded(least: int | None, most: int | None) -> Callable[[str], bool]:
    whole = re.compile(_FORMS["integer"], re.ASCII).fullmatch

    def holds(lexical: str) -> bool:
        lexical = lexical.strip(" \t\r\n")
        if not whole(lexical) or len(lexical) > _DIGITS:
            return False
        number = int(lexical)
        return (least is None or number >= least) and (most is None or number <= most)

    return holds


def has_forms(iri: str) -> bool:
    """Whether it is known which lexical forms a datatype has; `iri` as N-Triples writes it."""
    return iri in _forms()


def well_formed(term: str) -> bool:
    """Whether a literal's lexical form belongs to its datatype; datatypes that are not XML Schema's have every form."""
    check = _forms().get(datatype(term))
    return check is None or check(text(term))


def ill_formed(terms: Iterable[str], iri: str) -> set[str]:
    """Those of `terms` that are no literals of the datatype `iri`, an N-Triples IRI, or have a form it has not."""
    if iri == LANG_STRING:
        return {one for one in terms if one[0] != '"' or not suffix(one).startswith("@")}
    if iri == STRING:
        return {one for one in terms if one[-1] != '"'}
    tail = f'"^^{iri}'
    check = _forms().get(iri)
    if check is None:
        return {one for one in terms if not one.endswith(tail)}
    end = -len(tail)
    return {one for one in terms if not (one.endswith(tail) and check(_unescaped(one[1:end])))}


# ── values ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class Value(NamedTuple):
    """A value that can be compared with values of its `kind`."""

    kind: str
    order: Decimal | str | bool | datetime


_NUMBERS = {str(XSD[n]) for n in ("decimal", "integer", *_BOUNDS)}
_FLOATS = {str(XSD.float), str(XSD.double)}
_MOMENTS = {str(XSD.dateTime), str(XSD.dateTimeStamp), str(XSD.date)}
_UNKNOWN_ZONE = timedelta(hours=14)
_WITHOUT_ZONE = "without zone"


@lru_cache(maxsize=100_000)
def value(term: str) -> Value | None:
    """The value of a literal, for comparison; None for IRIs, blank nodes, ill-formed and incomparable literals."""
    if not is_literal(term) or not well_formed(term):
        return None
    kind, lexical = datatype(term), text(term)
    if kind in _NUMBERS:
        number = Decimal(lexical.strip())
        return Value("number", number)
    if kind in _FLOATS:
        return _floating(lexical.strip())
    if kind == STRING:
        return Value("string", lexical)
    if kind == str(XSD.boolean):
        true = lexical.strip() in {"true", "1"}
        return Value("boolean", true)
    return _moment(kind, lexical.strip()) if kind in _MOMENTS else _ordered_text(kind, lexical.strip())


def _floating(lexical: str) -> Value | None:
    number = Decimal(lexical.replace("INF", "Infinity"))
    return None if number.is_nan() else Value("number", number)


def _ordered_text(kind: str, lexical: str) -> Value | None:
    """Years, months and times without a zone are in the order of their text."""
    if kind in {str(XSD.gYear), str(XSD.gYearMonth), str(XSD.time)} and re.fullmatch(r"[\d:.]+(?:-\d\d)?", lexical):
        return Value(kind, lexical)
    return None


def _moment(kind: str, lexical: str) -> Value | None:
    zoned = re.search(r"(?:Z|[+-]\d\d:\d\d)$", lexical[10:])
    body = lexical[: 10 + zoned.start()] if zoned else lexical
    day_more = timedelta(0)
    if "T24:" in body:
        body, day_more = body[:10] + "T00:00:00", timedelta(days=1)
    body, _, fraction = body.partition(".")
    try:
        instant = datetime.fromisoformat(body).replace(tzinfo=UTC) + day_more
    except (ValueError, OverflowError):  # years before 1 or after 9999
        return None
    instant += timedelta(microseconds=int((fraction + "000000")[:6]))
    name = "date" if kind == str(XSD.date) else "dateTime"
    if zoned is None:
        return Value(f"{name} {_WITHOUT_ZONE}", instant)
    return Value(name, instant - _offset(zoned[0]))


def _offset(zone: str) -> timedelta:
    if zone == "Z":
        return timedelta(0)
    minutes = int(zone[1:3]) * 60 + int(zone[4:6])
    return timedelta(minutes=minutes if zone[0] == "+" else -minutes)


def before(one: Value | None, other: Value | None, *, or_equal: bool = False) -> bool:
    """Whether `one` comes before `other` for certain (SPARQL 1.1, section 17.3); False where they cannot be compared.

    A moment without a zone may lie up to 14 hours either way of one with a zone (XML Schema 1.1, D.2.1).
    """
    if one is None or other is None:
        return False
    if one.kind == other.kind:
        return bool(one.order < other.order or (or_equal and one.order == other.order))  # type: ignore[operator]
    if one.kind.partition(" ")[0] != other.kind.partition(" ")[0]:
        return False
    return bool(one.order + _UNKNOWN_ZONE < other.order)  # type: ignore[operator]  # both are moments
