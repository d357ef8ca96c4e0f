"""Licences: from a name, an address or a portal's identifier to the EU table of licences.

A licence is a legal fact. A family without its version, a city's variant, a page of conditions get no term: the match
says why, and the text is published as it stands (`dct:rights`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from .alignment import REASONS, REMEMBERED, Alignment, Line, Match, Reason, builtin, city_match, is_real, key, no_match
from .terms import Term, current, normalise, table

SCHEME = "licence"


@dataclass(frozen=True, slots=True)
class LicenceMatch:
    """The EU licence that is stated and the rule that found it (see `vocab.alignment.Match`), or the reason why not."""

    term: Term | None
    rule: str
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class _Clue:
    """What one value says; `family` is how the code of the licence must begin, where only the family is known."""

    match: Match
    family: str = ""


def licence(
    text: str | None,
    *,
    url: str | None = None,
    license_id: str | None = None,
    extra: Mapping[str, str] | None = None,
) -> LicenceMatch:
    """The one EU licence that the name, the address and the portal's identifier state together.

    A line of the city's own table for any of the three decides alone. Otherwise all must agree: a second term, or a
    family that the term is not of, makes the match ambiguous. What is not understood does not contradict.
    """
    values = [one for one in (license_id, text, url) if one and one.strip()]
    for value in values:
        own = city_match(SCHEME, value, extra) if extra else None
        if own is not None:
            return LicenceMatch(own.term, own.rule, own.reason)
    return _agree([_read(value) for value in values])


def _agree(clues: list[_Clue]) -> LicenceMatch:
    found = [one.match for one in clues if one.match.term]
    if not found:
        reasons = [one.match.reason for one in clues if one.match.reason]
        told = [one for one in reasons if one.code not in ("unknown", "missing")]
        return LicenceMatch(None, "", (*told, *reasons, REASONS["missing"])[0] if clues else REASONS["missing"])
    first = found[0].term
    others = any(one.term != first for one in found)
    if first is None or others or any(not first.code.startswith(one.family) for one in clues):
        return LicenceMatch(None, "", REASONS["ambiguous"])
    return LicenceMatch(first, found[0].rule)


@lru_cache(REMEMBERED)
def _read(value: str) -> _Clue:
    """The rules for one value, strongest first."""
    for rule in (
        _iri_or_line,
        _creative_commons_url,
        _creative_commons,
        _licence_ouverte,
        _official_url,
        _name,
        _inside,
    ):
        clue = rule(value)
        if clue is not None:
            return clue
    return _Clue(no_match("unknown"))


def _iri_or_line(value: str) -> _Clue | None:
    line = _lines().get(key(value))
    if line is not None and not line.targets:
        return _Clue(no_match(line.reason), line.also)
    found = Alignment(SCHEME, _lines(), codes=False).match(value)
    return _Clue(found) if found.rule in ("iri", "table") else None


def _lines() -> Mapping[str, Line]:
    return builtin("licences")


_CC_URL = re.compile(
    r"creativecommons\.org/(?:licenses/(?P<parts>by(?:-(?:nc|nd|sa))*)|publicdomain/(?P<public>zero|mark))"
    r"(?:/(?P<version>\d\.\d))?(?:/(?P<port>[a-z]{2,5}))?(?:/(?:deed|legalcode)[^/]*)?"
)
_PUBLIC = {"zero": "CC0", "mark": "CC_PDM_1_0"}


def _creative_commons_url(value: str) -> _Clue | None:
    if "://" not in value:
        return None
    found = _CC_URL.fullmatch(key(value))
    if found is None:
        return None
    if found["public"]:
        return _by_code(_PUBLIC[found["public"]], "pattern")
    parts = set(found["parts"].split("-"))
    if found["port"] and found["version"]:
        return _by_code(f"{_cc_code(parts, found['version'])}_{found['port'].upper()}", "pattern")
    return _cc_clue(parts, found["version"])


_WORDS = {
    "by": "attribution|paternite|atribuicao|reconocimiento|attribuzione|naamsvermelding|namensnennung",
    "sa": "share ?alike|partage dans les memes conditions|partage a l'identique",
    "nc": "non ?-?commercial(?: use)?|pas d'utilisation commerciale",
    "nd": r"no ?-?deriv(?:ative)?s?(?: works)?|pas de modifications?",
}
_WORD = re.compile("|".join(rf"(?P<{code}>{words})" for code, words in _WORDS.items()))
_TOKEN = re.compile(r"\d(?:\.\d)?|[a-z]+|[^\sa-z\d]")
_FILLER = re.compile(r"[-/:(),]|creative|commons|cc|licen[cs]e|version|v|international|unported|generic")
_VERSION = re.compile(r"\d(?:\.\d)?")


def _creative_commons(value: str) -> _Clue | None:
    """A Creative Commons name, if every word of it belongs to one: `CC BY-SA 4.0`, `Creative Commons Attribution`."""
    text = normalise(value)
    if not re.search(r"\bcc\b|\bcreative commons\b", text.replace("_", " ")):
        return None
    tokens = _TOKEN.findall(_WORD.sub(lambda found: f" {found.lastgroup} ", text.replace("_", " ")))
    parts = {one for one in tokens if one in _WORDS}
    versions = {one if "." in one else f"{one}.0" for one in tokens if _VERSION.fullmatch(one)}
    if any(one not in parts and not _VERSION.fullmatch(one) and not _FILLER.fullmatch(one) for one in tokens):
        return None
    if len(versions) > 1 or (parts and "by" not in parts):
        return None
    return _cc_clue(parts, versions.pop() if versions else None)


def _cc_clue(parts: set[str], version: str | None) -> _Clue:
    if not parts:
        return _Clue(no_match("unversioned"), "CC")
    if version is None:
        return _Clue(no_match("unversioned"), _cc_code(parts, ""))
    return _by_code(_cc_code(parts, version), "pattern")


def _cc_code(parts: set[str], version: str) -> str:
    """`CC_BYNCSA_4_0` from its parts; without a version, how the codes of the family begin."""
    return f"CC_{''.join(one.upper() for one in ('by', 'nc', 'nd', 'sa') if one in parts)}_{version.replace('.', '_')}"


_LO_TOKEN = re.compile(r"data\.gouv\.fr|\d\.\d|[a-z]+|\d|\S")
_LO_FILLER = re.compile(r"[-/:()']|licen[cs]e|ouverte|open|etalab|version|v|par|de|d|la|lo|data\.gouv\.fr")


def _licence_ouverte(value: str) -> _Clue | None:
    """The State's Licence Ouverte, if every word belongs to its name: only version 2.0 is in the EU table."""
    tokens = _LO_TOKEN.findall(normalise(value))
    versions = {one if "." in one else f"{one}.0" for one in tokens if _VERSION.fullmatch(one)}
    named = "etalab" in tokens or {"licence", "ouverte"} <= set(tokens)
    if (
        not named
        or len(versions) > 1
        or any(not _VERSION.fullmatch(one) and not _LO_FILLER.fullmatch(one) for one in tokens)
    ):
        return None
    if not versions:
        return _Clue(no_match("unversioned"), "ETALAB_")
    version = versions.pop()
    return _by_code(f"ETALAB_{version.replace('.', '_')}", "pattern")


def _by_code(code: str, rule: str) -> _Clue:
    """The licence of this code; a version that the table does not hold still tells what it cannot be."""
    found = table(SCHEME).by_code(code)
    return _Clue(Match((current(found),), rule)) if found else _Clue(no_match("other_version"), code)


def _official_url(value: str) -> _Clue | None:
    found = _aliases().get(key(value)) if "://" in value else None
    return _Clue(Match((found,), "iri")) if found else None


@cache
def _aliases() -> Mapping[str, Term]:
    """The addresses that the EU table gives for its licences, whatever their scheme and final slash."""
    return {
        key(alias): current(one) for one in table(SCHEME) if is_real(one) for alias in one.aliases if "://" in alias
    }


def _name(value: str) -> _Clue | None:
    """A code as the EU writes it, or a label. A plain word (`FAIR`, `IPA`) is no code."""
    names = table(SCHEME)
    code = names.by_code(value.strip()) if re.fullmatch(r"[A-Z0-9]+(?:_[A-Z0-9]+)+", value.strip()) else None
    found = code or names.by_label(value)
    if found is None or not is_real(found):
        return None
    return _Clue(Match((current(found),), "code" if code else "label"))


_TAG = re.compile(r"<[^<>]*>")
_ADDRESS = re.compile(r"https?://[^\s\"'<>()]+")


def _inside(value: str) -> _Clue | None:
    """A sentence, plain or HTML, that gives addresses which all lead to one licence; or that is a name in HTML."""
    bare = " ".join(_TAG.sub(" ", value).split())
    if bare != value.strip() and bare and "<" in value:
        inner = _read(bare)
        if inner.match.term or inner.match.reason != REASONS["unknown"]:
            return inner
    addresses = {key(one.rstrip(".,;")): one.rstrip(".,;") for one in _ADDRESS.findall(value)}
    if not addresses or set(addresses) == {key(value)}:
        return None
    clues = {_read(one) for one in addresses.values()}
    if len({(one.match.term, one.match.reason) for one in clues}) != 1:
        return None
    only = clues.pop()
    return _Clue(Match(only.match.terms, "text"), only.family) if only.match.term else only
