"""Input that nobody means well with: generated, for the parsers, for every route, and for the pages."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

EXAMPLES = int(os.environ.get("GARONNE_EXAMPLES", "0"))
"""How many inputs `make fuzz` tries; by default a few seconds' worth."""


def bounded(examples: int) -> settings:
    """The settings of a test that tries so many inputs in the suite."""
    return settings(
        max_examples=EXAMPLES or examples,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=not EXAMPLES,
    )
