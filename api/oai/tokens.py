"""Resumption tokens (OAI-PMH 2.0, section 3.5): they say all that the next page needs, so nothing is remembered here.

A token names the release that the list began on: the list goes on in it, whatever is published meanwhile, for as long
as that release is kept. A checksum tells a token that was cut short or changed from one that was given.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import astuple, dataclass

from api.oai.errors import Code, ProtocolError
from vocab.text import Text

_FORM = re.compile(
    r"(ListRecords|ListIdentifiers),(\w+),(\d{1,6}),(\d{1,6}),(\d{1,6}),([\w.!~*'():-]*),(\d{1,6}),([\w.~-]*),"
    r"(\d{1,9}),(\d{1,9}),([0-9a-f]{8})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Token:
    """Where a list goes on.

    `verb`, `prefix` and `set` are those of the request that began it, `low` and `high` the releases that its `from`
    and `until` came to; `after` and `slug` are the last record given, `cursor` is how many were given, of `size`.
    """

    verb: str
    prefix: str
    release: int
    low: int
    high: int
    set: str
    after: int
    slug: str
    cursor: int
    size: int

    def __str__(self) -> str:
        text = ",".join(str(value) for value in astuple(self))
        return f"{text},{zlib.crc32(text.encode()):08x}"


def parse(given: str, verb: str) -> Token:
    """The token that this text is. Raises `ProtocolError` for what was not given by this verb."""
    found = _FORM.fullmatch(given)
    if found is None or f"{zlib.crc32(given[:-9].encode()):08x}" != found[11] or found[1] != verb:
        raise bad_token(
            Text(
                "Ce jeton de reprise n’a pas été donné ici pour ce verbe.",
                "This resumption token was not given here for this verb.",
            )
        )
    release, low, high, after, cursor, size = (int(found[n]) for n in (3, 4, 5, 7, 9, 10))
    return Token(found[1], found[2], release, low, high, found[6], after, found[8], cursor, size)


def bad_token(text: Text) -> ProtocolError:
    """The error of a token that cannot be used, or no longer."""
    again = Text(" Recommencez la liste.", " Begin the list again.")
    return ProtocolError(Code.BAD_RESUMPTION_TOKEN, Text(text.fr + again.fr, text.en + again.en))
