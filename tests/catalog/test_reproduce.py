"""`garonne validate --reproduce`, `--baseline` and `--gate`: as commands, on files of their own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from catalog.commands.validate import validate
from catalog.errors import GaronneError
from shapes.profiles import DEFAULTS
from tests.api.city import TITLES, City, settings_in
from tests.api.server import toml
from tests.shapes.catalogues import CORRECT

FAULTY = CORRECT.replace('dct:issued "2021-05-04"^^xsd:date', 'dct:issued "hier"')
WORSE = FAULTY.replace('"2026-10-01"^^xsd:date', '"demain"')
SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix dcat: <http://www.w3.org/ns/dcat#> .
<https://x.example/S> a sh:NodeShape ; sh:targetClass dcat:Dataset ;
sh:property [ sh:path dcat:version ; sh:minCount 1 ] ."""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in (("correct", CORRECT), ("faulty", FAULTY), ("worse", WORSE), ("shapes", SHAPES)):
        (tmp_path / f"{name}.ttl").write_text(text, encoding="utf-8")
    return tmp_path


def run(*args: str) -> Result:
    return CliRunner().invoke(validate, [*args, "--lang", "en"], catch_exceptions=False, standalone_mode=True)


def refused(*args: str) -> GaronneError:
    with pytest.raises(GaronneError) as caught:
        CliRunner().invoke(validate, list(args), catch_exceptions=False, standalone_mode=False)
    return caught.value


@pytest.mark.parametrize("more", [[], ["--shapes", "shapes.ttl"], ["--noise", "show"], ["--engine", "pyshacl"]])
def test_a_report_is_made_again(files: Path, more: list[str]) -> None:
    assert run("faulty.ttl", "-o", "r.json", *more).exit_code == 1
    again = run("--reproduce", "r.json")
    assert (again.exit_code, again.stdout) == (0, "Reproduced: the same 1 findings.\n")


def test_a_report_names_the_hashes_of_all_it_rests_on(files: Path) -> None:
    run("faulty.ttl", "-o", "r.json")
    origin = json.loads((files / "r.json").read_text())["provenance"]
    hashes = [
        *(one["sha256"] for one in (*origin["data"], *origin["shapes"])),
        *(origin[part]["sha256"] for part in ("vocabularies", "engine")),
    ]
    assert len(hashes) == 1 + len(DEFAULTS) + 2
    assert all(len(one) == 64 for one in hashes)
    assert origin["engine"]["version"]
    assert origin["engine"]["libraries"]["pyoxigraph"]


def test_data_and_shapes_that_changed_are_told(files: Path) -> None:
    run("faulty.ttl", "--shapes", "shapes.ttl", "-o", "r.json")
    (files / "faulty.ttl").write_text(WORSE, encoding="utf-8")
    error = refused("--reproduce", "r.json")
    assert error.exit_code == 3
    assert "it has changed since the report" in error.message
    (files / "faulty.ttl").write_text(FAULTY, encoding="utf-8")
    (files / "shapes.ttl").write_text(SHAPES.replace("minCount 1", "minCount 2"), encoding="utf-8")
    assert "are not those of the report" in refused("--reproduce", "r.json").message


def test_a_document_that_moved_is_given_and_known_by_its_hash(files: Path) -> None:
    run("faulty.ttl", "-o", "r.json")
    (files / "faulty.ttl").rename(files / "kept.ttl")
    missing = refused("--reproduce", "r.json")
    assert missing.exit_code == 3
    assert "nothing is fetched" in missing.message
    assert run("--reproduce", "r.json", "kept.ttl").exit_code == 0


def test_other_findings_end_with_1(files: Path) -> None:
    run("faulty.ttl", "-o", "r.json")
    report = json.loads((files / "r.json").read_text())
    report["findings"] = []
    (files / "r.json").write_text(json.dumps(report))
    again = run("--reproduce", "r.json")
    assert (again.exit_code, again.stdout) == (1, "Not reproduced: 1 findings more, 0 fewer.\n")


def test_another_engine_and_other_vocabularies_are_told(files: Path) -> None:
    run("faulty.ttl", "-o", "r.json")
    report = json.loads((files / "r.json").read_text())
    report["provenance"]["engine"]["sha256"] = "0" * 64
    (files / "r.json").write_text(json.dumps(report))
    again = run("--reproduce", "r.json")
    assert again.exit_code == 0
    assert "Another engine made the report" in again.stderr
    report["provenance"]["vocabularies"]["sha256"] = "0" * 64
    (files / "r.json").write_text(json.dumps(report))
    assert "vocabularies of this version" in refused("--reproduce", "r.json").message
    del report["provenance"]["engine"]
    (files / "r.json").write_text(json.dumps(report))
    assert "does not name what it rests on" in refused("--reproduce", "r.json").message


def test_a_release_is_reproduced_from_what_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_in(tmp_path)
    made = City(settings)
    made.publish(TITLES)
    (tmp_path / "garonne.toml").write_text(toml(settings))
    monkeypatch.chdir(tmp_path)
    assert run("-o", "r.json").exit_code == 1
    made.publish({"arbres": "Arbres"})
    assert run("--reproduce", "r.json").stdout.startswith("Reproduced: the same ")
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["inputs"] == ["release 1"]
    report["provenance"]["data"][0]["sha256"] = "0" * 64
    (tmp_path / "r.json").write_text(json.dumps(report))
    assert "it has changed since the report" in refused("--reproduce", "r.json").message


def test_a_gate_for_regressions(files: Path) -> None:
    run("faulty.ttl", "-o", "before.json")
    same = run("faulty.ttl", "--baseline", "before.json", "--gate", "regressions")
    assert same.exit_code == 0
    assert "Since before.json: 0 new, 0 fixed, 1 remaining." in same.stdout
    worse = run("worse.ttl", "--baseline", "before.json", "--gate", "regressions")
    assert worse.exit_code == 1
    assert "[new] https://data.example.org/trees" in worse.stdout
    fixed = run("correct.ttl", "--baseline", "before.json")
    assert fixed.exit_code == 0
    assert "1 fixed" in fixed.stdout
    named = ("--gate", "regressions", "--publisher", "Ville d’Exemple")
    assert run("worse.ttl", "--baseline", "before.json", *named).exit_code == 1
    assert run("faulty.ttl", "--baseline", "before.json", *named).exit_code == 0


def test_wrong_use_of_a_baseline(files: Path) -> None:
    assert refused("faulty.ttl", "--gate", "regressions").exit_code == 2
    assert refused("faulty.ttl", "--publisher", "Nobody").exit_code == 2
    assert refused("faulty.ttl", "--baseline", "gone.json").exit_code == 3
    assert refused("faulty.ttl", "--baseline", "faulty.ttl").exit_code == 3
    assert refused("--reproduce", "faulty.ttl").exit_code == 3
