"""`garonne preview`, as its users call it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from api.preview.aggregators import AGGREGATORS
from tests.api.city import TITLES, settings_in
from tests.api.preview.feeds import Town
from tests.api.server import Server, toml

GARONNE = Path(sys.executable).parent / "garonne"
PORTAL = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
<https://portal.example.org/explore/dataset/arbres/> a dcat:Dataset ; dct:title "Arbres d’alignement"@fr ;
  dct:identifier "https://portal.example.org/explore/dataset/arbres/" ;
  dcat:distribution <https://portal.example.org/arbres#csv> .
<https://portal.example.org/arbres#csv> dcat:downloadURL <https://portal.example.org/arbres.csv> .
<https://portal.example.org/explore/dataset/menus/> a dcat:Dataset ; dct:title "Menus des cantines"@fr ;
  dct:identifier "menus@portal" .
<https://portal.example.org/explore/dataset/fini/> a dcat:Dataset ; dct:title "Fini"@fr ; dct:identifier "fini" .
"""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two releases: `fontaines` goes, `velos` gets another title."""
    folder = tmp_path_factory.mktemp("city")
    settings = settings_in(folder)
    made = Town(settings)
    made.publish({**TITLES, "fontaines": "Fontaines"})
    made.publish({"velos": "Compteurs de vélos et de piétons"}, withdrawn=["fontaines"])
    (folder / "garonne.toml").write_text(toml(settings), encoding="utf-8")
    return folder


def run(city: Path, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [GARONNE, "--config", city / "garonne.toml", "preview", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def data(city: Path, *arguments: str, code: int = 0) -> Any:
    return json.loads(run(city, *arguments, "--json", "--lang", "en", code=code).stdout)


@pytest.mark.parametrize("name", AGGREGATORS)
def test_every_aggregator_takes_the_whole_feed(city: Path, name: str) -> None:
    found = data(city, "--as", name)
    assert found["sums"] == {**found["sums"], "datasets": 3, "taken": 3, "failed": 0, "skipped": 0}
    assert (found["aggregator"], found["release"], found["pages"], found["abandoned"]) == (name, 2, 1, False)
    assert {d["title"] for d in found["datasets"]} == {*TITLES.values(), "Compteurs de vélos et de piétons"} - {
        "Compteurs de vélos"
    }
    assert [s["title"] for s in found["services"]] == ["API de la ville"]


def test_the_text_is_in_french_or_english(city: Path) -> None:
    french = run(city, "--as", "data.gouv.fr", "--lang", "fr").stdout
    assert "3 jeux de données" in french
    assert "pris 3" in french
    assert "taken 3" in run(city, "--as", "data.gouv.fr", "--lang", "en").stdout


@pytest.mark.parametrize(
    "name",
    ["arbres", "https://data.example.org/dataset/arbres", "https://portal.example.org/explore/dataset/arbres/"],
)
def test_one_dataset_is_shown_as_it_will_be_held(city: Path, name: str) -> None:
    text = run(city, "--as", "data.gouv.fr", name, "--lang", "fr").stdout
    assert text.startswith("Arbres d’alignement\n")
    assert "Licence Ouverte / Open Licence version 2.0 (lov2)" in text
    assert "https://portal.example.org/arbres.csv" in text
    (only,) = data(city, "--as", "ckan", name)["datasets"]
    assert only["key"] == "https://data.example.org/dataset/arbres"


def test_one_publisher_has_a_feed_of_its_own(city: Path) -> None:
    found = data(city, "--as", "data.gouv.fr", "--publisher", "ville")
    assert found["feed"].endswith("/catalog/ville.ttl?release=2")
    assert found["sums"]["taken"] == 3


def test_what_changed_since_the_last_harvest(city: Path) -> None:
    found = data(city, "--as", "ckan", "--since", "1")["since"]
    assert found["datasets"] == {"doubled": 0, "gone": 1, "stuck": 0, "new": 0, "changed": 1, "same": 2}
    assert [(d["fate"], d["title"]) for d in found["differences"]] == [
        ("gone", "Fontaines"),
        ("changed", "Compteurs de vélos et de piétons"),
    ]
    text = run(city, "--as", "ckan", "--since", "1", "--lang", "fr").stdout
    assert "effacé au moissonnage suivant, sans délai" in text
    assert "Fontaines" in text


def test_against_what_it_reads_today(city: Path, tmp_path: Path) -> None:
    file = tmp_path / "portail.ttl"
    file.write_text(PORTAL, encoding="utf-8")
    found = data(city, "--as", "data.gouv.fr", "--against", str(file), code=1)["against"]
    assert found["datasets"] == {"doubled": 1, "gone": 1, "stuck": 0, "new": 1, "changed": 1, "same": 0}
    fates = {d["title"]: d["fate"] for d in found["differences"]}
    assert fates["Menus des cantines"] == "doubled"
    assert fates["Fini"] == "gone"
    assert found["resources"]["changed"] == 1
    text = run(city, "--as", "data.gouv.fr", "--against", str(file), "--lang", "fr", code=1).stdout
    assert "DOUBLÉS 1" in text
    assert "menus@portal" in text


def test_a_feed_at_an_address_goes_through_the_guarded_client(city: Path) -> None:
    with Server(settings_in(city), city) as running:
        address = f"{running.address}catalog.ttl"
        refused = run(city, "--as", "ckan", "--feed", address, code=3)
        assert "private" in refused.stderr
        found = data(city, "--as", "ckan", "--feed", address, "--allow-private")
        assert found["sums"]["taken"] == 3
        assert found["release"] is None


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--as", "geonetwork"], 2, "data.gouv.fr"),
        ([], 2, "--as"),
        (["--as", "ckan", "arbre"], 3, "Did you mean `arbres`?"),
        (["--as", "ckan", "--since", "99"], 3, "99"),
        (["--as", "ckan", "--release", "99"], 3, "99"),
        (["--as", "ckan", "arbres", "--since", "1"], 2, "one DATASET"),
        (["--as", "ckan", "--feed", "x.ttl", "--since", "1"], 2, "--feed"),
        (["--as", "ckan", "--publisher", "personne"], 3, "personne"),
        (["--as", "ckan", "--against", "absent.ttl"], 3, "absent.ttl"),
        (["--as", "ckan", "--feed", "http://127.0.0.1:1/x", "--allow-private"], 3, "127.0.0.1"),
    ],
)
def test_bad_use_is_told_in_a_sentence(city: Path, arguments: list[str], code: int, words: str) -> None:
    assert words in run(city, *arguments, code=code).stderr


def test_before_the_first_release(tmp_path: Path) -> None:
    (tmp_path / "garonne.toml").write_text(toml(settings_in(tmp_path)), encoding="utf-8")
    assert "garonne harvest run" in run(tmp_path, "--as", "ckan", code=3).stderr
