"""The pages in a real browser: in the reader's language, nothing blocked, nothing fetched from elsewhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.api.server import Server

QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--enable-logging=stderr", "--v=0"),
)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser; where it is absent the tests are skipped, but not where everything is required."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        if os.environ.get("GARONNE_REQUIRE_SHARED") == "1":
            pytest.fail("a browser is required here and is absent: install Chromium")
        pytest.skip("no Chromium is installed")
    return found


def shown(chromium: str, address: str, folder: Path, language: str = "fr") -> tuple[str, str]:
    """The document as the browser has it once loaded, and what its console said."""
    done = subprocess.run(
        [chromium, *QUIET, f"--accept-lang={language}", f"--user-data-dir={folder}", "--dump-dom", address],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line or "Refused to" in line]
    return done.stdout, "\n".join(console)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "Jeux de données"),
        ("/datasets?q=arbre", "/dataset/arbres"),
        ("/dataset/arbres", "<h1>"),
        ("/status", "État"),
        ("/sparql", "<textarea"),
        ("/dataset/none", "404"),
    ],
)
def test_a_page_renders_and_nothing_is_blocked(
    chromium: str, server: Server, tmp_path: Path, path: str, expected: str
) -> None:
    document, console = shown(chromium, server.address.rstrip("/") + path, tmp_path)
    assert expected in document
    assert re.search(r'<html[^>]* lang="fr"', document)
    assert console == ""


def test_an_english_reader_reads_english(chromium: str, server: Server, tmp_path: Path) -> None:
    document, _ = shown(chromium, server.address, tmp_path, "en")
    assert re.search(r'<html[^>]* lang="en"', document)
    assert "Datasets" in document
