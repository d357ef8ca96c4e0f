"""No regular expression of ours takes more than linear time, for practical purposes, on what it may be given.

Each is put to texts of one or two of its own pieces again and again, with an end that it does not expect: the texts on
which backtracking shows. The clock is that of the processor.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import product
from pathlib import Path
from types import FrameType

import pytest

METHODS = {"match", "fullmatch", "search", "sub", "findall", "finditer", "split"}
PACKAGES = ("api", "catalog", "harvest", "shapes", "vocab")
LENGTH = 20_000
SECONDS = 0.3
"""Processor time for one text; linear is a hundredth of it, quadratic ten times as much."""
SHORT = {
    "api.ckan.query": 4000,  # LONGEST
}
"""Modules whose texts are cut before, with the length."""
ANCHORED = {
    "harvest.inventory._TYPED": "cells are matched whole",
    "harvest.iso.document._OTHERWISE": "paths are matched from their start",
    "harvest.repair.dates._VALID": "values are matched from their start",
    "harvest.tables.values._DOUBLE": "cells are matched from their start",
    "harvest.tables.values._COMMA": "cells are matched from their start",
}
"""Expressions that are used under another name, and how."""
TRUSTED = {
    "harvest.mapping.text._BREAKS": "single spaces only are left in the text by then",
    "shapes.dependants._PREFIXED": "queries of shapes, which the operator installs",
    "shapes.meaning._HOST": "patterns of shapes, which the operator installs",
    "shapes.sparql_constraints._NAME": "names in shapes, which the operator installs",
}
"""Expressions whose texts are not long, or not anybody's, and why."""
PIECES = re.compile(r"\\.|\[\^?(?P<first>[^\]\\])|(?P<plain>[\w<>\"'/:@#&=%.,;-])")


class TooLong(Exception):
    """The time is over."""


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every compiled expression on texts that a module of ours has, with its name."""
    seen: set[str] = set()
    for package in PACKAGES:
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if module.name.endswith("__main__"):
                continue
            for name, value in vars(importlib.import_module(module.name)).items():
                found = [value] if isinstance(value, re.Pattern) else []
                if isinstance(value, list | tuple | dict):
                    flat = value.values() if isinstance(value, dict) else value
                    found = [p for one in flat for p in (one if isinstance(one, tuple) else (one,))]
                for one in found:
                    if isinstance(one, re.Pattern) and isinstance(one.pattern, str) and one.pattern not in seen:
                        seen.add(one.pattern)
                        yield f"{module.name}.{name}", one


def written_in_place() -> Iterator[tuple[str, str, re.Pattern[str]]]:
    """Every expression that stands in a call, with its place and what it is called for."""
    for package in PACKAGES:
        folder = Path(str(importlib.import_module(package).__file__)).parent
        for file in sorted(folder.rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                match node:
                    case ast.Call(
                        func=ast.Attribute(value=ast.Name(id="re"), attr=method),
                        args=[ast.Constant(value=str() as text), *_],
                    ) if method in METHODS:
                        flags = [
                            getattr(re, f.attr)
                            for f in ast.walk(node)
                            if isinstance(f, ast.Attribute) and f.attr.isupper()
                        ]
                        place = f"{file.relative_to(folder.parent)}:{node.lineno}"
                        yield (
                            place,
                            "search" if method in {"sub", "split", "findall"} else method,
                            re.compile(text, sum(flags)),
                        )


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raises `TooLong` when what is done takes more processor time: the engine looks for signals now and then."""

    def over(_signal: int, _frame: FrameType | None) -> None:
        raise TooLong

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@cache
def used(name: str) -> list[str]:
    """How a module uses its expression: what only ever matches from the start is not asked to search."""
    if name in ANCHORED:
        return ["match"]
    module, _, variable = name.rpartition(".")
    source = Path(str(importlib.import_module(module).__file__)).read_text()
    found = set(re.findall(rf"\b{variable}\.(match|fullmatch|search|sub|findall|finditer|split)\b", source))
    anchored = found & {"match", "fullmatch"}
    return sorted(anchored) if found and found == anchored else ["search"]


_CLASSES = {r"\s": " ", r"\d": "1", r"\w": "a", r"\S": "a", r"\D": "a", r"\W": " ", r"\b": "", r"\n": "\n", r"\t": "\t"}


def texts(pattern: str, length: int) -> Iterator[str]:
    """Texts of pieces of the pattern, again and again, with an unexpected end."""
    found = dict.fromkeys([" ", "a", "1"])
    for piece in PIECES.finditer(pattern):
        text = piece["first"] or piece["plain"] or _CLASSES.get(piece[0], piece[0][1:])
        found[text] = None
    pieces = [p for p in found if p][:8]
    for one in pieces:
        yield one * length + "\x00"
    for one, other in product(pieces, pieces):
        if one != other:
            yield (one + other) * (length // 2) + "\x00"


def test_the_clock_tells_a_bad_one() -> None:
    for bad in (r"(a+)+$", r"\s+$", r"(\d+(?:\.\d+)?)\s+x"):
        with pytest.raises(TooLong), within(SECONDS):
            [re.search(bad, text) for text in texts(bad, LENGTH)]


def test_none_of_ours_takes_long() -> None:
    slow, tried = [], 0
    for name, pattern in patterns():
        if name in TRUSTED:
            continue
        tried += 1
        length = SHORT.get(name.rpartition(".")[0], LENGTH)
        for text in texts(pattern.pattern, length):
            try:
                with within(SECONDS):
                    for method in used(name):
                        getattr(pattern, method)(text)
            except TooLong:
                slow.append(f"{name}: {pattern.pattern[:120]!r} on {text[:10]!r}…")
                break
    assert tried > 150
    assert slow == [], "\n".join(slow)


def test_none_that_stands_in_a_call_takes_long() -> None:
    slow, tried = [], 0
    for place, method, pattern in written_in_place():
        if place.startswith(("shapes/", "vocab/build/")):
            continue  # texts of shapes and of vocabularies, which the operator installs
        tried += 1
        for text in texts(pattern.pattern, LENGTH):
            try:
                with within(SECONDS):
                    getattr(pattern, method)(text)
            except TooLong:
                slow.append(f"{place}: {pattern.pattern[:120]!r} on {text[:10]!r}…")
                break
    assert tried > 80
    assert slow == [], "\n".join(slow)
