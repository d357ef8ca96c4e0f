"""Where tests find the real metadata, shapes and tools that stand beside the project and are never committed to it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def shared(path: str) -> Path:
    """The file or folder `path` of the shared material; the test is skipped where it is absent.

    With `GARONNE_REQUIRE_SHARED=1` (as CI sets it) absence is a failure.
    """
    found = ROOT.parent / "shared" / path
    if not found.exists():
        if os.environ.get("GARONNE_REQUIRE_SHARED") == "1":
            pytest.fail(f"shared material is required here and is absent: {path}")
        pytest.skip(f"shared material is absent: {path}")
    return found
