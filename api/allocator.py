"""The allocator of memory in query workers: another than the C library's, where this machine has one that is faster.

The engine asks for memory all the time, in small pieces. The native server brings an allocator of its own; the engine's
Python package takes that of the C library, with which queries take a seventh more processor time. So workers are
started with jemalloc of the system (Debian's `libjemalloc2`), else with mimalloc of the Python package
`cmeel-mimalloc` (`pip install garonne[allocator]`), else with what the C library has. An operator who sets `LD_PRELOAD`
decides alone, with an empty one for the C library's.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path

PRELOAD = "LD_PRELOAD"


def environment(given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment to start the process of the workers in."""
    found = None if PRELOAD in given or sys.platform != "linux" else library()
    return {**given} if found is None else {**given, PRELOAD: str(found)}


def library() -> Path | None:
    """The shared library of the allocator; None for the C library's own."""
    return next((path for path in _places() if path.exists()), None)


def _places() -> Iterator[Path]:
    architecture = sysconfig.get_config_var("MULTIARCH") or ""
    for folder in (f"/usr/lib/{architecture}", "/usr/lib64", "/usr/lib", "/usr/local/lib"):
        yield Path(folder, "libjemalloc.so.2")
    yield Path(sysconfig.get_path("platlib"), "cmeel.prefix", "lib", "libmimalloc.so.3")
