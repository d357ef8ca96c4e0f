"""Dates as sources write them."""

from __future__ import annotations

import pytest

from harvest.repair.dates import date
from vocab.namespaces import XSD

DATE, TIME, TEXT = XSD.date.value, XSD.dateTime.value, XSD.string.value


@pytest.mark.parametrize(
    ("value", "datatype", "lexical", "kind", "rules"),
    [
        ("2015-11-25", DATE, "2015-11-25", "date", []),
        ("2019-01-01Z", DATE, "2019-01-01Z", "date", []),
        ("2016-02-29T00:00:00", TIME, "2016-02-29T00:00:00", "dateTime", []),
        ("2015-04-03T00:00:00+02:00", DATE, "2015-04-03T00:00:00+02:00", "dateTime", ["date-type"]),
        ("2015-11-25T12:00:00", DATE, "2015-11-25T12:00:00+01:00", "dateTime", ["date-type", "date-zone"]),
        ("2025-11-14CET00:00:00", DATE, "2025-11-14", "date", ["date-form"]),
        ("le 12/03/2019", TEXT, "2019-03-12", "date", ["date-form", "date-type"]),
        ("3 mars 2019", DATE, "2019-03-03", "date", ["date-form"]),
        ("Nov 25, 2019", DATE, "2019-11-25", "date", ["date-form"]),
        ("mardi 12 mars 2019", DATE, "2019-03-12", "date", ["date-form"]),
        ("12.03.2019", DATE, "2019-03-12", "date", ["date-form"]),
        ("20190312", DATE, "2019-03-12", "date", ["date-form"]),
        ("1998", DATE, "1998", "gYear", ["date-type"]),
        ("1998", XSD.gYear.value, "1998", "gYear", []),
        ("2019-02", TEXT, "2019-02", "gYearMonth", ["date-type"]),
        (" 2019-02-01\n", DATE, "2019-02-01", "date", ["whitespace"]),
    ],
)
def test_what_is_read(value: str, datatype: str, lexical: str, kind: str, rules: list[str]) -> None:
    found = date(value, datatype, "Europe/Paris")
    assert found is not None
    assert found.term == f'"{lexical}"^^<{XSD.base}{kind}>'
    assert [r.name for r in found.rules] == rules


@pytest.mark.parametrize("value", ["", "bientôt", "2019-13-01", "31/02/2019", "99", "2019-02-30T00:00:00"])
def test_what_is_no_date(value: str) -> None:
    assert date(value, DATE, "Europe/Paris") is None
