"""Dates and periods as typed literals."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harvest.mapping.dates import moment, period_in_words, zone

XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.mark.parametrize(
    ("given", "lexical", "datatype"),
    [
        ("2013-05-30T01:51:37+00:00", "2013-05-30T01:51:37+00:00", "dateTime"),
        ("2024-08-29T08:09:20.651000+00:00", "2024-08-29T08:09:20.651000+00:00", "dateTime"),
        ("2024-08-29T08:09:20Z", "2024-08-29T08:09:20Z", "dateTime"),
        ("2024-01-15T10:00:00", "2024-01-15T10:00:00+01:00", "dateTime"),
        ("2024-07-15 10:00", "2024-07-15T10:00:00+02:00", "dateTime"),
        ("2024-07-15T10:00:00+0200", "2024-07-15T10:00:00+02:00", "dateTime"),
        ("2011-01-26", "2011-01-26", "date"),
        (" 31/12/2020 ", "2020-12-31", "date"),
    ],
)
def test_moment(given: str, lexical: str, datatype: str) -> None:
    found = moment(given, "Europe/Paris")
    assert found is not None
    assert found.term == f'"{lexical}"^^<{XSD}{datatype}>'


@pytest.mark.parametrize(
    "given",
    [
        "le 30/02/2025",
        "30/02/2025",
        "2025-02-30",
        "2024",
        "2024-13-01",
        "hier",
        "0000-01-01",
        "2024-01-01T25:00:00",
        "2024-01-01T10:00:00+99:00",
    ],
)
def test_no_moment(given: str) -> None:
    assert moment(given, "Europe/Paris") is None


def test_vague_dates_keep_their_precision() -> None:
    year, month = moment("2020", "UTC", vague=True), moment("2020-02", "UTC", vague=True)
    assert year is not None
    assert month is not None
    assert year.term == f'"2020"^^<{XSD}gYear>'
    assert month.term == f'"2020-02"^^<{XSD}gYearMonth>'
    assert month.last.day == 29


def test_the_future() -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    for given, future in (
        ("2026-11-22T12:00:01Z", True),
        ("2026-11-22T13:00:00+02:00", False),
        ("2026-11-23", False),  # already tomorrow in Kiribati
        ("2026-11-24", True),
    ):
        found = moment(given, "UTC")
        assert found is not None
        assert found.is_after(now) is future


def test_unknown_zone() -> None:
    assert zone("Europe/Nulle-Part") is None
    assert zone("../etc/passwd") is None


@pytest.mark.parametrize(
    ("given", "start", "end"),
    [
        ("2011", "2011", "2011"),
        ("2009-2012", "2009", "2012"),
        ("2008 - 2014", "2008", "2014"),
        ("2009 – 2012", "2009", "2012"),
        ("de 2009 à 2012", "2009", "2012"),
        ("01/01/2012 - 31/01/2012", "2012-01-01", "2012-01-31"),
        ("du 20/11/2026 au 18/12/2026", "2026-11-20", "2026-12-18"),
        ("Depuis le 1er mai 2018", "2018-05-01", None),
        ("depuis 2015", "2015", None),
        ("jusqu'en février 2015", None, "2015-02"),
        ("2012-01-01/2012-12-31", "2012-01-01", "2012-12-31"),
    ],
)
def test_periods_in_words(given: str, start: str | None, end: str | None) -> None:
    found = period_in_words(given)
    assert found is not None
    assert (found.start and found.start.term.split('"')[1]) == start
    assert (found.end and found.end.term.split('"')[1]) == end


@pytest.mark.parametrize(
    "given",
    [
        "01-01-12 / 31-12-13",
        "2012-2009",
        "2011-12",
        "Instantané",
        "Mandat 2020-2026 et suivant",
        "31/02/2012 - 31/03/2012",
        "janeiro de 2013 a maio de 2026 (valores acumulados)",
        "Année scolaire 2026-2027",
        "",
        "99999",
    ],
)
def test_uncertain_periods(given: str) -> None:
    assert period_in_words(given) is None
