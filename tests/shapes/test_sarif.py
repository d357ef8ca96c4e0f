"""SARIF 2.1.0 as its schema has it (OASIS, the parts that a report uses): members, types, values, references."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from shapes.baseline import Baseline, Past
from shapes.engine import engine
from shapes.finding import Severity
from shapes.formats import render
from shapes.profiles import DEFAULTS, profile
from shapes.provenance import Source
from shapes.text import Text
from shapes.validation import validated
from tests.shapes.catalogues import changed
from tests.shapes.test_noise import FULL, official

Check = Callable[[Any], None]


def text(*allowed: str) -> Check:
    def check(value: Any) -> None:
        assert isinstance(value, str)
        assert value
        assert not allowed or value in allowed, value

    return check


def whole(least: int = 0) -> Check:
    def check(value: Any) -> None:
        assert isinstance(value, int)
        assert not isinstance(value, bool)
        assert value >= least

    return check


def many(one: Check, *, least: int = 0, unique: bool = False) -> Check:
    def check(value: Any) -> None:
        assert isinstance(value, list)
        assert len(value) >= least
        assert not unique or len({json.dumps(v, sort_keys=True) for v in value}) == len(value)
        for item in value:
            one(item)

    return check


def members(required: dict[str, Check], **optional: Check) -> Check:
    """An object with these members and no other: every object of the schema is closed but for its property bag."""

    def check(value: Any) -> None:
        assert isinstance(value, dict)
        assert required.keys() <= value.keys(), required.keys() - value.keys()
        assert value.keys() <= required.keys() | optional.keys(), value.keys()
        for name, member in value.items():
            (required | optional)[name](member)

    return check


def mapping(one: Check) -> Check:
    def check(value: Any) -> None:
        assert isinstance(value, dict)
        for member in value.values():
            one(member)

    return check


def anything(_: Any) -> None:
    """A property bag."""


def truth(value: Any) -> None:
    assert isinstance(value, bool)


def uri(value: Any) -> None:
    assert re.fullmatch(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+", value), value


LEVEL = text("none", "note", "warning", "error")
MESSAGE = members({"text": text()})
ARTIFACT_LOCATION = members({"uri": uri}, index=whole(-1))
LOCATION = members(
    {"logicalLocations": many(members({"fullyQualifiedName": text(), "kind": text()}), unique=True)},
    physicalLocation=members({"artifactLocation": ARTIFACT_LOCATION}),
)
SUPPRESSION = members(
    {"kind": text("inSource", "external")},
    status=text("accepted", "underReview", "rejected"),
    justification=text(),
)
RESULT = members(
    {"message": MESSAGE, "ruleId": text()},
    ruleIndex=whole(-1),
    level=LEVEL,
    locations=many(LOCATION),
    partialFingerprints=mapping(text()),
    suppressions=many(SUPPRESSION, unique=True),
    baselineState=text("new", "unchanged", "updated", "absent"),
)
RULE = members({"id": text()}, shortDescription=MESSAGE, help=MESSAGE, defaultConfiguration=members({"level": LEVEL}))
NOTIFICATION = members({"message": MESSAGE}, level=LEVEL)
INVOCATION = members({"executionSuccessful": truth}, toolConfigurationNotifications=many(NOTIFICATION))
RUN = members(
    {"tool": members({"driver": members({"name": text()}, version=text(), rules=many(RULE, unique=True))})},
    language=text("fr", "en"),
    columnKind=text("utf16CodeUnits", "unicodeCodePoints"),
    artifacts=many(members({"location": ARTIFACT_LOCATION}, hashes=mapping(text()), length=whole(-1)), unique=True),
    invocations=many(INVOCATION),
    results=many(RESULT),
    properties=anything,
)
LOG = members({"version": text("2.1.0"), "runs": many(RUN)}, **{"$schema": uri})


@pytest.fixture(scope="module")
def log() -> dict[str, Any]:
    """A report with faults, noise, something new and something fixed, on a file with a difficult name."""
    data = tuple(changed(('dct:issued "2021-05-04"^^xsd:date', 'dct:issued "hi{er}"')))
    shapes = [*(profile(name) for name in DEFAULTS), official(*FULL)]
    gone = Past("0" * 32, Severity.WARNING, "", "_:b0", "p", None, "c", "s", "", Text("Parti.", "Gone."), apart=False)
    earlier = Baseline("before.json", "0" * 64, (gone,), {})
    report = validated(data, [Source("données {1}.ttl", "0" * 64, 12)], shapes, engine(), earlier=earlier)
    made: dict[str, Any] = json.loads(render(report, "sarif", "fr"))
    return made


def test_it_is_what_the_schema_says(log: dict[str, Any]) -> None:
    LOG(log)


def test_rules_and_results_refer_to_each_other(log: dict[str, Any]) -> None:
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in run["results"])
    states = {r["baselineState"] for r in run["results"]}
    assert {"new", "absent"} <= states
    assert all("baselineState" in r for r in run["results"]), "either all results have one, or none (section 3.27.24)"
    assert any("suppressions" in r for r in run["results"])


def test_braces_in_a_message_are_no_places_for_arguments(log: dict[str, Any]) -> None:
    messages = [r["message"]["text"] for r in log["runs"][0]["results"]]
    assert any("hi{{er}}" in one for one in messages)
    assert not [one for one in messages if re.search(r"(?<!\{)\{(?!\{)", one)]
