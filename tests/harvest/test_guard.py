"""Whether a shrunken listing is believed."""

from __future__ import annotations

import pytest

from catalog.settings import GuardSettings
from harvest.guard import verdict

DEFAULT = GuardSettings()


@pytest.mark.parametrize(
    ("live", "seen", "missing", "held"),
    [
        (0, 10, 0, False),
        (100, 100, 0, False),
        (100, 90, 10, False),  # 10 % exactly is allowed
        (100, 89, 11, True),
        (100, 1, 99, True),
        (20, 16, 4, False),  # fewer than five
        (20, 15, 5, True),
        (50, 45, 5, False),
        (4, 1, 4, False),
        (100, 200, 11, True),  # replaced by others
        (0, 0, 0, True),
        (100, 0, 100, True),
        (3, 0, 3, True),
    ],
)
def test_verdicts(live: int, seen: int, missing: int, held: bool) -> None:
    assert (verdict(DEFAULT, live=live, seen=seen, missing=missing) is not None) is held


def test_the_reason_gives_the_figures() -> None:
    said = verdict(DEFAULT, live=186, seen=100, missing=86)
    assert said is not None
    assert said.en == "86 of 186 published datasets are no longer listed (46%); the guard allows 10%."
    assert said.fr == "86 des 186 jeux de données publiés ne sont plus listés (46%)\u00a0; la garde en permet 10%."
    empty, never = (verdict(DEFAULT, live=n, seen=0, missing=n) for n in (186, 0))
    assert empty is not None
    assert never is not None
    assert empty.en == "the source lists no dataset at all; 186 are published."
    assert empty.fr == "la source ne liste aucun jeu de données\u00a0; 186 sont publiés."
    assert never.en == "the source lists no dataset at all."


def test_the_operator_may_allow_all() -> None:
    assert verdict(GuardSettings(max_withdrawn=1.0), live=100, seen=1, missing=100) is None
    assert verdict(GuardSettings(max_withdrawn=0.0, min_withdrawn=1), live=100, seen=99, missing=1) is not None
