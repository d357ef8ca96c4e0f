"""The elements of a JSON array, one at a time, from bytes that are still arriving.

The exact text of each element is kept beside its value: it is what the source said.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from catalog.errors import ResponseInvalid

_SPACE = " \t\r\n"
_ENDS = re.compile(r"[ \t\r\n,\]}]")
_decoder = json.JSONDecoder(parse_constant=lambda name: _refuse(name))


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def elements(chunks: Iterable[bytes], *, what: str, limit: int) -> Iterator[tuple[str, Any]]:
    """Text and value of each element of the array that the chunks make up.

    Raises `ResponseInvalid` for anything but one complete array of UTF-8 JSON whose elements are at most `limit`
    characters; `what` names the document in the error.
    """
    reader = _Reader(chunks, what, limit)
    if reader.next_sign() != "[":
        reader.fail_as_no_array()
    yield from reader.array()
    if reader.next_sign():
        reader.fail("something follows the end of the array")


def members(chunks: Iterable[bytes], *, what: str, limit: int, names: Iterable[str]) -> Iterator[tuple[str, str, Any]]:
    """Name, text and value of each element of the lists that an object has under `names`, and of its other members.

    The object's other members are given whole, with their own names; an array in place of the object gives its
    elements with an empty name. Raises `ResponseInvalid` as `elements` does.
    """
    reader = _Reader(chunks, what, limit)
    wanted = frozenset(names)
    sign = reader.next_sign()
    if sign == "[":
        for text, value in reader.array():
            yield "", text, value
    elif sign == "{":
        reader.take()
        if reader.next_sign() == "}":
            reader.take()
        else:
            yield from reader.object(wanted)
    else:
        reader.fail_as_no_array()
    if reader.next_sign():
        reader.fail("something follows the end of the document")


class _Reader:
    """A window on the text; grows by a chunk when an element does not end in it."""

    def __init__(self, chunks: Iterable[bytes], what: str, limit: int) -> None:
        self.chunks = iter(chunks)
        self.utf8 = codecs.getincrementaldecoder("utf-8-sig")()
        self.what = what
        self.limit = limit
        self.text = ""
        self.at = 0
        self.count = 0
        self.ended = False

    def more(self) -> bool:
        if self.ended:
            return False
        try:
            chunk = next(self.chunks, None)
            self.ended = chunk is None
            self.text = self.text[self.at :] + self.utf8.decode(chunk or b"", self.ended)
        except UnicodeDecodeError:
            self.fail("it is not UTF-8")
        self.at = 0
        return not self.ended

    def next_sign(self) -> str:
        """The next character that is not space, without taking it; empty at the end."""
        while True:
            while self.at < len(self.text) and self.text[self.at] in _SPACE:
                self.at += 1
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more() and self.at >= len(self.text):
                return ""

    def take(self) -> None:
        self.at += 1

    def array(self) -> Iterator[tuple[str, Any]]:
        """The elements of the array that begins here."""
        self.take()
        if self.next_sign() == "]":
            self.take()
            return
        while True:
            yield self.element()
            if not self.goes_on("]", "the list"):
                return

    def object(self, wanted: frozenset[str]) -> Iterator[tuple[str, str, Any]]:
        """The members of an object that is not empty, lists called as in `wanted` element by element."""
        while True:
            _, name = self.element()
            if not isinstance(name, str) or self.next_sign() != ":":
                self.fail("a name and `:` should stand here")
            self.take()
            if name in wanted and self.next_sign() == "[":
                for text, value in self.array():
                    yield name, text, value
            else:
                yield name, *self.element()
            if not self.goes_on("}", "the object"):
                return

    def goes_on(self, end: str, what: str) -> bool:
        """Takes the sign after an element: whether another follows."""
        sign = self.next_sign()
        if not sign:
            self.fail(f"the document ends where it, or the end of {what}, should stand")
        self.take()
        if sign not in (",", end):
            self.fail(f"`{sign}` stands where `,` or `{end}` should")
        return sign == ","

    def element(self) -> tuple[str, Any]:
        self.next_sign()
        while True:
            try:
                value, end = _decoder.raw_decode(self.text, self.at)
            except json.JSONDecodeError as e:
                self._go_on(str(e.msg))
                continue
            except (ValueError, RecursionError) as e:
                self.fail(str(e))
            if not isinstance(value, dict | list | str) and not self.ended and not _ENDS.search(self.text, end):
                self.more()  # a number may go on in the next chunk
                continue
            if end - self.at > self.limit:
                self.fail(f"it is larger than {self.limit:,} characters")
            found = self.text[self.at : end]
            self.at = end
            self.count += 1
            return found, value

    def _go_on(self, reason: str) -> None:
        if len(self.text) - self.at > self.limit:
            self.fail(f"it is not valid JSON ({reason}), or larger than {self.limit:,} characters")
        if not self.more() and self.ended:
            self.fail(f"the document ends in the middle of it ({reason})")

    def fail(self, reason: str) -> NoReturn:
        raise ResponseInvalid(
            f"record {self.count + 1}: {reason}.",
            what=self.what,
            french=f"la liste est illisible à la notice {self.count + 1} (en anglais\u00a0: {reason}).",
        )

    def fail_as_no_array(self) -> NoReturn:
        while len(self.text) - self.at < 40 and self.more():
            pass
        start = self.text[self.at : self.at + 200].lower()
        if start.startswith("<"):
            raise ResponseInvalid(
                "a web page came instead of JSON.",
                what=self.what,
                hint="Give the portal's root, without the path of its API, and check that it needs no login.",
                french="une page web est venue au lieu de JSON.",
                french_hint="Donnez la racine du portail, sans le chemin de son API, et sans identification.",
            )
        if not start:
            raise ResponseInvalid("nothing came.", what=self.what, french="rien n’est venu.")
        raise ResponseInvalid(
            f"a JSON list was expected; it begins with «{start[:40]}».",
            what=self.what,
            french=f"une liste JSON était attendue\u00a0; cela commence par «{start[:40]}».",
        )
