"""The same dataset through two sources is one dataset, and it is the producer's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import Store

from catalog.commands.root import cli
from harvest.identity import claims, persistent, unique
from tests.fakes.rdf import PREFIXES
from tests.harvest.city import City, city

UUID = "0b3a1c2d-1111-4222-8333-444455556666"


def table(name: str, path: Path, role: str = "producer", *, most: float = 1.0) -> str:
    guard = f"[source.guard]\nmax_withdrawn = {most}\n"
    return f'[[source]]\nid = "{name}"\nkind = "dcat"\npath = "{path}"\nrole = "{role}"\n{guard}'


def dataset(iri: str, title: str, more: str = "") -> str:
    return f'<{iri}> a dcat:Dataset ; dct:title "{title}"@fr {more} .\n'


@pytest.fixture
def two(tmp_path: Path) -> City:
    """An aggregator, first in the settings, and a producer, both without datasets yet."""
    sources = table("national", tmp_path / "a.ttl", "aggregator") + table("ville", tmp_path / "p.ttl")
    found = city(tmp_path / "city", sources)
    write(found, "a.ttl", dataset("https://national.fr/autre", "Autre"))
    write(found, "p.ttl", dataset("https://ville.fr/autre", "Autre"))
    return found


def write(where: City, name: str, turtle: str) -> None:
    (where.folder.parent / name).write_text(PREFIXES + turtle, encoding="utf-8")


def titles(where: City) -> dict[str, str]:
    return {d.iri: d.canonical.decode().split('title> "')[1].split('"')[0] for d in where.datasets().values()}


PAIRS = [
    ("https://ville.fr/d", "", "https://ville.fr/d", ""),
    (
        "https://ville.fr/d",
        f'; dct:identifier "{UUID}"',
        "https://national.fr/d",
        f'; dct:identifier "urn:uuid:{UUID}"',
    ),
    (
        "https://ville.fr/d",
        '; dct:identifier "10.1234/abc"',
        "https://national.fr/d",
        '; dct:identifier "https://doi.org/10.1234/ABC"',
    ),
    ("https://ville.fr/d", "", "https://national.fr/d", "; dct:source <https://ville.fr/d>"),
    (
        "https://ville.fr/d",
        "",
        "https://national.fr/d",
        "; <http://www.w3.org/2002/07/owl#sameAs> <http://ville.fr/d/>",
    ),
]


@pytest.mark.parametrize(("iri", "more", "copy", "copied"), PAIRS)
def test_the_producers_description_is_published(two: City, iri: str, more: str, copy: str, copied: str) -> None:
    write(two, "p.ttl", dataset(iri, "Du producteur", more))
    write(two, "a.ttl", dataset(copy, "De l’agrégateur", copied))
    summary = two.run()
    assert titles(two) == {iri: "Du producteur"}
    assert summary.sources[1].outcomes["merged"] == 1
    assert two.run().sources[1].outcomes["merged"] == 1, "and so it stays"
    listed = CliRunner().invoke(cli, ["--config", str(two.config), "sources", "overlaps", "--json"])
    (one,) = json.loads(listed.output)
    assert one["published_from"]["source"] == "ville"
    assert one["also_in"] == {"source": "national", "record": copy}
    assert one["same"]
    plain = CliRunner().invoke(cli, ["--config", str(two.config), "sources", "overlaps"])
    assert "Du producteur" in plain.output


def test_the_same_bare_identifier_is_two_datasets(two: City) -> None:
    write(two, "p.ttl", dataset("https://ville.fr/d", "A", '; dct:identifier "deliberations"'))
    write(two, "a.ttl", dataset("https://autre.fr/d", "B", '; dct:identifier "deliberations"'))
    two.run()
    assert set(titles(two).values()) == {"A", "B"}
    bodies = "".join(d.canonical.decode() for d in two.datasets().values())
    assert bodies.count('dc/terms/identifier> "deliberations"') == 1, "of two with one identifier aggregators lose one"
    assert bodies.count('"deliberations"') == 2


def test_a_producer_that_comes_later_takes_over_with_every_name(two: City) -> None:
    write(two, "a.ttl", dataset("https://national.fr/d", "Copie", "; dct:source <https://ville.fr/d>"))
    two.run("national")
    (before,) = two.datasets().values()
    write(two, "p.ttl", dataset("https://ville.fr/d", "Original"))
    two.run()
    (after,) = two.datasets().values()
    assert (after.iri, after.slug) == (before.iri, before.slug)
    assert "Original" in after.canonical.decode()
    assert two.run().release is None, "nothing changes any more"


def test_when_the_producer_withdraws_the_copy_comes_back_with_the_same_names(two: City) -> None:
    write(two, "p.ttl", dataset("https://ville.fr/d", "Original") + dataset("https://ville.fr/e", "E"))
    write(two, "a.ttl", dataset("https://ville.fr/d", "Copie"))
    two.run()
    write(two, "p.ttl", dataset("https://ville.fr/e", "E"))
    two.run()
    assert titles(two) == {"https://ville.fr/d": "Copie", "https://ville.fr/e": "E"}


def test_a_producer_that_is_held_leaves_the_copy_as_it_was(two: City) -> None:
    write(two, "a.ttl", dataset("https://ville.fr/d", "Copie"))
    two.run("national")
    write(two, "p.ttl", dataset("https://ville.fr/d", "Original"))
    two.run("ville", dry_run=True)
    assert titles(two) == {"https://ville.fr/d": "Copie"}
    two.run("national", full=True)
    assert titles(two) == {"https://ville.fr/d": "Copie"}


def test_what_a_held_producer_took_over_is_given_back(tmp_path: Path) -> None:
    sources = table("national", tmp_path / "a.ttl", "aggregator") + table("ville", tmp_path / "p.ttl", most=0.1)
    where = city(tmp_path / "city", sources)
    write(where, "a.ttl", dataset("https://ville.fr/d", "Copie"))
    write(where, "p.ttl", "".join(dataset(f"https://ville.fr/{i}", f"Jeu {i}") for i in range(9)))
    where.run()
    write(where, "p.ttl", dataset("https://ville.fr/d", "Original"))
    assert where.run().sources[0].status == "held"
    assert titles(where)["https://ville.fr/d"] == "Copie"
    assert len(titles(where)) == 10
    write(where, "a.ttl", dataset("https://ville.fr/d", "Copie neuve"))
    where.run("national")
    assert titles(where)["https://ville.fr/d"] == "Copie neuve"


SAME = "; <http://www.w3.org/2002/07/owl#sameAs> "


def many(where: City, *, claimed: int = 0, by_one: bool = False) -> None:
    """A first source with a dataset of its own, and as many more that claim those of the second, which has twenty."""
    write(where, "b.ttl", "".join(dataset(f"https://b.fr/{n}", f"B {n}") for n in range(20)))
    claims = [f"<https://b.fr/{n}>" for n in range(claimed)]
    own = dataset("https://a.fr/own", "A", SAME + " , ".join(claims) if by_one and claims else "")
    rest = [] if by_one else [dataset(f"https://a.fr/{n}", f"A {n}", SAME + claim) for n, claim in enumerate(claims)]
    write(where, "a.ttl", "".join((own, *rest)))


@pytest.fixture
def ranked(tmp_path: Path) -> City:
    """Two producers, the first of which comes first."""
    return city(tmp_path / "city", "".join(table(n, tmp_path / f"{n}.ttl", most=0.1) for n in "ab"))


@pytest.mark.parametrize("by_one", [False, True], ids=["by many", "by one"])
def test_a_source_that_suddenly_claims_the_datasets_of_others_is_held(ranked: City, *, by_one: bool) -> None:
    many(ranked)
    ranked.run()
    before = ranked.datasets()
    many(ranked, claimed=8, by_one=by_one)
    held = ranked.run()
    assert held.sources[0].status == "held"
    assert "8 of 20 datasets published from `b` would become this source's" in held.sources[0].reason.en
    assert held.sources[1].status == "harvested"
    assert ranked.datasets() == before
    shown = CliRunner().invoke(cli, ["--config", str(ranked.config), "sources", "accept", "a", "--lang", "fr"])
    assert "8 des 20 jeux de données publiés depuis «\u00a0b\u00a0»" in shown.output
    assert CliRunner().invoke(cli, ["--config", str(ranked.config), "sources", "accept", "a", "--yes"]).exit_code == 0
    assert ranked.run().sources[1].status == "harvested", "what was accepted of one source is not held in the other"
    assert sum(title.startswith("B") for title in titles(ranked).values()) == 12


def test_few_are_believed_and_a_new_source_may_claim_all(ranked: City) -> None:
    many(ranked)
    ranked.run("b")
    many(ranked, claimed=20)
    found = ranked.run("a").sources[0]
    assert found.status == "harvested"
    assert found.notes[0].en == "20 of 20 datasets published from `b` would become this source's (100%)."
    assert len(titles(ranked)) == 21
    assert all(title.startswith("A") for title in titles(ranked).values())


def test_a_source_whose_datasets_say_that_they_are_those_of_others_is_held(ranked: City) -> None:
    many(ranked)
    ranked.run()
    same = (dataset(f"https://b.fr/{n}", f"B {n}", f"{SAME}<https://a.fr/own>") for n in range(20))
    write(ranked, "b.ttl", "".join(same))
    held = ranked.run().sources[1]
    assert held.status == "held"
    assert held.guard["changes"]["merged"]["count"] == 20
    assert len(ranked.datasets()) == 21


def test_a_merged_copy_has_no_power_over_the_dataset_that_is_published(two: City) -> None:
    copy = dataset("https://national.fr/d", "Copie", "; dct:source <https://ville.fr/d>")
    write(two, "p.ttl", dataset("https://ville.fr/d", "Original") + dataset("https://ville.fr/e", "E"))
    write(two, "a.ttl", copy)
    two.run()
    write(two, "a.ttl", copy.replace("/d>", "/e>").replace("national.fr/e", "national.fr/d"))
    two.run()
    assert set(titles(two).values()) == {"Original", "E"}, "it is now a copy of another"
    write(two, "a.ttl", dataset("https://national.fr/d", "À part"))
    summary = two.run()
    assert set(titles(two).values()) == {"Original", "E", "À part"}
    assert summary.sources[1].outcomes["created"] == 1
    plain = CliRunner().invoke(cli, ["--config", str(two.config), "harvest", "run"])
    assert plain.exit_code == 0, plain.output


def test_a_merged_copy_that_is_hidden_does_not_take_the_published_one_with_it(tmp_path: Path) -> None:
    package: dict[str, object] = {"id": "p", "name": "copie", "title": "Copie", "notes": "…", "resources": []}
    package["extras"] = [{"key": "uri", "value": "https://ville.fr/d"}]
    copy = f'[[source]]\nid = "national"\nkind = "files"\npath = "{tmp_path / "a.json"}"\nrole = "aggregator"\n'
    where = city(tmp_path / "city", table("ville", tmp_path / "p.ttl") + copy)
    write(where, "p.ttl", dataset("https://ville.fr/d", "Original"))
    changes: list[tuple[dict[str, object], str]] = [({}, "merged"), ({"private": True}, "set aside")]
    for change, outcome in [*changes, ({"title": "Autre"}, "set aside")]:
        package |= change
        (tmp_path / "a.json").write_text(json.dumps({"success": True, "result": package}), encoding="utf-8")
        assert where.run().sources[1].outcomes[outcome] == 1
        assert titles(where) == {"https://ville.fr/d": "Original"}


def test_a_run_in_words_tells_of_merged_records(two: City) -> None:
    write(two, "p.ttl", dataset("https://ville.fr/d", "Original"))
    write(two, "a.ttl", dataset("https://ville.fr/d", "Copie"))
    plain = CliRunner().invoke(cli, ["--config", str(two.config), "harvest", "run", "--lang", "en"])
    assert "1 published from another source" in plain.output


def test_both_provenances_are_kept(two: City) -> None:
    write(two, "p.ttl", dataset("https://ville.fr/d", "Original"))
    write(two, "a.ttl", dataset("https://ville.fr/d", "Copie"))
    two.run()
    store = Store.read_only(str(two.current().store))
    found = store.query(
        "SELECT ?label WHERE { GRAPH <https://data.example.org/graph/provenance>"
        " { ?record <http://www.w3.org/ns/prov#wasDerivedFrom> ?from ."
        " ?from <http://www.w3.org/2000/01/rdf-schema#label> ?label } }"
    )
    assert sorted(row[0].value for row in found) == ["national: https://ville.fr/d", "ville: https://ville.fr/d"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("https://ville.fr/d/", "iri:ville.fr/d"),
        ("http://ville.fr/d", "iri:ville.fr/d"),
        (f"urn:uuid:{UUID.upper()}", f"uuid:{UUID}"),
        (f"{{{UUID}}}", f"uuid:{UUID}"),
        (f"fr-120066022-jdd-{UUID}", f"uuid:{UUID}"),
        ("doi:10.5281/zenodo.1", "doi:10.5281/zenodo.1"),
        ("URN:ISBN:123", "urn:isbn:123"),
        ("deliberations", ""),
        ("http://localhost/d", ""),
        ("", ""),
    ],
)
def test_names_that_are_the_same_all_over_the_world(name: str, expected: str) -> None:
    assert unique(name) == expected
    assert claims([name, name]) == ((expected,) if expected else ())


def test_what_lasts() -> None:
    assert persistent("https://data.gouv.fr/datasets/a?lang=fr")
    assert not persistent("https://ville.fr/geonetwork/srv/fre/csw?service=CSW&request=GetRecordById&id=1")
    assert not persistent("http://[bad/")
