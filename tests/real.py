"""What becomes of the real responses beside the project, worked out once for all tests of a process."""

from __future__ import annotations

from functools import cache

from harvest.coverage import Result, results
from tests.shared import shared


def real(folder: str) -> tuple[Result, ...]:
    """The results for every file below `data/real/{folder}`; the test is skipped where they are absent."""
    shared(f"data/real/{folder}")
    return _real(folder)


@cache
def _real(folder: str) -> tuple[Result, ...]:
    return tuple(results(shared(f"data/real/{folder}")))


def everything() -> tuple[Result, ...]:
    """The results for every file there is."""
    root = shared("data/real")
    folders = sorted(f.name for f in root.iterdir() if f.is_dir())
    return tuple(one for name in folders for one in real(name))
