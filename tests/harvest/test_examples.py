"""The sources that `garonne init` shows: one of every kind, and each can be used as it stands."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from catalog import plugins
from catalog.commands.init import TEMPLATE
from catalog.settings import Settings, build
from harvest.source import make


@pytest.fixture
def shown(tmp_path: Path) -> Settings:
    """The settings of the template with all its examples of sources uncommented."""
    blocks = [b for b in TEMPLATE.split("\n\n") if "[[source]]" in b]
    text = "\n\n".join(re.sub(r"^# ", "", block, flags=re.MULTILINE) for block in blocks)
    return build(tomllib.loads(text), folder=tmp_path, env={})


def test_every_kind_is_shown(shown: Settings) -> None:
    assert {s.kind for s in shown.sources} == set(plugins.installed(plugins.SOURCES))


def test_every_example_makes_a_source(shown: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOIRIE_PASSWORD", "x")
    (tmp_path / "inventaires").mkdir()
    for one in shown.sources:
        make(one, shown.harvest, lambda _message: None)
