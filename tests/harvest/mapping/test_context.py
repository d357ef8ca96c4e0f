"""The settings of a mapping."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from harvest.mapping.context import Agent
from tests.harvest.mapping.support import NOW, context


@pytest.mark.parametrize(
    "change",
    [
        {"base": "https://other.example/"},
        {"portal": "https://other.example"},
        {"language": "en"},
        {"timezone": "UTC"},
        {"defaults": {"licence": "ETALAB_2_0"}},
        {"agents": (Agent("A"),)},
        {"themes": {"a": "ENVI"}},
        {"exports": ("kml",)},
        {"export_suffix": {}},
        {"federated": True},
    ],
)
def test_the_fingerprint_changes_with_what_changes_the_outcome(change: dict[str, Any]) -> None:
    assert context(**change).fingerprint() != context().fingerprint()


def test_the_fingerprint_does_not_change_with_time_or_order() -> None:
    assert context(now=NOW + timedelta(days=1)).fingerprint() == context().fingerprint()
    one, other = ({"a": "x", "b": "y"}, {"b": "y", "a": "x"})
    assert context(themes=one).fingerprint() == context(themes=other).fingerprint()


def test_city_lines() -> None:
    found = context(places={"ici": "31555 | FRA_TLS", "ailleurs": ""})
    assert found.city("places", " Ici ") == ("31555", "FRA_TLS")
    assert found.city("places", "Ailleurs") == ()
    assert found.city("places", "là") is None
    assert context().city("places", "ici") is None
