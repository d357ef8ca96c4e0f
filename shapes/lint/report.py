"""The lint's report: text for people, JSON for programs, SARIF for code hosts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from itertools import groupby
from typing import Any

from shapes.finding import Severity
from shapes.formats.sarif import LEVELS, SCHEMA, address, message
from shapes.lint import SEVERITIES, TITLES, Check, Found
from shapes.text import Text, visible
from shapes.words import SEVERITIES as NAMES
from shapes.words import counted, number

SAME = 3
"""Remarks in the same words on one file that are written one by one."""

NOTHING = Text("Rien à signaler.", "Nothing to report.")


def text(found: Sequence[Found], inputs: Sequence[str], lang: str) -> str:
    """A line for each remark, as compilers write them, and one that counts them."""
    lines = [line for _, same in groupby(found, key=lambda one: one.file) for line in _file(list(same), lang)]
    counts = Counter(one.remark.severity for one in found)
    told = ", ".join(counted(counts[s], s, lang) for s in Severity if counts[s])
    read = ", ".join(inputs)
    summary = f"{told}. " if told else f"{NOTHING.of(lang)} "
    summary += f"Lu\u00a0: {read}." if lang == "fr" else f"Read: {read}."
    return "\n".join([*lines, *([""] if lines else []), summary]) + "\n"


def _file(found: list[Found], lang: str) -> Iterator[str]:
    """The remarks on one file; those that say the same of many shapes are counted after the first few."""
    same: dict[Text, list[Found]] = {}
    for one in found:
        same.setdefault(one.remark.text, []).append(one)
    for alike in same.values():
        for one in alike[:SAME]:
            yield _line(one, lang)
        if more := alike[SAME:]:
            at = ", ".join(str(one.line) for one in more if one.line)
            where = (f" (lignes {at})" if lang == "fr" else f" (lines {at})") if at else ""
            counted_ = f"et {len(more)} de plus" if lang == "fr" else f"and {len(more)} more"
            yield f"    … {counted_}{where}"


def summed_up(found: Sequence[Found], lang: str) -> Iterator[str]:
    """A line for each check that remarks something: how often, and where first."""
    counts = Counter(one.remark.check for one in found)
    for check in (one for one in Check if counts[one]):
        first = next(one for one in found if one.remark.check is check)
        place = f"{first.file}:{first.line}" if first.line else first.file
        yield visible(f"{number(counts[check], lang)} × {TITLES[check].of(lang)} [{check}], {place}")


def _line(one: Found, lang: str) -> str:
    place = f"{one.file}:{one.line}" if one.line else one.file
    weight = NAMES[one.remark.severity][0].of(lang)
    colon = "\u00a0:" if lang == "fr" else ":"
    return visible(f"{place}: {weight} [{one.remark.check}] {one.shape}{colon} {one.remark.text.of(lang)}")


def as_json(found: Sequence[Found], inputs: Sequence[str], lang: str) -> str:
    """Every remark, in both languages."""
    del lang
    counts = Counter(one.remark.severity for one in found)
    document = {
        "inputs": list(inputs),
        "counts": {s.value: counts[s] for s in Severity},
        "remarks": [
            {
                "check": one.remark.check.value,
                "severity": one.remark.severity.value,
                "shape": one.shape,
                "file": one.file,
                "line": one.line or None,
                "message": {"fr": one.remark.text.fr, "en": one.remark.text.en},
            }
            for one in found
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def as_sarif(found: Sequence[Found], inputs: Sequence[str], lang: str) -> str:
    """SARIF 2.1.0: a rule for each check, a result for each remark."""
    del inputs
    checks = list(dict.fromkeys(one.remark.check for one in found))
    driver = {"name": "Garonne", "version": version("garonne"), "rules": [_rule(one, lang) for one in checks]}
    results = [_result(one, checks.index(one.remark.check), lang) for one in found]
    run = {"tool": {"driver": driver}, "language": lang, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2) + "\n"


def _rule(check: Check, lang: str) -> dict[str, Any]:
    return {
        "id": check.value,
        "shortDescription": message(TITLES[check].of(lang)),
        "defaultConfiguration": {"level": LEVELS[SEVERITIES[check]]},
    }


def _result(one: Found, index: int, lang: str) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": address(one.file)}}
    if one.line:
        place["region"] = {"startLine": one.line}
    logical = [{"fullyQualifiedName": one.shape, "kind": "resource"}]
    return {
        "ruleId": one.remark.check.value,
        "ruleIndex": index,
        "level": LEVELS[one.remark.severity],
        "message": message(one.remark.text.of(lang)),
        "locations": [{"physicalLocation": place, "logicalLocations": logical}],
    }


FORMATS: dict[str, Callable[[Sequence[Found], Sequence[str], str], str]] = {
    "text": text,
    "json": as_json,
    "sarif": as_sarif,
}
"""The forms of the report by name: (remarks, names of the files, language) to the document."""
