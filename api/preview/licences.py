"""How data.gouv.fr recognises a licence: `License.guess` of udata (udata/core/dataset/models.py)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from api.preview.model import Licence
from api.preview.tables import rows

DEFAULT = "notspecified"
_FAR = 2
"""The largest edit distance of two spellings of one name."""
_URL = re.compile(r"https?://\S+")
_SIGNS = {"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ł": "l", "°": "deg", "€": "EUR", "ð": "d", "þ": "th"}
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼ"), "")


def slug(text: str) -> str:
    """As udata makes tags and slugs (PyPI `awesome-slugify`): ASCII words with hyphens, apostrophes left out."""
    plain = "".join(_SIGNS.get(c, c) for c in text.lower().translate(_APOSTROPHES))
    letters = (c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "-", "".join(letters).lower()).strip("-")


def guess(given: Iterable[str]) -> Licence:
    """The first of these texts that names a licence; an address inside of a text is tried first."""
    texts = [t for t in given if t]
    for text in texts:
        for part in _parts(text):
            found = _guess_one(part)
            if found:
                return Licence(found, _titles()[found], text)
    return Licence(given=texts[0] if texts else "")


def _parts(text: str) -> tuple[str, ...]:
    address = _URL.search(text.rstrip("."))
    return (address.group(), text.replace(address.group(), "").strip()) if address else (text,)


def _guess_one(text: str) -> str:
    text = text.strip().lower()
    if not text:
        return ""
    named = slug(text)
    for row in rows("udata-licences"):
        urls = row["urls"].lower().split()
        if text == row["id"] or named == slug(row["title"]) or text in urls:
            return row["id"]
    return _by_address(text) or _near(text, named)


def _by_address(text: str) -> str:
    address = re.fullmatch(r"(?:https?|ftps?)://([^/?#\s]+)([^?#\s]*)\S*", text)
    if address is None:
        return ""
    query = address.group(1) + address.group(2).rstrip("/")
    for row in rows("udata-licences"):
        first, *others = row["urls"].split() or [""]
        if query in first.lower() or any(query in other for other in others):
            return row["id"]
    return ""


def _near(text: str, named: str) -> str:
    """The one licence whose slug, else title, else other title is at most two letters away."""
    ways: tuple[Callable[[Mapping[str, str]], bool], ...] = (
        lambda row: near(slug(row["title"]), named),
        lambda row: near(row["title"].lower(), text),
        lambda row: any(near(slug(title), named) for title in row["titles"].split("|") if title),
    )
    for way in ways:
        found = [row["id"] for row in rows("udata-licences") if way(row)]
        if len(found) == 1:
            return found[0]
    return ""


def near(a: str, b: str) -> bool:
    """Whether at most two insertions, deletions or changes of a letter lead from one to the other (Levenshtein)."""
    if abs(len(a) - len(b)) > _FAR:
        return False
    line = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        before, line[0] = line[0], i
        for j, other in enumerate(b, 1):
            before, line[j] = line[j], min(before + (letter != other), line[j] + 1, line[j - 1] + 1)
        if min(line) > _FAR:
            return False
    return line[-1] <= _FAR


@cache
def _titles() -> dict[str, str]:
    return {row["id"]: row["title"] for row in rows("udata-licences")}
