"""Settings that no rule could use."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.errors import UsageError
from harvest.mapping.context import Agent
from tests.harvest.mapping.support import context


def refused(**change: Any) -> UsageError:
    with pytest.raises(UsageError) as caught:
        context(**change)
    return caught.value


def test_an_unknown_default_is_refused_with_the_choices() -> None:
    assert "Did you mean `licence`?" in refused(defaults={"licens": "x"}).hint


@pytest.mark.parametrize(
    "defaults",
    [
        {"licence": "libre"},
        {"frequency": "de temps en temps peut-être"},
        {"theme": "zzz"},
        {"spatial": "Nulle part du tout"},
        {"access_rights": "bof"},
        {"contact_email": "moi(at)ici"},
        {"language": "klingon-parlé"},
    ],
)
def test_a_default_that_means_nothing_is_refused(defaults: dict[str, str]) -> None:
    assert refused(defaults=defaults).what == f"[source.defaults] {next(iter(defaults))}"


def test_good_defaults() -> None:
    good = {"licence": "ETALAB_2_0", "frequency": "ANNUAL", "theme": "GOVE", "spatial": "Toulouse", "language": "fr"}
    assert (
        context(defaults={**good, "access_rights": "PUBLIC", "contact_email": "a@example.org"}).defaults["theme"]
        == "GOVE"
    )


@pytest.mark.parametrize("change", [{"base": "nulle part"}, {"portal": "http://a b/"}])
def test_an_impossible_address_is_refused(change: dict[str, Any]) -> None:
    assert refused(**change).what in change


def test_an_unknown_export_format_is_refused() -> None:
    assert "parquet" in refused(exports=("parket",)).hint


@pytest.mark.parametrize(
    "agent",
    [
        Agent(""),
        Agent("A", type="Mairie"),
        Agent("A", parent="B"),
        Agent("A", email="a"),
        Agent("A", homepage="chez nous"),
    ],
)
def test_a_broken_register_is_refused(agent: Agent) -> None:
    assert refused(agents=(agent,)).message
