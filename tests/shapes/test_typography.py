"""The French of the rules spells the space before « : ; ? ! » and inside guillemets in one way: U+00A0.

A line is never broken there, and texts that are compared, searched or joined do not differ by a space nobody sees.
"""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from shapes.read import read
from tests.shared import ROOT

FRENCH = re.compile(r"(?=.*[^\W\d_]{2})(?=.*[éèêàâçùîôœ’«»])", re.DOTALL)
OTHER = re.compile(r"[ \u202f](?=[:;?!»](?:\s|$))|«[^\u00a0]|[^\u00a0]»")
FILES = sorted((ROOT / "shapes" / "files").glob("*.ttl"))
RUN = ("display", "gate", "guard", "pipeline", "progress", "source_run", "commands/demo", "commands/harvest")
MODULES = sorted(
    (
        *(path for part in ("shapes", "vocab") for path in (ROOT / part).rglob("*.py")),
        *(ROOT / "harvest" / f"{name}.py" for name in RUN),
        *(ROOT / "catalog" / f"{name}.py" for name in ("connections", "identities", "overlaps")),
    )
)


def wrong(text: str) -> list[str]:
    """The places of a French text that have another space, or none."""
    return [text[max(m.start() - 12, 0) : m.end() + 12] for m in OTHER.finditer(text)]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_the_messages_of_a_profile(path: Path) -> None:
    said = [t.object.value for t in read(str(path)).triples if getattr(t.object, "language", None) == "fr"]
    assert said
    assert [place for text in said for place in wrong(text)] == []


def test_the_reasons_of_noise() -> None:
    with (ROOT / "shapes" / "files" / "noise.csv").open(encoding="utf-8", newline="") as lines:
        assert [place for row in csv.DictReader(lines) for place in wrong(row["fr"])] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_sentences_of_a_module(path: Path) -> None:
    assert [place for text in constants(path) if FRENCH.match(text) for place in wrong(text)] == []


def constants(path: Path) -> Iterator[str]:
    """The texts of a module, docstrings and comments left out; f-strings whole, with `{}` for what they fill in."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            inside.update(id(one) for one in ast.walk(node) if isinstance(one, ast.Constant))
        if isinstance(node, ast.JoinedStr):
            parts = [one for one in node.values if isinstance(one, ast.Constant)]
            inside.update(map(id, parts))
            yield "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.value


def test_what_is_wrong_is_seen() -> None:
    assert len(wrong("« ceci » : oui ; non ? si !")) == 6
    assert len(wrong("«\u202fceci\u202f»\u202f: oui")) == 3
    assert wrong("«\u00a0ceci\u00a0»\u00a0: dct:title, http://x\u00a0; 12:30") == []
