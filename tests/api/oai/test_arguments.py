"""Requests: what is legal, and what each illegal one is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from api.oai.arguments import read
from api.oai.errors import ProtocolError


def refused(*pairs: tuple[str, str]) -> str:
    with pytest.raises(ProtocolError) as caught:
        read(pairs)
    assert caught.value.text.fr != caught.value.text.en
    return f"{caught.value.code}: {caught.value.text.en}"


def test_a_verb_is_asked_for_once() -> None:
    assert read([("verb", "Identify")]).verb == "Identify"
    assert refused().startswith("badVerb: The argument `verb` is missing")
    assert refused(("verb", "identify")).startswith("badVerb: `identify`")
    assert refused(("verb", "")).startswith("badVerb")
    assert refused(("verb", "Identify"), ("verb", "Identify")).startswith("badVerb: The argument `verb` is repeated")


@pytest.mark.parametrize(
    ("verb", "arguments", "told"),
    [
        ("Identify", [("identifier", "x")], "Identify has no argument `identifier`; it has none."),
        ("ListSets", [("set", "x")], "ListSets has no argument `set`; it has: resumptionToken."),
        ("ListRecords", [], "ListRecords also needs: metadataPrefix."),
        ("GetRecord", [], "GetRecord also needs: identifier, metadataPrefix."),
        ("ListRecords", [("metadataPrefix", "a"), ("metadataPrefix", "a")], "`metadataPrefix` is repeated."),
        ("ListRecords", [("metadataPrefix", "")], "`metadataPrefix` is empty."),
        ("ListRecords", [("metadataPrefix", "a"), ("resumptionToken", "t")], "takes the place of all others."),
        ("ListRecords", [("metadataPrefix", "a"), ("set", "a::b")], "`a::b` cannot name a set."),
        ("ListRecords", [("metadataPrefix", "a"), ("set", "é")], "`é` cannot name a set."),
        ("ListRecords", [("metadataPrefix", "a"), ("from", "2026-02-30")], "this is neither: `2026-02-30`."),
        ("ListRecords", [("metadataPrefix", "a"), ("from", "2026-01-01T00:00:00")], "this is neither"),
        ("ListRecords", [("metadataPrefix", "a"), ("from", "2026-01-01T00:00:00.5Z")], "this is neither"),
        ("ListRecords", [("metadataPrefix", "a"), ("until", "20260101")], "this is neither"),
        ("ListRecords", [("metadataPrefix", "a"), ("until", "٢٠٢٦-01-01")], "this is neither"),
        ("ListRecords", [("metadataPrefix", "a"), ("from", "2026-01-02"), ("until", "2026-01-01")], "is after until"),
        (
            "ListRecords",
            [("metadataPrefix", "a"), ("from", "2026-01-01"), ("until", "2026-01-02T00:00:00Z")],
            "differ in granularity",
        ),
    ],
)
def test_bad_arguments_are_told(verb: str, arguments: list[tuple[str, str]], told: str) -> None:
    found = refused(("verb", verb), *arguments)
    assert found.startswith("badArgument: ")
    assert told in found


def test_days_and_moments() -> None:
    asked = read([("verb", "ListRecords"), ("metadataPrefix", "a"), ("from", "2026-01-31"), ("until", "2026-01-31")])
    assert asked.start == datetime(2026, 1, 31, tzinfo=UTC)
    assert asked.end == datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC)
    asked = read([("verb", "ListRecords"), ("metadataPrefix", "a"), ("until", "2026-01-31T10:00:01Z")])
    assert (asked.start, asked.end) == (None, datetime(2026, 1, 31, 10, 0, 1, tzinfo=UTC))
