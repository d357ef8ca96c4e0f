"""The rules by which harvesters take, skip or reject: data in `files/*.toml`, each with the code that decides it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from vocab.text import Text


class Effect(StrEnum):
    """What a rule does, the gravest first."""

    ABANDON = "abandon"
    """The whole harvest is given up."""
    FAIL = "fail"
    """The dataset is rejected with an error; an earlier copy stays as it was."""
    SKIP = "skip"
    """The dataset is passed over."""
    DROP = "drop"
    """A resource is left out."""
    LOSE = "lose"
    """A piece of information is not kept."""
    NOTE = "note"
    """Nothing is lost; it is worth knowing."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of one harvester. `source` is repository, file and function that decide it."""

    name: str
    effect: Effect
    sentence: Text
    repair: Text
    source: str


@dataclass(frozen=True, slots=True)
class Note:
    """A rule that applied; `value` is the value it applied to, `where` the resource or service, if not the dataset."""

    rule: Rule
    value: str = ""
    where: str = ""

    def of(self, lang: str) -> str:
        """The sentence, with the value that it is about."""
        shown = self.value if len(self.value) <= 120 else f"{self.value[:119]}…"
        return self.rule.sentence.of(lang).replace("{value}", shown)


@cache
def rules(aggregator: str) -> Mapping[str, Rule]:
    """The rules of one harvester, by name."""
    return {name: _rule(name, given) for name, given in _table(aggregator).items() if name != "aggregator"}


@cache
def about(aggregator: str) -> Mapping[str, Text]:
    """What is to be known of a harvester: `keeps`, `deletes`, `organisation`, `matching`."""
    given: Mapping[str, Any] = _table(aggregator)["aggregator"]
    return {name: Text(words["fr"], words["en"]) for name, words in given.items()}


def _rule(name: str, given: Mapping[str, str]) -> Rule:
    return Rule(
        name,
        Effect(given["effect"]),
        Text(given["fr"], given["en"]),
        Text(given.get("repair_fr", ""), given.get("repair_en", "")),
        given["source"],
    )


@cache
def _table(aggregator: str) -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads((files("api.preview") / "files" / f"{aggregator}.toml").read_text(encoding="utf-8"))
