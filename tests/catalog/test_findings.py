"""Findings as they are kept: small, and read the same for ever."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.archive import Archive
from catalog.findings import COLUMNS, NOTHING, Found, cause, of, pack, quoted, tally, unpack
from shapes.finding import Finding, Severity
from tests.api.city import TITLES, City, settings_in
from tests.findings import BAD_DATE, LISTED, NO_KEYWORD, SH, found
from vocab.text import Text

IRI = "https://data.example.org/dataset/arbres"
TEXTS = st.builds(Text, st.text(max_size=9), st.text(max_size=9))
FOUND = st.builds(
    Found,
    st.sampled_from([NO_KEYWORD, BAD_DATE, LISTED]),
    st.text("0123456789abcdef", min_size=32, max_size=32),
    st.sampled_from([f"<{IRI}>", f"<{IRI}/distribution/csv>", "_:b1"]),
    st.sampled_from([None, '"hier"', '"«\\u0000»"@fr', "<http://e.org/>"]),
    TEXTS,
)


@given(st.lists(FOUND, max_size=6))
def test_what_is_packed_is_unpacked(findings: list[Found]) -> None:
    causes = {f.cause.id: f.cause for f in findings}
    assert unpack(pack(findings, IRI), IRI, causes) == findings
    assert sum(json.loads(tally(findings)).values()) == len(findings)


def test_nothing_found_takes_no_room() -> None:
    assert pack([], IRI) == b""
    assert tally([]) == "{}"


def test_a_cause_is_named_by_its_rule_and_identified_by_its_words() -> None:
    other = replace(NO_KEYWORD, rule=Text("Autrement dit.", "In other words."))
    assert other.name == NO_KEYWORD.name
    assert other.id != NO_KEYWORD.id
    assert len({c.name for c in (NO_KEYWORD, BAD_DATE, LISTED)}) == 3
    assert cause(dict(zip(COLUMNS, BAD_DATE.row, strict=True))) == BAD_DATE


def finding(value: str | None, met: Text, component: str = "OrConstraintComponent", rule: str = "") -> Finding:
    said = Text(rule or "Une date.", rule or "A date.")
    component = component if ":" in component else SH + component
    shape = "https://e.org/shapes#S"
    return Finding(
        f"<{IRI}>", "http://e.org/p", value, Severity.VIOLATION, component, shape, said, met, NOTHING, f"<{IRI}>"
    )


@pytest.mark.parametrize(
    ("value", "met", "said"),
    [
        (None, Text("Aucune valeur.", "No value."), NOTHING),
        ('"hier"@fr', quoted('"hier"@fr'), NOTHING),
        ('"hier"', NOTHING, NOTHING),
        ('"hier"', Text("Valeur, et ce qui cloche.", "A value and what is wrong."), None),
    ],
)
def test_only_what_no_rule_tells_is_kept_with_a_finding(value: str | None, met: Text, said: Text | None) -> None:
    kept = of(finding(value, met), "p")
    assert kept.said == (met if said is None else said)
    if met != NOTHING:
        assert kept.found == met
    assert kept.message("en").startswith("A date.")
    assert kept.cause.profile == "p"


@pytest.mark.parametrize("component", ["SPARQLConstraintComponent", "http://e.org/OwnComponent"])
def test_queries_that_quote_values_share_one_cause(component: str) -> None:
    one, other = (of(finding(v, NOTHING, component, f"Value {v} is bad.")) for v in ('"1"', '"2"'))
    assert one.cause == other.cause
    assert one.message("en") == 'Rule S. Value "1" is bad.'
    assert other.found.en == 'Value "2" is bad.'


def test_an_old_release_reads_the_same_when_the_profile_changes(tmp_path: Path) -> None:
    city = City(settings_in(tmp_path))
    city.publish(TITLES, findings=[found(NO_KEYWORD)])
    other = replace(NO_KEYWORD, rule=Text("Autrement dit.", "In other words."))
    city.publish(TITLES, findings=[found(other)])
    archive = Archive(city.settings.store.path)
    for release, expected in ((1, NO_KEYWORD), (2, other)):
        kept = archive.at(release).findings(city.minter.dataset("arbres")) or []
        assert [f.cause for f in kept] == [expected]
