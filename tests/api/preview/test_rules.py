"""The rules are data: each is used, cited, and said in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import api.preview
from api.preview import rules

ROOT = Path(api.preview.__file__).parent
NAMES = ("udata", "ckan", "piveau")


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_is_cited_and_said_in_both_languages(name: str) -> None:
    for rule in rules.rules(name).values():
        assert rule.sentence.fr, rule
        assert rule.sentence.en, rule
        assert bool(rule.repair.fr) == bool(rule.repair.en), rule
        assert re.match(r"[\w.-]+/[\w.-]+: [\w./-]+, [\w ._;/,-]+$|[\w.-]+/[\w.-]+: [\w./-]+$", rule.source), rule
        for text in (rule.sentence.fr, rule.repair.fr):
            assert not re.search(r" [:;?!»]|« |'", text), text
    assert {"title", "matching", "organisation", "gone", "resource_gone"} == set(rules.about(name))


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_is_applied_somewhere(name: str) -> None:
    code = "".join(p.read_text(encoding="utf-8") for p in ROOT.glob(f"{name}*.py"))
    for rule in rules.rules(name):
        assert f'"{rule}"' in code, f"nothing applies {rule} of {name}"


def test_a_note_says_its_value_and_cuts_what_is_long() -> None:
    rule = rules.rules("udata")["keyword-short"]
    assert "`3D`" in rules.Note(rule, "3D").of("en")
    assert len(rules.Note(rule, "x" * 1000).of("fr")) < 300
