"""`garonne validate` as its own process, and as a click command where a process adds nothing."""

from __future__ import annotations

import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from catalog.commands.validate import language, validate
from catalog.errors import GaronneError
from shapes.engine import ENGINES
from shapes.formats import FORMATS
from shapes.read import SUFFIXES
from tests.shapes.catalogues import CORRECT

FAULTY = CORRECT.replace('dct:issued "2021-05-04"^^xsd:date', 'dct:issued "hier"')
WARNED = CORRECT.replace('dcat:keyword "arbre"@fr ;\n    dcat:theme', "dcat:theme")
GARONNE = Path(sys.executable).with_name("garonne")


def garonne(*args: str, cwd: Path, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    command = [str(GARONNE), "validate", *args]
    environment = {**os.environ, "LANG": "fr_FR.UTF-8", "LC_ALL": "", "LC_MESSAGES": "", **env}
    return subprocess.run(
        command, cwd=cwd, input=stdin, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, text in (("correct", CORRECT), ("faulty", FAULTY), ("warned", WARNED)):
        (tmp_path / f"{name}.ttl").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_correct_file_ends_with_0(files: Path) -> None:
    done = garonne("correct.ttl", cwd=files)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Aucun défaut.\nLu\u00a0: correct.ttl")


def test_a_fault_ends_with_1_and_is_told(files: Path) -> None:
    done = garonne("faulty.ttl", cwd=files)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("1 violation  [jeu de données] Date de publication (dct:issued)")
    assert "«\u00a0hier\u00a0»" in done.stdout
    assert "\x1b[" not in done.stdout


@pytest.mark.parametrize(
    ("file", "threshold", "code"),
    [("warned", "violation", 0), ("warned", "warning", 1), ("faulty", "never", 0), ("correct", "warning", 0)],
)
def test_the_threshold_decides_the_exit_code(files: Path, file: str, threshold: str, code: int) -> None:
    result = CliRunner().invoke(validate, [str(files / f"{file}.ttl"), "--fail-on", threshold])
    assert result.exit_code == code


def test_a_missing_file_is_never_said_not_to_conform(files: Path) -> None:
    done = garonne("gone.ttl", cwd=files)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "garonne: gone.ttl: there is no such file. Check the spelling and the current folder.\n"


def test_without_file_and_settings_the_reader_is_told_what_to_give(files: Path) -> None:
    done = garonne(cwd=files)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Name a file, a URL or `-`" in done.stderr


def test_with_settings_and_no_release_yet(files: Path) -> None:
    (files / "garonne.toml").write_text("[store]\npath = 'var'\n")
    done = garonne(cwd=files)
    assert (done.returncode, done.stdout) == (3, "")
    assert "There is no release yet" in done.stderr


@pytest.mark.parametrize("args", [["--profile", "dcat-ap-4"], ["--format", "xlsx"], ["--engine", "x"], ["."]])
def test_wrong_use_ends_with_2(files: Path, args: list[str]) -> None:
    done = garonne(*args, *([] if args == ["."] else ["correct.ttl"]), cwd=files)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr


def test_several_documents_are_checked_as_one(files: Path) -> None:
    head, rest = CORRECT.split(":city a ", 1)
    (files / "a.ttl").write_text(head, encoding="utf-8")
    prefixes = head.split(":catalog a ")[0]
    (files / "b.ttl").write_text(prefixes + ":city a " + rest, encoding="utf-8")
    assert CliRunner().invoke(validate, [str(files / "a.ttl")]).exit_code == 1
    assert CliRunner().invoke(validate, [str(files / "a.ttl"), str(files / "b.ttl")]).exit_code == 0


def test_standard_input_and_a_report_in_a_file(files: Path) -> None:
    done = garonne("-", "-o", "report.json", "--lang", "en", cwd=files, stdin=FAULTY)
    assert (done.returncode, done.stdout) == (1, "")
    document = json.loads((files / "report.json").read_text(encoding="utf-8"))
    assert document["inputs"] == ["standard input"]
    assert document["findings"][0]["message"].startswith("Release date (dct:issued)")


def test_a_file_of_shapes_replaces_the_default_profile(files: Path) -> None:
    shapes = files / "shapes.ttl"
    shapes.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix dcat: <http://www.w3.org/ns/dcat#> .\n"
        "<https://x.example/S> a sh:NodeShape ; sh:targetClass dcat:Dataset ;\n"
        "sh:property [ sh:path dcat:version ; sh:minCount 1 ] .",
    )
    done = garonne("correct.ttl", "--shapes", "shapes.ttl", "--format", "csv", cwd=files)
    assert done.returncode == 1
    assert "Version (dcat:version)" in done.stdout


def test_a_document_that_no_shape_looks_at_is_not_passed_in_silence(files: Path) -> None:
    (files / "other.ttl").write_text("<x:a> a <x:B> .")
    done = garonne("other.ttl", cwd=files)
    assert done.returncode == 0
    assert "rien n’a donc été vérifié" in done.stderr


def test_a_wrong_suffix_is_remarked_on_standard_error(files: Path) -> None:
    (files / "wrong.rdf").write_text(CORRECT, encoding="utf-8")
    done = garonne("wrong.rdf", cwd=files)
    assert done.returncode == 0
    assert "le suffixe annonce RDF/XML" in done.stderr


class Files(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = FAULTY.encode() if self.path == "/feed" else b"<!doctype html><p>Bonjour</p>"
        self.send_response(200)
        self.send_header("Content-Type", "text/turtle; charset=utf-8" if self.path == "/feed" else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def test_a_url_is_validated(server: str, files: Path) -> None:
    done = garonne(f"{server}/feed", cwd=files)
    assert done.returncode == 1, done.stderr
    assert "Date de publication" in done.stdout


def test_a_url_that_is_a_web_page_is_unreadable(server: str, files: Path) -> None:
    done = garonne(f"{server}/page", cwd=files)
    assert (done.returncode, done.stdout) == (3, "")
    assert "this is a web page, not RDF" in done.stderr


def test_an_unreachable_url_is_unreadable(files: Path) -> None:
    with pytest.raises(GaronneError) as caught:
        CliRunner().invoke(validate, ["http://127.0.0.1:9/x.ttl"], catch_exceptions=False, standalone_mode=False)
    assert caught.value.exit_code == 3


def test_the_language_is_that_of_the_system_else_french() -> None:
    assert language({"LANG": "fr_FR.UTF-8"}) == "fr"
    assert language({"LANG": "en_GB.UTF-8"}) == "en"
    assert language({"LC_ALL": "de_DE", "LANG": "fr_FR"}) == "en"
    assert language({"LANG": "C.UTF-8"}) == "fr"
    assert language({}) == "fr"


def test_the_page_about_validation_names_every_option_format_and_suffix() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "validation.md").read_text(encoding="utf-8")
    options = [name for parameter in validate.params for name in parameter.opts if name.startswith("-")]
    assert len(options) > 8
    for word in [*options, *FORMATS, *(f".{suffix}" for suffix in SUFFIXES), *ENGINES]:
        assert f"`{word}" in page, word


def test_the_python_example_of_that_page_runs(files: Path) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "validation.md").read_text(encoding="utf-8")
    program = page.split("```python\n")[1].split("```")[0].replace("catalogue.ttl", "faulty.ttl")
    done = subprocess.run([sys.executable, "-c", program], cwd=files, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("violation <https://data.example.org/trees> Release date"), done.stderr
