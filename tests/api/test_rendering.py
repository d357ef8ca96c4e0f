from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.quality import WAYS
from api.rendering import LANGUAGES, Renderer, human_size, linkable
from api.words import WORDS
from catalog.activities import Change
from catalog.model import Kind, Outcome
from shapes.finding import Severity
from shapes.validation import NOISE
from tests.api.city import settings_in

GRAPHS = ("agents", "catalog", "concepts", "local", "other", "provenance", "runs", "shapes", "vocabulary")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://e.org/", True),
        ("HTTP://e.org/", True),
        ("mailto:a@e.org", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//e.org", False),
        ("relative", False),
        ("http://[bad", False),
        ("", False),
    ],
)
def test_linkable(address: str, expected: bool) -> None:
    assert linkable(address) is expected


@pytest.mark.parametrize(
    ("value", "fr", "en"),
    [
        ("0", "0 octets", "0 bytes"),
        ("999", "999 octets", "999 bytes"),
        ("1200", "1,2 ko", "1.2 kB"),
        ("15000000", "15 Mo", "15 MB"),
        ("big", "big", "big"),
    ],
)
def test_sizes_for_people(value: str, fr: str, en: str) -> None:
    assert (human_size(value, "fr"), human_size(value, "en")) == (fr, en)


def test_every_word_is_used_and_said_in_both_languages() -> None:
    folder = Path(__file__).resolve().parents[2] / "api"
    text = "".join(
        f.read_text() for f in [*folder.glob("templates/*.html"), folder / "sparql.py", folder / "validate.py"]
    )
    text += "".join(f"words.by_{way} " for way in WAYS)
    text += "".join(f"words.noise_{choice} " for choice in NOISE)
    text += "".join(f"words.{kind} " for kind in (*Kind, "scheme"))
    text += "".join(f"words.graph_{name} " for name in GRAPHS)
    text += "".join(f"words.change_{change} words.told_{change} words.changes " for change in Change)
    values = {*Outcome, *Severity, "harvested", "published", "dry run", "interrupted", "running", "stopped", "busy"}
    for name, word in WORDS.items():
        assert word.fr, name
        assert word.en, name
        if name in values:
            continue
        assert re.search(rf'words\.{name}\b|"{name}"', text), name


def test_links_stay_below_the_base(tmp_path: Path) -> None:
    renderer = Renderer(settings_in(tmp_path, catalog={"base": "https://e.org/donnees/"}))
    assert renderer.here("datasets", q="é&", page=2, lang="") == "/donnees/datasets?q=%C3%A9%26&page=2"
    assert LANGUAGES == ("fr", "en")
