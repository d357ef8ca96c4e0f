"""Registries by entry point: kinds of source, profiles, commands. Our own are found as anybody else's are."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any

from catalog.errors import GaronneError, unknown_choice

SOURCES = "garonne.sources"
PROFILES = "garonne.profiles"
COMMANDS = "garonne.commands"


def installed(group: str) -> dict[str, EntryPoint]:
    """The entry points of a group, by name."""
    return {e.name: e for e in sorted(entry_points(group=group), key=lambda e: e.name)}


def load(group: str, name: str, *, kind: str) -> Any:
    """The object that an entry point names; the error lists what is installed. `kind` is the reader's word for it."""
    found = installed(group)
    if name not in found:
        raise unknown_choice(kind, name, list(found))
    try:
        return found[name].load()
    except Exception as e:
        raise GaronneError(
            f"the {kind} `{name}` is installed and cannot be loaded ({e}).",
            what=found[name].value,
            hint="`garonne doctor` compares the installed files.",
        ) from e
