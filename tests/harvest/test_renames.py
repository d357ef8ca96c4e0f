"""Datasets that a source calls otherwise without saying so keep their names here, where their content tells."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from catalog.archive import Archive
from catalog.commands.root import cli
from catalog.model import Description, Kind, Record
from harvest.renames import Waiting, content
from tests.fakes.rdf import PREFIXES
from tests.harvest.city import City, city

BASE = "https://data.example.org/"


def dataset(name: str, text: str = "", *, host: str = "https://ville.fr/jeux/", more: str = "") -> str:
    """A dataset in Turtle with a file, a page and a period, all of which its name is a part of."""
    return f"""<{host}{name}> a dcat:Dataset ; dct:title "{text or name}"@fr ; dct:identifier "{name}" ;
    dct:description "Ce que dit {text or name}."@fr ; dcat:landingPage <{host}{name}/page> {more} ;
    dct:temporal [ a dct:PeriodOfTime ; dcat:startDate "2020-01-01"^^xsd:date ] ;
    dcat:distribution <{host}{name}/csv>, [ a dcat:Distribution ; dcat:accessURL <https://ville.fr/voir?jeu={name}> ] .
    <{host}{name}/csv> a dcat:Distribution ; dct:title "{name}.csv"@fr ; dcat:downloadURL <{host}{name}.csv> .
"""


def put(where: City, *datasets: str) -> None:
    (where.folder.parent / "c.ttl").write_text(PREFIXES + "".join(datasets), encoding="utf-8")


def some(count: int, rename: Callable[[int], str] = "jeu-{}".format, *, first: int = 0) -> list[str]:
    return [dataset(rename(n), f"Jeu {n}") for n in range(first, count)]


def new(n: int) -> str:
    return f"autre-nom-{n}"


def published(folder: Path, iri: str) -> City:
    """A catalogue of twenty datasets, published, whose IRIs are the source's or ours."""
    source = f'[[source]]\nid = "ville"\nkind = "dcat"\npath = "{folder / "c.ttl"}"\n'
    found = city(folder / "city", f'{source}[source.identity]\niri = "{iri}"\n')
    put(found, *some(20))
    assert found.run().release == 1
    return found


@pytest.fixture
def place(tmp_path: Path) -> City:
    """Published under IRIs of ours."""
    return published(tmp_path, "minted")


def named(where: City) -> dict[str, tuple[str, ...]]:
    """Slug, IRI and identifier of each dataset by its title."""
    rows = Archive(where.settings.store.path).rows(
        "SELECT title, slug, iri, identifier FROM descriptions WHERE kind = 'dataset' AND until IS NULL"
    )
    return {row["title"]: (row["slug"], row["iri"], row["identifier"]) for row in rows}


def aliases(where: City) -> dict[str, str]:
    rows = Archive(where.settings.store.path).rows("SELECT alias, slug FROM aliases")
    return {row["alias"]: row["slug"] for row in rows}


@pytest.mark.parametrize("iri", ["source", "minted"])
def test_a_dataset_under_another_name_keeps_its_own(tmp_path: Path, iri: str) -> None:
    place = published(tmp_path, iri)
    before = named(place)
    put(place, *some(3, new), *some(20, first=3))
    found = place.run()
    assert found.sources[0].guard["changes"]["renamed"]["count"] == 3
    assert found.events == {"updated": 3}, "its files have other addresses; nothing is withdrawn"
    assert named(place) == before
    assert aliases(place) == {new(n): f"jeu-{n}" for n in range(3)}
    assert place.run().release is None, "and so it stays"
    put(place, *some(20))
    back = place.run()
    assert back.events == {"updated": 3}
    assert named(place) == before


def test_many_under_other_names_are_held_until_they_are_accepted(place: City) -> None:
    before = named(place)
    put(place, *some(20, new))
    held = place.run().sources[0]
    assert held.status == "held"
    assert "20 des 20 jeux de données publiés ont changé de nom" in held.reason.fr
    assert "withdrawn" not in held.guard["changes"]
    let = CliRunner().invoke(cli, ["--config", str(place.config), "sources", "accept", "ville", "--yes", "--json"])
    assert json.loads(let.stdout)["events"] == {"updated": 20}
    assert named(place) == before


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ([dataset("a", "Même"), dataset("b", "Même")], [dataset("c", "Même"), dataset("d", "Même")]),
        ([dataset("a", "Même"), dataset("b", "Même")], [dataset("a", "Même"), dataset("d", "Même")]),
        ([dataset("a", "Même")], [dataset("c", "Même"), dataset("d", "Même")]),
        ([dataset("a", "Même")], [dataset("c", "Même", more="; dcat:keyword 'x'@fr")]),
        ([dataset("a", "Même")], [dataset("c", "Mêmes")]),
        ([dataset("a", "Même")], [dataset("c", "Même").replace("voir?", "lire?")]),
        ([dataset("a", "Même")], [dataset("c", "Même").replace("2020-01-01", "2021-01-01")]),
        (
            ['<https://ville.fr/jeux/a> a dcat:Dataset ; dct:title "Titre"@fr .'],
            ['<https://ville.fr/jeux/c> a dcat:Dataset ; dct:title "Titre"@fr .'],
        ),
    ],
    ids=["two of two", "one of two", "one or two", "a word more", "title", "address", "period", "a title alone"],
)
def test_what_is_in_doubt_is_gone_and_new(place: City, was: list[str], becomes: list[str]) -> None:
    put(place, *some(20), *was)
    place.run()
    put(place, *some(20), *becomes)
    gone = {re.search(r"jeux/(\w+)>", one)[1] for one in was if one not in becomes}  # type: ignore[index]
    come = len([one for one in becomes if one not in was])
    found = place.run()
    assert found.events == {"created": come, "withdrawn": len(gone)}
    assert not aliases(place)
    assert "renamed" not in found.sources[0].guard["changes"]


def test_a_run_that_does_not_see_everything_renames_nothing(place: City) -> None:
    put(place, dataset(new(0), "Jeu 0"), *some(20, first=1))
    assert place.run(limit=3, dry_run=True).events == {"created": 1}


def test_new_records_wait_only_where_something_is_missing(tmp_path: Path, place: City) -> None:
    put(place, *some(20), *(dataset(f"neuf-{n}", f"Neuf {n}") for n in range(30)))
    assert place.run().events == {"created": 30}
    waiting = Waiting(tmp_path)
    assert not len(waiting)
    assert list(waiting) == []
    given = [Record("s", str(n), b"x", {"n": n}, "h", claims=("a",)) for n in range(3)]
    for one in given:
        waiting.put(one)
    assert list(waiting) == given
    assert list(waiting) == given, "twice"
    waiting.close()
    waiting.close()


def test_another_kind_of_source(tmp_path: Path) -> None:
    """An inventory of the SCDL, whose identifiers its keeper numbers anew; one line has gone besides."""
    head = (
        "COLL_NOM,COLL_SIRET,ID,TITRE,DESCRIPTION,THEME,PRODUCTEUR_NOM,PRODUCTEUR_SIRET,COUV_SPAT_MAILLE,"
        "COUV_SPAT_NOM,COUV_TEMP_DEBUT,COUV_TEMP_FIN,DATE_PUBL,FREQ_MAJ,DATE_MAJ,MOTS_CLES,LICENCE,"
        "NOMBRE_RESSOURCES,FORMAT_RESSOURCES,VISUALISATION,URL\n"
    )
    line = (
        "Ville,21310555400017,{id},Titre {n},Ce que dit {n},,Ville,,,,,,2020-01-01,annuelle,2021-01-01,mot,LOV2,"
        "1,csv,,https://ville.fr/d/{id}\n"
    )
    file = tmp_path / "inventaire.csv"

    def write(called: str, lines: range) -> None:
        file.write_text(head + "".join(line.format(id=called.format(n), n=n) for n in lines), encoding="utf-8")

    guard = "[source.guard]\nmax_changed = 1\n"
    where = city(tmp_path / "city", f'[[source]]\nid = "scdl"\nkind = "scdl"\npath = "{file}"\n{guard}')
    write("inv-{}", range(10))
    where.run()
    before = named(where)
    write("{}-2026", range(9))
    found = where.run()
    assert found.events == {"updated": 9, "withdrawn": 1}
    assert {k: v for k, v in before.items() if k != "Titre 9"} == named(where)


def package(n: int, name: str, *, private: bool = False) -> str:
    found = {
        "id": f"{n:08}-0000-4000-8000-000000000000",
        "name": name,
        "title": f"Titre {name}",
        "notes": f"De {name}.",
    }
    return json.dumps({"success": True, "result": {**found, "resources": [], "state": "active", "private": private}})


def test_a_dataset_that_was_deleted_and_made_again_is_the_same_unless_it_is_hidden(tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    where = city(tmp_path / "city", f'[[source]]\nid = "s"\nkind = "files"\npath = "{folder}"\n')
    for n, name in enumerate("abcdefgh"):
        (folder / f"{name}.json").write_text(package(n, name), encoding="utf-8")
    where.run()
    before = named(where)
    (folder / "a.json").write_text(package(90, "a"), encoding="utf-8")
    (folder / "b.json").write_text(package(91, "b", private=True), encoding="utf-8")
    found = where.run()
    assert found.sources[0].outcomes["set aside"] == 1
    assert found.events["withdrawn"] == 1
    assert "created" not in found.events
    assert named(where) == {title: one for title, one in before.items() if title != "Titre b"}


def described(iri: str, *lines: str) -> Description:
    made = sorted(line.replace("ROOT", f"<{iri}>") + " .\n" for line in lines)
    return Description(iri, Kind.DATASET, "d", "".join(made).encode())


def test_names_count_as_words_in_addresses_only() -> None:
    title, text = "<http://purl.org/dc/terms/title>", "<http://purl.org/dc/terms/description>"
    page = "<http://www.w3.org/ns/dcat#landingPage>"

    def key(name: str, *lines: str) -> bytes:
        return content(described(f"{BASE}dataset/x", *lines), f"{BASE}record/x", [name, ""])

    same = f'ROOT {title} "eau"', f'ROOT {text} "De l’eau."'
    assert key("eau", *same, f"ROOT {page} <https://e.org/eau>") == key(
        "air", *same, f"ROOT {page} <https://e.org/air>"
    )
    assert key("eau", *same, f"ROOT {page} <https://e.org/eaux>") != key(
        "air", *same, f"ROOT {page} <https://e.org/airx>"
    )
    assert key("eau", *same) != key("air", f'ROOT {title} "air"', same[1]), "texts stay what they are"
    assert key("eau", same[0]) == b"", "a title is not enough"
    one, other = "https://e.org/d/eau", "https://e.org/d/air"
    assert key(one, f'ROOT {text} "Export de {one}, eau."') == key(other, f'ROOT {text} "Export de {other}, eau."')
    assert key("a b", *same, f"ROOT {page} <https://e.org/a%20b>") == key("c", *same, f"ROOT {page} <https://e.org/c>")
