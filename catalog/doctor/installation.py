"""The installation and the settings: whether what Python finds is ours, and what the settings name is there."""

from __future__ import annotations

import hashlib
import sys
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

from catalog import plugins
from catalog.doctor import Result
from catalog.settings import Settings

PACKAGES = ("catalog", "vocab", "shapes", "harvest", "api")


def installation() -> Iterator[Result]:
    """Whether the packages that Python finds are the ones that the distribution installed."""
    yield sys.version_info >= (3, 11), f"Python {sys.version.split()[0]}"
    recorded = {str(f): f for f in distribution("garonne").files or ()}
    for name in PACKAGES:
        spec = find_spec(name)
        origin = Path(spec.origin) if spec and spec.origin else None
        if origin is None:
            yield False, f"the package `{name}` is not found"
            continue
        entry = recorded.get(f"{name}/__init__.py")
        if entry is None:
            yield True, f"`{name}` is {origin.parent} (editable)"
        elif entry.hash is not None and _digest(origin, entry.hash.mode) != entry.hash.value:
            yield False, f"`{name}` is {origin.parent}, which is not what this distribution installed"
        else:
            yield True, f"`{name}` is {origin.parent}"


def _digest(file: Path, mode: str) -> str:
    return urlsafe_b64encode(hashlib.new(mode, file.read_bytes()).digest()).rstrip(b"=").decode()


def named_things(settings: Settings) -> Iterator[Result]:
    """Whether what the settings name is there: kinds of source, profiles, files of the `[mapping]` tables."""
    for group, kind, names in (
        (plugins.SOURCES, "source kind", [s.kind for s in settings.sources]),
        (plugins.PROFILES, "profile", settings.validation.profiles),
    ):
        for name in sorted(set(names) - plugins.installed(group).keys()):
            yield False, f"the {kind} `{name}` is not installed; installed: {', '.join(plugins.installed(group))}"
    for path in vars(settings.mapping).values():
        if path is not None and not path.is_file():
            yield False, f"the [mapping] table {path} does not exist"
