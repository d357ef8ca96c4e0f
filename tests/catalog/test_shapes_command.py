"""`garonne shapes` as people and programs call it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from catalog.commands.shapes import shapes
from catalog.commands.validate import validate
from catalog.errors import GaronneError, UsageError
from tests.shapes.lint.cases import HEAD, line, on

GOOD = HEAD + on("sh:minCount 1")
BAD = HEAD + on("sh:minCount 1 ;\n sh:MinCount 2 ;\n sh:severity sh:Warning") + "\n:T a sh:NodeShape ; sh:class :D ."


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "good.ttl").write_text(GOOD, encoding="utf-8")
    (tmp_path / "bad.ttl").write_text(BAD, encoding="utf-8")
    (tmp_path / "half.ttl").write_text(BAD[:-40], encoding="utf-8")
    (tmp_path / "text.ttl").write_text("<html>", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    return tmp_path


def lint(*args: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(shapes, ["lint", *args], input=stdin)


@pytest.mark.usefixtures("files")
def test_a_good_file_ends_with_0() -> None:
    done = lint("good.ttl")
    assert (done.exit_code, done.stdout) == (0, "Rien à signaler. Lu\u00a0: good.ttl.\n")


@pytest.mark.usefixtures("files")
def test_a_bad_file_ends_with_1_and_names_the_line() -> None:
    done = lint("bad.ttl", "--lang", "en")
    assert done.exit_code == 1
    first, second, _, summary = done.stdout.splitlines()
    assert first == (
        f"bad.ttl:{line(2)}: violation [unknown-term] https://example.org/S, https://example.org/p: "
        "sh:MinCount is no term of SHACL: it is not followed. The nearest: sh:minCount."
    )
    assert second.startswith(f"bad.ttl:{line(4)}: warning [never-reached] https://example.org/T: ")
    assert summary == "1 violation, 1 warning. Read: bad.ttl."


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(("threshold", "code"), [("violation", 1), ("warning", 1), ("never", 0)])
def test_the_threshold(threshold: str, code: int) -> None:
    assert lint("bad.ttl", "--fail-on", threshold).exit_code == code


@pytest.mark.usefixtures("files")
def test_json_and_standard_input() -> None:
    done = lint("-", "--json", stdin=BAD)
    document = json.loads(done.stdout)
    assert document["inputs"] == ["standard input"]
    assert document["counts"] == {"violation": 1, "warning": 1, "info": 0}
    assert document["remarks"][0]["line"] == line(2)
    assert document["remarks"][0]["message"]["fr"].startswith("sh:MinCount n’est pas un terme de SHACL")


@pytest.mark.usefixtures("files")
def test_sarif_to_a_file(files: Path) -> None:
    assert lint("bad.ttl", "--format", "sarif", "-o", "report.sarif").exit_code == 1
    (run,) = json.loads((files / "report.sarif").read_text(encoding="utf-8"))["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["unknown-term", "never-reached"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "bad.ttl"}, "region": {"startLine": line(2)}}


@pytest.mark.usefixtures("files")
def test_the_same_words_are_written_a_few_times_only(files: Path) -> None:
    lines = [f':S{n} sh:targetClass :C ; sh:class :D ; <https://x.org/ns/shacl#message> "?" .' for n in range(9)]
    (files / "many.ttl").write_text(HEAD + "\n".join(lines), encoding="utf-8")
    told = lint("many.ttl").stdout.splitlines()
    assert len(told) == 3 + 1 + 2
    assert told[3].startswith("    … et 6 de plus (lignes ")


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("name", ["half.ttl", "text.ttl", "nowhere.ttl", "."])
def test_what_cannot_be_read_is_an_error_with_a_sentence(name: str) -> None:
    done = lint(name)
    assert isinstance(done.exception, GaronneError)
    assert done.exception.exit_code in (2, 3)
    assert done.stdout == ""


# ── registered profiles ──────────────────────────────────────────────────────────────────────────────────────────────


def run(*args: str) -> Result:
    command = {"shapes": shapes, "validate": validate}[args[0]]
    return CliRunner().invoke(command, list(args[1:]), standalone_mode=False)


@pytest.mark.usefixtures("files")
def test_a_registered_profile_can_be_listed_used_and_removed(files: Path) -> None:
    done = run("shapes", "add", "national", "good.ttl", "bad.ttl", "--title", "Formes nationales", "--lang", "en")
    assert done.stdout == "national: 2 files, 14 statements\n"
    assert "1 × Term that SHACL does not have [unknown-term], bad.ttl:" in done.stderr
    (files / "good.ttl").unlink()
    (files / "data.ttl").write_text("<a:a> a <https://example.org/C> .", encoding="utf-8")
    assert run("validate", "data.ttl", "--profile", "national").return_value == 1

    listed = run("shapes", "list", "--json").stdout
    (row,) = [one for one in json.loads(listed) if one["from"] == "registered"]
    assert (row["name"], row["title"], row["missing"]) == ("national", "Formes nationales", [])
    assert [Path(one["file"]).exists() for one in row["files"]] == [True, True]
    assert "national" in run("shapes", "list").stdout

    assert run("shapes", "remove", "national").stdout == "national: removed\n"
    done = run("validate", "data.ttl", "--profile", "national")
    assert isinstance(done.exception, UsageError)


@pytest.mark.usefixtures("files")
def test_imports_are_not_fetched_and_what_is_missing_is_told(files: Path) -> None:
    (files / "far.ttl").write_text(GOOD + "<> owl:imports <http://127.0.0.1:9/far> .", encoding="utf-8")
    done = run("shapes", "add", "far", "far.ttl", "--lang", "en")
    assert "1 × Import that is not read [not-loaded], far.ttl:" in done.stderr
    (row,) = [one for one in json.loads(run("shapes", "list", "--json").stdout) if one["name"] == "far"]
    assert row["missing"] == ["http://127.0.0.1:9/far"]
    done = run("shapes", "add", "far", "far.ttl", "--replace", "--fetch-imports", "--lang", "en")
    assert "The import <http://127.0.0.1:9/far> is not read" in done.stderr  # nobody named a private address
    assert done.stdout.startswith("far: 1 files")


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("add", "hvd", "good.ttl"), 2),
        (("add", "UPPER", "good.ttl"), 2),
        (("add", "x", "nowhere.ttl"), 3),
        (("add", "x", "half.ttl"), 3),
        (("add", "x", "data.ttl"), 3),
        (("remove", "hvd"), 2),
        (("remove", "x"), 2),
    ],
)
def test_what_cannot_be_registered_or_removed(files: Path, arguments: tuple[str, ...], code: int) -> None:
    (files / "data.ttl").write_text("<a:a> a <a:b> .", encoding="utf-8")
    done = run("shapes", *arguments)
    assert isinstance(done.exception, GaronneError)
    assert done.exception.exit_code == code
    assert not (files / "var" / "shapes" / "x").exists()


@pytest.mark.usefixtures("files")
def test_a_profile_that_the_settings_name_stays(files: Path) -> None:
    assert run("shapes", "add", "national", "good.ttl").exception is None
    (files / "garonne.toml").write_text('[validation]\nprofiles = ["national"]\n', encoding="utf-8")
    done = run("shapes", "remove", "national")
    assert isinstance(done.exception, UsageError)
    assert "[validation] profiles" in str(done.exception)
