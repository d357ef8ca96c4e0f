"""Registries by entry point."""

from __future__ import annotations

import pytest

from catalog import plugins
from catalog.errors import UsageError


def test_our_own_are_found_as_anybody_elses() -> None:
    assert {"opendatasoft", "files"} <= set(plugins.installed(plugins.SOURCES))
    assert list(plugins.installed(plugins.COMMANDS)) == sorted(plugins.installed(plugins.COMMANDS))
    assert plugins.load(plugins.SOURCES, "files", kind="source kind").__name__ == "Files"


def test_an_unknown_name_lists_what_is_installed() -> None:
    with pytest.raises(UsageError) as e:
        plugins.load(plugins.SOURCES, "opendatasof", kind="source kind")
    assert "source kind `opendatasof` is not offered. Did you mean `opendatasoft`?" in str(e.value)
    assert all(name in str(e.value) for name in plugins.installed(plugins.SOURCES))


@pytest.mark.parametrize("group", [plugins.SOURCES, plugins.PROFILES, plugins.COMMANDS])
def test_everything_installed_can_be_loaded(group: str) -> None:
    for name in plugins.installed(group):
        assert plugins.load(group, name, kind="plug-in") is not None
