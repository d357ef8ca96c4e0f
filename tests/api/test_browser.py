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


def shown(
    chromium: str, address: str, folder: Path, language: str = "fr", more: tuple[str, ...] = ()
) -> tuple[str, str]:
    """The document as the browser has it once loaded, and what its console said."""
    done = subprocess.run(
        [chromium, *QUIET, f"--accept-lang={language}", f"--user-data-dir={folder}", *more, "--dump-dom", address],
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
        ("/quality", "Qualité des métadonnées"),
        ("/quality?by=dataset", "Arbres"),
        ("/quality/arbres", "<h1>Arbres"),
        ("/validate", "<textarea"),
        ("/sparql", "<textarea"),
        ("/dataset/none", "404"),
        ("/dataset/fontaines", "Fontaines"),
        ("/agent/ville", "Ville de Démo"),
        ("/concept/theme/nature", "Nature en ville"),
        ("/graph/agents", "<h1>graph/agents"),
        ("/services", "Point d’accès SPARQL"),
        ("/preview", "<h1>"),
        ("/preview/ckan", "Arbres"),
        ("/preview/data.gouv.fr/arbres", "Arbres"),
        ("/query", "<textarea"),
        ("/publisher/ville", "Ville de Démo"),
    ],
)
def test_a_page_renders_and_nothing_is_blocked(
    chromium: str, server: Server, tmp_path: Path, path: str, expected: str
) -> None:
    document, console = shown(chromium, server.address.rstrip("/") + path, tmp_path)
    assert expected in document
    assert re.search(r'<html[^>]* lang="fr"', document)
    assert console == ""


def test_the_answers_of_oai_pmh_are_shown_by_our_style_sheet(chromium: str, server: Server, tmp_path: Path) -> None:
    address = server.address + "oai?verb=ListRecords&metadataPrefix=oai_dc"
    document, console = shown(chromium, address, tmp_path)
    assert "<h1>OAI-PMH 2.0</h1>" in document
    assert not re.search(r"(?i)load(ing)? the (script|style ?sheet|image|font)", console), "nothing of ours is blocked"
    # The browser puts a banner of its own above such pages: the policy refuses its style and button. Ours has neither.
    sheet = server.get("/static/oai.xsl").text
    assert not re.search(r"<script|\son\w+=|style=", sheet)


def test_an_english_reader_reads_english(chromium: str, server: Server, tmp_path: Path) -> None:
    document, _ = shown(chromium, server.address, tmp_path, "en")
    assert re.search(r'<html[^>]* lang="en"', document)
    assert "Datasets" in document


def test_a_document_is_checked_from_the_form(chromium: str, server: Server, tmp_path: Path) -> None:
    """The form is filled and sent by a page of the test; the answer is what a reader sees."""
    form = server.get("/validate", "text/html").text
    filled = form.replace(
        "></textarea>", ">&lt;http://e.org/d&gt; a &lt;http://www.w3.org/ns/dcat#Dataset&gt; .</textarea>"
    )
    action = f'action="{server.address}validate"'
    sent = filled.replace('action="/validate"', action) + "<script>document.forms[0].submit()</script>"
    page = tmp_path / "form.html"
    page.write_text(re.sub(r"<link[^>]*>", "", sent))
    document, console = shown(chromium, page.as_uri(), tmp_path / "profile", more=("--virtual-time-budget=20000",))
    assert "Rapport de validation" in document
    assert "dct:title" in document
    assert "<style>" in document
    assert console == ""
