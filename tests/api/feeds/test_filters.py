"""Filters of the feeds: as addresses give them, and as links carry them on."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
from starlette.datastructures import QueryParams

from api.errors import BadRequest
from api.feeds.filters import Filter, filter_in
from catalog.facets import Facet
from vocab.namespaces import HVD_LEGISLATION

ENVI = "http://publications.europa.eu/resource/authority/data-theme/ENVI"
MOBILITY = "http://data.europa.eu/bna/c_b79e35eb"


def asked(query: str) -> Filter:
    return filter_in(QueryParams(query))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", Filter()),
        ("page=2&release=3&other=x", Filter()),
        ("theme=ENVI", Filter(theme=ENVI)),
        ("theme=envi", Filter(theme=ENVI)),
        ("theme=" + ENVI, Filter(theme=ENVI)),
        ("theme=https://data.example.org/concept/theme/nature", Filter(theme="https://data.example.org/concept/theme/nature")),
        ("hvd=true", Filter(hvd=HVD_LEGISLATION)),
        ("hvd=1", Filter(hvd=HVD_LEGISLATION)),
        ("hvd=" + MOBILITY, Filter(hvd=MOBILITY)),
        ("modified_since=2026-03-01", Filter(datetime(2026, 3, 1, tzinfo=UTC))),
        ("modified_since=2026-03-01T12:00:00", Filter(datetime(2026, 3, 1, 12, tzinfo=UTC))),
        ("modified_since=2026-03-01T12:00:00.9Z", Filter(datetime(2026, 3, 1, 12, tzinfo=UTC))),
        ("modified_since=2026-03-01T12:00:00%2B02:00", Filter(datetime(2026, 3, 1, 10, tzinfo=UTC))),
    ],
)  # fmt: skip
def test_what_is_asked(query: str, expected: Filter) -> None:
    assert asked(query) == expected
    assert bool(asked(query)) is bool(expected.parameters())
    assert filter_in(QueryParams(parse_qsl(expected.query().lstrip("&")))) == expected, "links carry it whole"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("theme=nature", "Give an IRI, or one of these codes: AGRI"),
        ("theme=", "one of these codes"),
        ("hvd=maybe", "Give `true`"),
        ("hvd=false", "Give `true`"),
        ("modified_since=yesterday", "2026-03-01T03:00:00Z"),
        ("modified_since=", "2026-03-01"),
        ("modified_since=2026-02-30", "2026-03-01"),
        ("modified_since=0001-01-01T00:00:00%2B23:00", "2026-03-01"),
        ("theme=ENVI&theme=TRAN", "Give it once."),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(query: str, said: str) -> None:
    with pytest.raises(BadRequest) as refused:
        asked(query)
    assert said in refused.value.advice.en
    assert refused.value.text.fr
    assert refused.value.advice.fr


def test_the_selection_of_a_filter() -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    found = Filter(moment, ENVI, HVD_LEGISLATION).selection("https://data.example.org/agent/ville")
    assert dict(found.facets) == {
        Facet.PUBLISHER: "https://data.example.org/agent/ville",
        Facet.THEME: ENVI,
        Facet.HVD: HVD_LEGISLATION,
    }
    assert found.changed_from == moment
    assert not Filter().selection()
