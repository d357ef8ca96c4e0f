"""Texts as sources write them: markup, broken encodings, stray white space, joined keywords, language tags."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from harvest.mapping.statements import is_language_tag
from harvest.mapping.text import one_line, plain_text
from harvest.repair import rules
from harvest.repair.languages import guess
from harvest.repair.rules import Rule
from vocab.terms import table

_MARKUP = re.compile(
    r"</?(?:p|br|div|span|a|b|i|u|em|strong|ul|ol|li|h[1-6]|table|tr|td|th|tbody|img|font|blockquote|pre|code|sup|sub|"
    r"section|script|style|iframe|hr|small|center|dl|dt|dd)\b[^<>]*>|&(?:#\d+|#x[0-9a-f]+|nbsp|amp|lt|gt|quot|apos|"
    r"[a-z]+(?:acute|grave|circ|cedil|uml|tilde)|rsquo|lsquo|ldquo|rdquo|laquo|raquo|ndash|mdash|hellip|euro|deg|oelig);",
    re.IGNORECASE,
)
_INVISIBLE = re.compile(
    "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]"
)
_BROKEN = re.compile(r"[ÃÂâ][\u0080-\u00ff\u0152-\u0178\u02c6\u02dc\u2013-\u203a\u20ac\u2122]")
_ESCAPED = re.compile(r"&(?:amp;)+")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A text as it is published, empty if nothing is left of it, and the rules that were applied."""

    value: str
    rules: tuple[Rule, ...] = ()


@lru_cache(maxsize=8192)
def text(value: str, *, lines: bool = False) -> Cleaned:
    """The text without what went wrong in it; `lines` where it may have several. A sound text stays as it is."""
    found: list[Rule] = []
    value, mended = _decoded(value)
    if mended:
        found.append(rules.MOJIBAKE)
    if _MARKUP.search(value):
        found.append(rules.HTML)
        value = plain_text(_ESCAPED.sub("&", value)) if lines else one_line(_ESCAPED.sub("&", value))
    bare = _INVISIBLE.sub("", value)
    if bare != value:
        found.append(rules.INVISIBLE)
    trimmed = bare.strip() if lines else " ".join(bare.split()) if re.search(r"[\n\r\t]|^\s|\s$", bare) else bare
    if trimmed != bare:
        found.append(rules.WHITESPACE)
    if "\ufffd" in trimmed:
        found.append(rules.LOST_CHARACTER)
    return Cleaned(trimmed, tuple(found))


def _decoded(value: str) -> tuple[str, bool]:
    """UTF-8 that was read as Windows-1252 read anew, piece by piece, where every broken piece can be; twice at most."""
    mended = False
    for _ in range(2):
        if not _BROKEN.search(value):
            break
        again = _read_anew(value)
        if again == value:
            break
        value, mended = again, True
    return value, mended


_RUN = re.compile(
    r"[\u0080-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]+"
)


def _read_anew(value: str) -> str:
    def run(found: re.Match[str]) -> str:
        try:
            return b"".join(_byte(c) for c in found[0]).decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            return found[0]

    done = _RUN.sub(run, value)
    # The second byte of `à` is a no-break space, which is often made a plain one on the way.
    return re.sub("Ã {1,2}", "à ", done) if done != value else done


def _byte(character: str) -> bytes:
    """The byte that Windows-1252, or Latin 1 where that has none, reads as this character."""
    try:
        return character.encode("cp1252")
    except UnicodeEncodeError:
        return character.encode("latin-1")


def keywords(value: str) -> tuple[str, ...]:
    """The keywords in one text: split on semicolons, bars and line ends, else on commas."""
    for sign in (r"[;|\n\r]+", r",(?!\d)"):
        parts = [" ".join(p.split()).strip(" .,;\"'") for p in re.split(sign, value)]
        if len([p for p in parts if p]) > 1:
            return tuple(dict.fromkeys(p for p in parts if p))
    bare = " ".join(value.split()).strip(" ,;")
    return (bare,) if bare else ()


@dataclass(frozen=True, slots=True)
class Tagged:
    """A language tag as it is published, and the rule that made it so."""

    tag: str
    rules: tuple[Rule, ...] = ()


@lru_cache(maxsize=1024)
def tag(value: str) -> Tagged:
    """A well-formed tag: `fr_FR` becomes `fr-fr`, `fra` and `French` become `fr`; empty for what is no language."""
    bare = value.strip().lower().replace("_", "-")
    head, _, rest = bare.partition("-")
    known = table("language").find(head) if head else None
    if known is None or (known.code == head.upper() and head not in {"mul", "zxx", "und"}) or len(head) > 3:
        short = _short(known.iri if known else "")
        made = "-".join(p for p in (short, rest) if p) if short else ""
    else:
        made = bare
    if not is_language_tag(made):
        return Tagged("", (rules.LANGUAGE_TAG,))
    return Tagged(made, () if made == value.strip() or made == value.lower() else (rules.LANGUAGE_TAG,))


def _short(iri: str) -> str:
    """The two-letter code of an EU language term."""
    return _SHORT.get(iri.rsplit("/", 1)[-1], "")


_SHORT = {
    code: short
    for short, code in (
        pair.split(":")
        for pair in [
            "fr:FRA",
            "en:ENG",
            "de:DEU",
            "es:SPA",
            "it:ITA",
            "nl:NLD",
            "pt:POR",
            "ca:CAT",
            "eu:EUS",
            "oc:OCI",
            "br:BRE",
            "co:COS",
            "pl:POL",
            "cs:CES",
            "sk:SLK",
            "hu:HUN",
            "ro:RON",
            "bg:BUL",
            "el:ELL",
            "sv:SWE",
            "da:DAN",
            "fi:FIN",
            "et:EST",
            "lv:LAV",
            "lt:LIT",
            "sl:SLV",
            "hr:HRV",
            "mt:MLT",
            "ga:GLE",
            "lb:LTZ",
            "no:NOR",
            "nb:NOB",
            "nn:NNO",
            "is:ISL",
            "gl:GLG",
            "uk:UKR",
            "ru:RUS",
            "ar:ARA",
        ]
    )
}


def language(value: str, given: str, *, prose: str = "") -> Tagged:
    """The tag that holds for a text, which was given as `given`; `prose` is a longer text that came with it.

    It is changed only where the words leave no doubt, and only to another language that the words are plainly in.
    """
    made = tag(given) if given else Tagged("")
    found = guess(f"{value} {prose}")
    if found and made.tag and found != made.tag.split("-")[0]:
        return Tagged(found, (rules.WRONG_LANGUAGE,))
    return made
