"""From the words that cities write to controlled terms: what licences, frequencies, themes and formats share.

A line of a table says what a spelling means: terms, or nothing and the reason why. The tables that come with the
product are `vocab/alignments/*.csv`; a city adds its own lines, which win.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from io import StringIO
from pathlib import Path
from types import MappingProxyType

from .errors import UsageError, unknown_choice
from .terms import Term, current, normalise, table

REMEMBERED = 16_384
"""How many different spellings each look-up keeps; a catalogue has a few hundred."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a spelling has no term: a stable `code` for counts and tests, a sentence in French and in English."""

    code: str
    fr: str
    en: str


REASONS: dict[str, Reason] = {
    one.code: one
    for one in (
        Reason("missing", "Rien n’est indiqué.", "Nothing is stated."),
        Reason("unknown", "Cette valeur n’est dans aucune table.", "This value is in no table."),
        Reason(
            "unversioned",
            "C’est une famille de licences\u00a0: la version manque, et elle change les droits accordés.",
            "This is a family of licences: the version is missing, and it decides what is granted.",
        ),
        Reason(
            "other_version",
            "Cette version de la licence n’est pas dans la table européenne.",
            "This version of the licence is not in the EU table.",
        ),
        Reason(
            "local",
            "C’est une variante propre à une collectivité\u00a0: elle seule peut dire à quelle licence elle équivaut.",
            "This is a city's own variant: only the city can say which licence it equals.",
        ),
        Reason(
            "conditions",
            "Ce sont des conditions d’utilisation qui ne sont pas dans la table européenne des licences.",
            "These are conditions of use that the EU table of licences does not hold.",
        ),
        Reason(
            "not_a_licence",
            "C’est un organisme, un portail ou un statut juridique, non une licence.",
            "This is an organisation, a portal or a legal status, not a licence.",
        ),
        Reason(
            "ambiguous",
            "Plusieurs sens sont possibles, ou les indications se contredisent.",
            "Several meanings are possible, or what is stated contradicts itself.",
        ),
        Reason("no_match", "Aucun terme européen n’y correspond.", "No EU term matches it."),
        Reason(
            "deliberate",
            "La table de la collectivité laisse cette valeur sans terme.",
            "The city's own table leaves this value without a term.",
        ),
    )
}
"""Every reason that a match can give, by code."""


@dataclass(frozen=True, slots=True)
class Match:
    """What a spelling means.

    `rule` tells how it was found: `iri`, `code`, `label`, `table` (a line of ours), `city table` (a line of theirs),
    `period` (a duration), `pattern`, `text` (a licence's address in a sentence); empty when there is no term, and then
    `reason` tells why. `unmatched` lists the parts of a list that no rule knew: `terms` and `unmatched` may both hold.
    """

    terms: tuple[Term, ...] = ()
    rule: str = ""
    reason: Reason | None = None
    unmatched: tuple[str, ...] = ()

    @property
    def term(self) -> Term | None:
        """The only or first term."""
        return self.terms[0] if self.terms else None


def no_match(code: str, *unmatched: str) -> Match:
    """A match without a term, for the reason of this code."""
    return Match(reason=REASONS[code], unmatched=unmatched)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a built-in table: `targets` are codes, or `reason` says why there are none.

    `also` is the table's fourth column: how the codes of a licence's family begin, or a format's media type.
    """

    targets: tuple[str, ...]
    reason: str = ""
    also: str = ""


class Alignment:
    """The built-in lines for the terms of one vocabulary, on top of that vocabulary's own IRIs, codes and labels.

    `extra` holds a city's lines as `read_mapping_csv` returns them: they are looked at first. `codes=False` keeps
    plain words from being read as codes.
    """

    def __init__(
        self,
        scheme: str,
        builtin: Mapping[str, Line],
        extra: Mapping[str, str] | None = None,
        *,
        codes: bool = True,
    ) -> None:
        self.scheme = scheme
        self._builtin = builtin
        self._extra = extra or {}
        self._codes = codes

    def match(self, text: str) -> Match:
        """The city's line, else a term's own IRI, else our line, else a code or a label, in this order."""
        return (
            city_match(self.scheme, text, self._extra) or self._by_iri(text) or self._by_line(text) or self._own(text)
        )

    def _by_iri(self, text: str) -> Match | None:
        if "://" not in text:
            return None
        names = table(self.scheme)
        bare = text.strip()
        found = names.by_iri(bare) or names.by_iri(bare.replace("https://", "http://", 1).rstrip("/"))
        if found is None and (old := _AUTHORITY.search(bare)) and old["scheme"] == self.scheme:
            found = names.by_code(old["code"])
        return Match((current(found),), "iri") if found and is_real(found) else None

    def _by_line(self, text: str) -> Match | None:
        line = self._builtin.get(key(text))
        if line is None:
            return None
        if not line.targets:
            return no_match(line.reason or "unknown")
        return Match(tuple(resolve(self.scheme, one) for one in line.targets), "table")

    def _own(self, text: str) -> Match:
        names = table(self.scheme)
        for rule, found in (
            ("code", names.by_code(text.strip()) if self._codes else None),
            ("label", names.by_label(text)),
        ):
            if found is not None and is_real(found):
                return Match((current(found),), rule)
        return no_match("unknown" if key(text) else "missing")


_AUTHORITY = re.compile(r"//publications\.europa\.eu/.*/authority/(?P<scheme>[\w-]+)/(?P<code>\w+)/?$")
"""How the Publications Office has addressed its terms over the years (`/mdr/…`, `/resource/…`)."""


def is_real(found: Term) -> bool:
    """Whether a term means something: every EU list holds `OP_DATPRO`, "provisional data", which stands for a gap."""
    return found.code != "OP_DATPRO"


_URL = re.compile(r"^\s*(?:https?|urn|ftp):", re.IGNORECASE)
_URL_HEAD = re.compile(r"^https?://(?:www\.)?", re.IGNORECASE)


@lru_cache(REMEMBERED)
def key(text: str) -> str:
    """`text` as the tables are indexed: an address without its scheme, `www.` and final slash; else `normalise`d."""
    if _URL.match(text):
        return _URL_HEAD.sub("", text.strip()).rstrip("/").lower()
    return normalise(text)


def city_match(scheme: str, text: str, extra: Mapping[str, str]) -> Match | None:
    """What the city's own lines say of `text`; `None` where they say nothing. `UsageError` for an unknown target."""
    if not extra:
        return None
    target = extra.get(text)
    if target is None:
        target = extra.get(key(text))
    if target is None:
        return None
    if not target.strip():
        return no_match("deliberate")
    return Match(tuple(resolve(scheme, one) for one in split_targets(target)), "city table")


def split_targets(target: str) -> tuple[str, ...]:
    """The codes or IRIs of a `target` cell, which `|` separates."""
    return tuple(one.strip() for one in target.split("|") if one.strip())


@lru_cache(REMEMBERED)
def resolve(scheme: str, target: str) -> Term:
    """The current term of this code or IRI. `UsageError` lists the codes where there is none."""
    names = table(scheme)
    found = names.by_iri(target) or names.by_code(target)
    if found is None:
        raise unknown_choice(f"Target of vocabulary {scheme}", target, [one.code for one in names])
    return current(found)


@cache
def builtin(name: str) -> Mapping[str, Line]:
    """The table `vocab/alignments/{name}.csv`, by `key` of its values; a value that stands there twice is an error."""
    text = resources.files("vocab").joinpath("alignments", f"{name}.csv").read_text(encoding="utf-8")
    lines: dict[str, Line] = {}
    for number, row in enumerate(csv.DictReader(StringIO(text)), start=2):
        index = key(row["value"])
        if index in lines:
            raise UsageError(f"`{row['value']}` stands there twice.", what=f"{name}.csv, line {number}")
        lines[index] = Line(split_targets(row["target"]), row.get("reason") or "", row.get("also") or "")
    return MappingProxyType(lines)


def read_mapping_csv(path: Path, scheme: str | None = None) -> dict[str, str]:
    """A city's own lines: a CSV with the columns `value,target`, as look-ups take them in `extra`.

    UTF-8 (with or without a mark) or Windows-1252; comma, semicolon or tab. Each value is kept by its `key`, so that
    accents, case and spaces do not matter. With `scheme`, every target must be a code or an IRI of that vocabulary.
    `UsageError` names the file and the line.
    """
    lines = _decode(path).splitlines()
    if not lines:
        raise UsageError("The file is empty.", what=str(path), hint="Its first line must be `value,target`.")
    rows = csv.reader(lines, delimiter=_separator(lines[0]))
    found: dict[str, str] = {}
    head = [one.strip().lower() for one in next(rows)]
    if not {"value", "target"} <= set(head):
        raise UsageError(
            f"The columns are `{', '.join(head)}`.", what=f"{path}, line 1", hint="They must be `value` and `target`."
        )
    for row in rows:
        if any(cell.strip() for cell in row):
            value, target = _cells(row, head, f"{path}, line {rows.line_num}")
            _add(found, value, target, scheme, f"{path}, line {rows.line_num}")
    return found


def _decode(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(f"The file cannot be read: {error.strerror}.", what=str(path)) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _separator(head: str) -> str:
    return max(",;\t", key=head.count)


def _cells(row: list[str], head: list[str], where: str) -> tuple[str, str]:
    if len(row) > len(head):
        raise UsageError(
            f"{len(row)} cells, and {len(head)} columns.",
            what=where,
            hint="Put a value that holds the separator between double quotes.",
        )
    by_name = dict(zip(head, (*row, *("" for _ in range(len(head) - len(row)))), strict=True))
    return by_name["value"].strip(), by_name["target"].strip()


def _add(found: dict[str, str], value: str, target: str, scheme: str | None, where: str) -> None:
    index = key(value)
    if not index:
        raise UsageError("The value is empty.", what=where, hint="Write the spelling that the source uses.")
    if found.get(index, target) != target:
        raise UsageError(f"`{value}` stands there twice, with different targets.", what=where, hint="Keep one line.")
    if scheme:
        _check_targets(split_targets(target), scheme, where)
    found[index] = target


def _check_targets(targets: Iterable[str], scheme: str, where: str) -> None:
    for target in targets:
        try:
            resolve(scheme, target)
        except UsageError as error:
            raise UsageError(error.message, what=where, hint=error.hint) from error
