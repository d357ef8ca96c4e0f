"""Themes: from a city's own words, in French and in English, to the EU data themes.

Portals join several themes into one text with commas, and the themes of OpenDataSoft hold commas themselves
(« Transports, Déplacements, Environnement » is two): a text is split by the phrases that are known, longest first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import unquote_plus

from .alignment import REMEMBERED, Alignment, Match, builtin, city_match, key, no_match
from .terms import Term, table
from .terms import term as anywhere

SCHEME = "data-theme"

_SEPARATORS = re.compile(r"[,;|/>]")
_JOINERS = re.compile(r"\s(?:et|and|&|\+|e|y|en)\s", re.IGNORECASE)
_PARTS = 64
"""A text of more parts than this is prose, not a list of themes."""


def themes(text: str | None, *, extra: Mapping[str, str] | None = None) -> Match:
    """The EU data themes that `text` names, each once, in the order of the text.

    `unmatched` lists the parts that no rule knows, or that have no honest EU theme: they may stand beside terms.
    A line of the city's own table may be for the whole text or for a part of it.
    """
    if text is None or not text.strip():
        return no_match("missing")
    own = city_match(SCHEME, text, extra) if extra else None
    if own is not None:
        return own
    if extra:
        return _split(text, extra)
    return _remembered(text)


@lru_cache(REMEMBERED)
def _remembered(text: str) -> Match:
    return _split(text, None)


_SEARCH_PAGE = re.compile(r"https?://[^#]*[?&]refine\.theme=(?P<theme>[^&#]+)")
"""What OpenDataSoft's own RDF gives for a theme: the address of a search for it."""


def _split(text: str, extra: Mapping[str, str] | None) -> Match:
    page = _SEARCH_PAGE.match(text)
    if page:
        return _split(unquote_plus(page["theme"]), extra)
    whole = _phrase(text, extra)
    if whole.terms or "://" in text or _is_line(whole):
        return whole
    parts = [one.strip() for one in _SEPARATORS.split(text) if key(one)]
    if not parts or len(parts) > _PARTS:
        return whole
    return _gather(_phrases(parts, extra))


def _is_line(match: Match) -> bool:
    """Whether a table says on purpose that there is no theme."""
    return match.reason is not None and match.reason.code not in ("unknown", "missing")


def _phrases(parts: list[str], extra: Mapping[str, str] | None) -> list[tuple[str, Match]]:
    """The known phrases that the parts make up, the longest at each place, and the single parts that remain."""
    found: list[tuple[str, Match]] = []
    start = 0
    while start < len(parts):
        end, text, match = _longest(parts, start, extra)
        found.append((text, match))
        start = end
    return found


_LONGEST = 6


def _longest(parts: list[str], start: int, extra: Mapping[str, str] | None) -> tuple[int, str, Match]:
    for end in range(min(len(parts), start + _LONGEST), start + 1, -1):
        text = ", ".join(parts[start:end])
        match = _phrase(text, extra)
        if match.terms or _is_line(match):
            return end, text, match
    return start + 1, parts[start], _joined(parts[start], extra)


def _joined(part: str, extra: Mapping[str, str] | None) -> Match:
    """A single part, else the two or three words that « et » joins in it, if every one of them is known."""
    whole = _phrase(part, extra)
    words = _JOINERS.split(" ".join(part.split()))
    if whole.terms or _is_line(whole) or len(words) < 2:
        return whole
    each = [_phrase(one, extra) for one in words]
    return _gather(list(zip(words, each, strict=True))) if all(one.terms for one in each) else whole


def _gather(phrases: list[tuple[str, Match]]) -> Match:
    terms = tuple(dict.fromkeys(term for _, match in phrases for term in match.terms))
    unmatched = tuple(text for text, match in phrases if not match.terms)
    if terms:
        return Match(terms, _weakest({match.rule for _, match in phrases if match.terms}), unmatched=unmatched)
    reasons = {match.reason for _, match in phrases}
    return Match(reason=reasons.pop() if len(reasons) == 1 else no_match("unknown").reason, unmatched=unmatched)


def _weakest(rules: set[str]) -> str:
    """The rule to name for a text whose phrases were found by several."""
    return max(rules, key=("iri", "code", "label", "table", "city table").index)


def _phrase(text: str, extra: Mapping[str, str] | None) -> Match:
    own = city_match(SCHEME, text, extra) if extra else None
    return own or _known(text)


_ELSEWHERE = re.compile(r"https?://vocab\.belgif\.be/auth/datatheme/(?P<code>[A-Z]{4})")


@lru_cache(REMEMBERED)
def _known(text: str) -> Match:
    found = Alignment(SCHEME, builtin("themes")).match(text)
    if found.terms or _is_line(found):
        return found
    belgian = _ELSEWHERE.fullmatch(text.strip())
    if belgian:
        term = table(SCHEME).by_code(belgian["code"])
        return Match((term,), "iri") if term else found
    inspire = _inspire(text)
    if inspire:
        return _known(inspire.iri)
    return no_match("no_match") if "://" in text and anywhere(text.strip()) else found


def _inspire(text: str) -> Term | None:
    """The INSPIRE theme that is called so, or that an IRI of the GEMET copy of the list names."""
    names = table("inspire-theme")
    if "://" in text:
        code = re.search(r"inspire\.ec\.europa\.eu/theme/(\w{2})(?:[/.:].*)?$", text)
        return names.by_code(code[1]) if code and text.strip() != names.iri + "/" + code[1] else None
    return names.by_label(text)
