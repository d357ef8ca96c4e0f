"""How often a dataset is updated: from words in six languages, codes and periods to the EU frequencies.

The codes are those of data.gouv.fr, of ISO 19115 (`MD_MaintenanceFrequencyCode`) and of the Dublin Core frequencies;
the periods are ISO 8601 durations, alone or repeating (`P1D`, `R/P1Y`), as Project Open Data writes them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

from .alignment import REMEMBERED, Alignment, Match, builtin, city_match, is_real, no_match, resolve
from .terms import normalise, table

SCHEME = "frequency"

# fmt: off
_RANK = (
    "UPDATE_CONT", "CONT", "1MIN", "5MIN", "10MIN", "15MIN", "30MIN", "HOURLY", "BIHOURLY", "TRIHOURLY", "12HRS",
    "DAILY_2", "DAILY", "WEEKLY_3", "WEEKLY_2", "WEEKLY", "MONTHLY_3", "BIWEEKLY", "MONTHLY_2", "MONTHLY", "BIMONTHLY",
    "QUARTERLY", "ANNUAL_3", "ANNUAL_2", "ANNUAL", "BIENNIAL", "TRIENNIAL", "QUADRENNIAL", "QUINQUENNIAL", "DECENNIAL",
    "BIDECENNIAL", "TRIDECENNIAL", "AS_NEEDED", "IRREG", "OTHER", "NOT_PLANNED", "NEVER", "UNKNOWN",
)
# fmt: on
"""Most frequent first; what has no period comes after every period, and what says least comes last."""


def frequency(text: str | None, *, extra: Mapping[str, str] | None = None) -> Match:
    """The EU frequency that `text` states: a word, a code, an IRI, an ISO 8601 period.

    Of several values between `|` the most frequent is kept; those that no rule knows are in `unmatched`.
    """
    if text is None or not text.strip():
        return no_match("missing")
    own = city_match(SCHEME, text, extra) if extra else None
    if own is not None:
        return own
    return _most_frequent([_one(part, extra) for part in text.split("|") if part.strip()], text)


def _one(part: str, extra: Mapping[str, str] | None) -> tuple[str, Match]:
    own = city_match(SCHEME, part, extra) if extra else None
    return part.strip(), own or _read(part.strip())


def _most_frequent(parts: list[tuple[str, Match]], text: str) -> Match:
    if len(parts) == 1:
        return parts[0][1]
    known = [(term, match.rule) for _, match in parts if (term := match.term)]
    unknown = tuple(part for part, match in parts if match.term is None)
    if not known:
        return no_match("unknown" if parts else "missing", *(unknown or (text,)))
    term, rule = min(known, key=lambda one: _RANK.index(one[0].code))
    return Match((term,), rule, unmatched=unknown)


@lru_cache(REMEMBERED)
def _read(part: str) -> Match:
    period = _period(part)
    if period is not None:
        return period
    found = Alignment(SCHEME, builtin("frequencies")).match(part)
    if found.term is not None:
        return found
    return (_from_code_list(part) if "://" in part else _spelled_period(part)) or found


_CODE_LIST = re.compile(
    r"https?://(?:purl\.org/cld/(?:freq|terms)/|.*(?:MaintenanceFrequency(?:Code)?|[Cc]ode[Ll]ists?\.xml)[/#_])"
    r"(?:MD_MaintenanceFrequencyCode_)?(?P<code>\w+)/?"
)


def _from_code_list(iri: str) -> Match | None:
    """The code at the end of an IRI of ISO 19115's, INSPIRE's or Dublin Core's lists, however the list is addressed."""
    cited = table(SCHEME).find(iri.replace("https://", "http://", 1))
    if cited is not None and is_real(cited):
        return Match((cited,), "iri")
    found = _CODE_LIST.fullmatch(iri)
    if found is None:
        return None
    match = _read(found["code"])
    return Match(match.terms, "code") if match.term else None


_ISO = re.compile(
    r"(?:R\d*/)?P(?:(?P<Y>[\d.,]+)Y)?(?:(?P<M>[\d.,]+)M)?(?:(?P<W>[\d.,]+)W)?(?:(?P<D>[\d.,]+)D)?"
    r"(?:T(?:(?P<h>[\d.,]+)H)?(?:(?P<m>[\d.,]+)M)?(?:(?P<s>[\d.,]+)S)?)?",
    re.IGNORECASE,
)
_SECONDS = {"W": 604_800, "D": 86_400, "h": 3_600, "m": 60, "s": 1}
_BY_MONTHS = {
    "1/3": "MONTHLY_3",
    "1/2": "MONTHLY_2",
    "1": "MONTHLY",
    "2": "BIMONTHLY",
    "3": "QUARTERLY",
    "4": "ANNUAL_3",
    "6": "ANNUAL_2",
    "12": "ANNUAL",
    "24": "BIENNIAL",
    "36": "TRIENNIAL",
    "48": "QUADRENNIAL",
    "60": "QUINQUENNIAL",
    "120": "DECENNIAL",
    "240": "BIDECENNIAL",
    "360": "TRIDECENNIAL",
}
_BY_SECONDS = {
    1: "UPDATE_CONT",  # Project Open Data: R/PT1S stands for "continuously updated"
    60: "1MIN",
    300: "5MIN",
    600: "10MIN",
    900: "15MIN",
    1_800: "30MIN",
    3_600: "HOURLY",
    7_200: "BIHOURLY",
    10_800: "TRIHOURLY",
    43_200: "12HRS",
    86_400: "DAILY",
    604_800: "WEEKLY",
    1_209_600: "BIWEEKLY",
    302_400: "WEEKLY_2",
}
_THIRD_OF_A_WEEK = range(199_000, 204_000)  # written P0.33W, P0.333W, P2.33D …


def _period(part: str) -> Match | None:
    found = _ISO.fullmatch(part.strip())
    if found is None or not any(found.groupdict().values()):
        return None
    try:
        amount = {unit: _amount(value) for unit, value in found.groupdict().items() if value}
    except ValueError:
        return no_match("unknown")
    return _of_period(
        amount.get("Y", 0) * 12 + amount.get("M", 0), sum(amount.get(u, 0) * s for u, s in _SECONDS.items())
    )


def _amount(digits: str) -> Fraction:
    """A number of units; Project Open Data writes a third as 0.33."""
    return Fraction(digits.replace(",", ".")).limit_denominator(7)


def _of_period(months: Fraction | int, seconds: Fraction | int) -> Match:
    if months and seconds:
        return no_match("no_match")
    if months:
        code = _BY_MONTHS.get(str(months))
    elif int(seconds) in _THIRD_OF_A_WEEK:
        code = "WEEKLY_3"
    else:
        code = _BY_SECONDS.get(int(seconds)) or ("CONT" if 0 < seconds < 86_400 else None)
    return Match((resolve(SCHEME, code),), "period") if code else no_match("no_match")


_SPELLED = re.compile(
    r"(?:toutes les|tous les|every|chaque|cada|ogni)\s+(?P<number>\d+)\s*"
    r"(?P<unit>ans?|annees?|years?|mois|months?|semaines?|weeks?|jours?|days?|heures?|hours?|h|minutes?|min)"
)
_UNITS = {
    "an": 12,
    "ye": 12,
    "mo": 1,
    "se": 604_800,
    "we": 604_800,
    "jo": 86_400,
    "da": 86_400,
    "he": 3_600,
    "ho": 3_600,
}


def _spelled_period(part: str) -> Match | None:
    """« Tous les 10 ans », `every 6 months`: the same as the period that they spell."""
    found = _SPELLED.fullmatch(normalise(part))
    if found is None:
        return None
    number, unit = int(found["number"]), found["unit"]
    if unit.startswith(("an", "ye", "mo")):
        return _of_period(number * _UNITS[unit[:2]], 0)
    return _of_period(0, number * _UNITS.get(unit[:2], 3_600 if unit == "h" else 60))
