"""`garonne quality`, and the findings in `garonne releases diff`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from catalog.commands.quality import quality
from catalog.commands.releases import releases
from tests.api.city import TITLES, City, settings_in
from tests.api.server import toml
from tests.findings import BAD_DATE, LISTED, NO_KEYWORD, found


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Release 1: three datasets with faults. 2: one repaired. 3: it has a new fault and another is withdrawn."""
    folder = tmp_path_factory.mktemp("quality")
    settings = settings_in(folder)
    made = City(settings)
    made.publish(TITLES, findings=[found(BAD_DATE, '"hier"'), found(NO_KEYWORD), found(LISTED, "<x:y>")])
    made.publish({"arbres": "Arbres"}, findings=[found(NO_KEYWORD)])
    made.publish({"arbres": "Arbres"}, findings=[found(NO_KEYWORD), found(BAD_DATE, '"demain"')], withdrawn=["velos"])
    (folder / "garonne.toml").write_text(toml(settings))
    return folder


def run(city: Path, command: Any, *arguments: str) -> Result:
    result = CliRunner().invoke(command, arguments, obj={"config": city / "garonne.toml"})
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_by_rule(city: Path) -> None:
    done = run(city, quality, "--lang", "fr")
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert lines[0] == ("release 3: 2 datasets validated, 0 without violation; 2 violations, 2 warnings, 1 set apart")
    assert [line.split()[:3] for line in lines[3:6]] == [
        ["violation", "2", "2"],
        ["warning", "2", "2"],
        ["set", "apart", "1"],
    ]
    assert lines[6].startswith("set apart, media-types: ")
    assert "La date de parution est une date." in done.stdout
    assert "The release date is a date." in run(city, quality, "--lang", "en").stdout


def test_as_json_of_an_earlier_release(city: Path) -> None:
    document = json.loads(run(city, quality, "--json", "--release", "1", "--lang", "en").stdout)
    assert (document["release"], document["datasets"], document["without_violation"]) == (1, 3, 0)
    assert [(r["severity"], r["findings"], r["noise"]) for r in document["rules"]] == [
        ("violation", 3, ""),
        ("warning", 3, ""),
        ("violation", 3, "media-types"),
    ]
    assert document["rules"][0]["repair"] == "Write 2026-03-01."
    assert document["rules"][0]["fields"] == "default.modified"


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("publisher", {"name": "Ville de Démo", "datasets": 2, "clean": 0, "violations": 2, "warnings": 2}),
        ("dataset", {"slug": "arbres", "title": "Arbres", "violations": 1, "warnings": 1}),
    ],
)
def test_by_publisher_and_by_dataset(city: Path, by: str, expected: dict[str, object]) -> None:
    rows = json.loads(run(city, quality, "--by", by, "--json").stdout)[f"{by}s"]
    assert {k: v for k, v in rows[0].items() if k != "iri"} == expected
    text = run(city, quality, "--by", by, "--limit", "1").stdout
    assert str(expected.get("name") or expected["slug"]) in text
    assert len(text.splitlines()) == 4


def test_without_violations_it_ends_with_0(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    City(settings).publish(TITLES)
    (tmp_path / "garonne.toml").write_text(toml(settings))
    done = run(tmp_path, quality)
    assert (done.exit_code, "3 without violation" in done.stdout) == (0, True)


def test_what_came_went_and_stayed(city: Path) -> None:
    text = run(city, releases, "diff", "1", "2", "--lang", "fr").stdout
    assert "findings: 0 new, 2 fixed, 7 remaining" in text
    assert "    - 1 violation  La date de parution est une date." in text
    text = run(city, releases, "diff", "2", "3", "--full", "--lang", "en").stdout
    assert "findings: 1 new, 3 fixed, 4 remaining" in text
    assert "    + violation  https://data.example.org/dataset/arbres  The release date is a date." in text
    document = json.loads(run(city, releases, "diff", "2", "3", "--json", "--lang", "en").stdout)["findings"]
    assert [(f["dataset"].rsplit("/")[-1], f["value"]) for f in document["new"]] == [("arbres", '"demain"')]
    assert {f["dataset"].rsplit("/")[-1] for f in document["fixed"]} == {"velos"}
    assert (len(document["fixed"]), document["remaining"]) == (3, 4)
    assert document["new"][0]["message"] == "The release date is a date. Value found: “demain”."
    same = json.loads(run(city, releases, "diff", "3", "3", "--json").stdout)
    assert same == {"changes": [], "findings": {"new": [], "fixed": [], "remaining": 5}}
