"""The documentation says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from catalog import plugins
from tests.docs import FOLDER, PAGES

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("name", PAGES)
def test_generated_pages_are_up_to_date(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name](), f"docs/{name} is out of date: run `make docs`"


def test_every_source_kind_has_a_page() -> None:
    for kind in plugins.installed(plugins.SOURCES):
        assert (FOLDER / "sources" / f"{kind}.md").exists()


def test_links_in_the_docs_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *FOLDER.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            if not target.startswith(("http://", "https://", "mailto:")):
                assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 120
