"""What `q` and `fq` of package_search ask, in the part of Solr's language that harvesters write.

Words, `field:value`, `field:"a value"`, `field:(a OR b)`, `field:[from TO until]`, `+`, `-`, `NOT`, `AND`, `OR`,
parentheses, `*:*`. Terms side by side must all hold, as in CKAN.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from api.ckan.errors import bad_query
from catalog.packages import TITLE, Condition
from vocab.text import Text

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<range>(?P<rf>[+-]?\w+):\s*(?P<open>[\[{])\s*(?P<low>[^\s\]}]+)\s+TO\s+(?P<high>[^\s\]}]+)\s*(?P<close>[\]}]))
  | (?P<field>[+-]?\w+):(?=\S)
  | "(?P<quoted>(?:[^"\\]|\\.)*)"
  | (?P<mark>[()])
  | (?P<word>[^\s()"]+)
)""",
    re.VERBOSE,
)
DEPTH = 20
"""Parentheses within parentheses."""
LONGEST = 4000
"""Characters of all queries of a request, which name a hundred organisations at most…"""
MOST = 300
"""…and terms: the database takes no deeper conditions."""
_ALWAYS = {
    "state": "active",
    "capacity": "public",
    "permission_labels": "public",
    "private": "false",
    "type": "dataset",
    "dataset_type": "dataset",
    "entity_type": "package",
}
"""What holds of every package here, so that harvesters may ask for it."""

Value = Callable[[str, str], Condition]
"""Gives the condition for a field and one value of it, `low TO high` for a range; raises what it cannot answer."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    field: str = ""


def condition(texts: list[str], value: Value) -> Condition:
    """The condition that all of these queries set. Raises `ActionError` for what is not understood."""
    texts = [text for text in texts if text.strip() not in {"", "*:*", "*"}]
    if sum(map(len, texts)) > LONGEST:
        raise bad_query(
            Text(f"La requête dépasse {LONGEST} caractères.", f"The query has more than {LONGEST} characters.")
        )
    parsers = [_Parser(text, value, n) for n, text in enumerate(texts)]
    if sum(len(one.tokens) for one in parsers) > 2 * MOST:
        raise bad_query(Text(f"La requête a plus de {MOST} termes.", f"The query has more than {MOST} terms."))
    found = [one.whole() for one in parsers]
    values: dict[str, Any] = {}
    for one in found:
        values |= one.values
    return Condition(" AND ".join(f"({one.sql})" for one in found), values)


class _Parser:
    """One query. Values are bound by names that begin with `number`."""

    def __init__(self, text: str, value: Value, number: int) -> None:
        self.text = text
        self.value = value
        self.number = number
        self.values: dict[str, Any] = {}
        self.tokens = list(_tokens(text))
        self.at = 0
        self.depth = 0

    def whole(self) -> Condition:
        """The condition of the whole text."""
        sql = self._any("")
        if self.at < len(self.tokens):
            raise self._broken()
        return Condition(sql, self.values)

    def _any(self, field: str) -> str:
        """Terms joined by OR; `field` is what values within parentheses are of."""
        found = [self._all(field)]
        while self._takes("OR", "||"):
            found.append(self._all(field))
        return f"({' OR '.join(found)})"

    def _all(self, field: str) -> str:
        found = [self._one(field)]
        while self.at < len(self.tokens) and not self._is(")") and not self._is("OR", "||"):
            self._takes("AND", "&&")
            found.append(self._one(field))
        return f"({' AND '.join(found)})"

    def _one(self, field: str) -> str:
        if self._takes("NOT", "!"):
            return f"NOT {self._one(field)}"
        if self.at >= len(self.tokens):
            raise self._broken()
        token = self.tokens[self.at]
        self.at += 1
        if token.kind == "mark" and token.text == "(":
            return self._inner(field)
        if token.kind == "mark" or (token.kind == "word" and token.text in {"OR", "AND", "||", "&&"}):
            raise self._broken()
        if token.kind == "range":
            return _signed(token.field, self._bound(token.field.lstrip("+-"), token.text))
        if token.kind == "field":
            return _signed(token.text, self._of(token.text.lstrip("+-")))
        text = token.text
        if token.kind == "word" and not field and text[:1] in {"+", "-"} and len(text) > 1:
            return _signed(text, self._bound(field, text[1:]))
        return self._bound(field, text)

    def _of(self, field: str) -> str:
        """What follows `field:`: one value, or several in parentheses."""
        if self._takes("("):
            return self._inner(field)
        if self.at >= len(self.tokens) or self.tokens[self.at].kind not in {"word", "quoted"}:
            raise self._broken()
        self.at += 1
        return self._bound(field, self.tokens[self.at - 1].text)

    def _inner(self, field: str) -> str:
        self.depth += 1
        if self.depth > DEPTH:
            raise self._broken()
        found = self._any(field)
        if not self._takes(")"):
            raise self._broken()
        self.depth -= 1
        return found

    def _bound(self, field: str, text: str) -> str:
        """The condition of one value, its values under names of this query's own."""
        if text == "*":
            return "1"
        if field in _ALWAYS:
            return "1" if text.lower() == _ALWAYS[field] else "0"
        made = self.value(field, text)
        sql = made.sql
        for name, value in made.values.items():
            own = f"q{self.number}_{len(self.values)}"
            sql = re.sub(rf":{name}\b", f":{own}", sql)
            self.values[own] = value
        return sql

    def _is(self, *texts: str) -> bool:
        return (
            self.at < len(self.tokens)
            and self.tokens[self.at].kind in {"word", "mark"}
            and self.tokens[self.at].text in texts
        )

    def _takes(self, *texts: str) -> bool:
        found = self._is(*texts)
        self.at += found
        return found

    def _broken(self) -> Exception:
        return bad_query(
            Text(
                f"Cette requête ne peut être lue\u00a0: «\u00a0{self.text[:200]}\u00a0».",
                f"This query cannot be read: `{self.text[:200]}`.",
            )
        )


def _signed(name: str, sql: str) -> str:
    return f"NOT {sql}" if name.startswith("-") else sql


def _tokens(text: str) -> Iterator[_Token]:
    for found in _TOKEN.finditer(text.strip()):
        if found["range"]:
            yield _Token("range", f"{found['open']}{found['low']} TO {found['high']}{found['close']}", found["rf"])
        elif found["field"]:
            yield _Token("field", found["field"])
        elif found["quoted"] is not None:
            yield _Token("quoted", re.sub(r"\\(.)", r"\1", found["quoted"]))
        elif found["mark"]:
            yield _Token("mark", found["mark"])
        else:
            yield _Token("word", found["word"])


def titled(text: str) -> Condition:
    """The condition that a title has this word or phrase, in small letters, capitals or both; `*` is any text."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("*", "%")
    forms = sorted({escaped, escaped.lower(), escaped.upper(), escaped.capitalize()})  # SQLite folds A to Z only
    tests = [f"{TITLE} LIKE :text{n} ESCAPE '\\'" for n in range(len(forms))]
    return Condition(f"({' OR '.join(tests)})", {f"text{n}": f"%{form}%" for n, form in enumerate(forms)})
