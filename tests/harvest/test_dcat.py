"""Catalogues in RDF: live, paged, saved, faulty, hostile."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import RdfFormat, parse, serialize

from catalog.errors import ResponseInvalid, SettingsInvalid, SourceRefused
from catalog.model import Fate, Mapped, Record
from catalog.settings import HarvestSettings, SourceSettings
from harvest.coverage import identity, results
from harvest.mapping.context import Context
from harvest.source import Rejected, make
from harvest.sources.dcat import Dcat
from tests.fakes.rdf import PREFIXES, catalogue, dataset, paged
from tests.fakes.server import Answer
from tests.real import everything, real
from tests.shared import shared

CONTEXT = Context(base="https://c.example.org/", source="rdf", portal="", now=datetime.now(UTC))
XSD = "http://www.w3.org/2001/XMLSchema#"


def source(url: str = "", path: Path | None = None, harvest: dict[str, Any] | None = None, **options: Any) -> Dcat:
    settings = SourceSettings(id="rdf", kind="dcat", url=url, path=path, allow_private=True, options=options)
    found = make(settings, HarvestSettings(**{"backoff": 0.01, **(harvest or {})}), lambda _message: None)
    assert isinstance(found, Dcat)
    return found


def ids(found: Dcat) -> list[str]:
    return [r.id.rsplit("/", 1)[-1] for r in found.records()]


def one(tmp_path: Path, turtle: str, name: str = "a.ttl") -> Mapped:
    """The mapping of the only dataset in a document."""
    (tmp_path / name).write_text(PREFIXES + turtle, encoding="utf-8")
    found = source(path=tmp_path / name, url="https://data.ville.fr/catalog.ttl")
    (record,) = found.records()
    assert isinstance(record, Record)
    return found.map(record, identity(record), CONTEXT)


def lines(found: Mapped) -> set[str]:
    return set(found.dataset.canonical.decode().split("\n")[:-1])


# ── live ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("old", [False, True])
def test_pages_of_either_hydra_class(old: bool) -> None:
    with catalogue(paged(3, 4, old=old)) as running:
        found = source(running.address + "/catalog")
        assert len(set(ids(found))) == 12
        assert found.total == 12
        assert len(running.asked) == 3


def test_pages_in_a_circle_are_read_once() -> None:
    with catalogue(paged(3, 2, loop=True)) as running:
        assert len(ids(source(running.address + "/catalog?page=1"))) == 6
        assert len(running.asked) == 3


def test_pages_without_end_and_pages_elsewhere_are_refused() -> None:
    with catalogue(paged(10**6, 1)) as running, pytest.raises(ResponseInvalid, match="goes on after 5 pages"):
        ids(source(running.address + "/catalog", max_pages=5))
    away = paged(1, 1, elsewhere="http://other.example.org/")
    with catalogue(away) as running, pytest.raises(SourceRefused, match="another host"):
        ids(source(running.address + "/catalog"))


@pytest.mark.parametrize(
    ("fmt", "kind"),
    [
        (RdfFormat.TURTLE, "text/plain"),
        (RdfFormat.TURTLE, "application/octet-stream"),
        (RdfFormat.N_TRIPLES, "text/plain"),
        (RdfFormat.N_TRIPLES, "text/turtle"),
        (RdfFormat.RDF_XML, "application/xml"),
        (RdfFormat.RDF_XML, "text/html"),
        (RdfFormat.JSON_LD, "application/json"),
        (RdfFormat.N_QUADS, "text/plain"),
        (RdfFormat.TRIG, "application/trig"),
        (RdfFormat.N3, "text/n3"),
    ],
)
def test_every_format_whatever_the_server_calls_it(fmt: RdfFormat, kind: str) -> None:
    triples = [q.triple for q in parse(PREFIXES + dataset("a"), format=RdfFormat.TURTLE)]
    body = serialize(triples, format=fmt)
    assert body
    with catalogue(body, kind) as running:
        assert ids(source(running.address + "/catalog")) == ["a"]
    with catalogue(gzip.compress(body), kind) as running:
        assert ids(source(running.address + "/catalog.gz")) == ["a"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.ttl").write_bytes((PREFIXES + dataset("a")).encode(encoding))
    (record,) = source(path=tmp_path / "a.ttl").records()
    assert isinstance(record, Record)
    assert "Écrit à la main." in record.payload.decode()


def test_check_says_what_there_is() -> None:
    with catalogue(paged(3, 4)) as running:
        check = source(running.address + "/catalog").check()
        assert (check.ok, check.datasets) == (True, 12)
    with catalogue(b"<html><body>404</body></html>", "text/html") as running:
        assert not source(running.address).check().ok
    with catalogue(b"<urn:a> <urn:b> <urn:c> .") as running:
        assert "no dcat:Dataset" in source(running.address).check().message
    with pytest.raises(SettingsInvalid):
        make(SourceSettings(id="x", kind="dcat"), HarvestSettings(), lambda _m: None)


def test_a_redirect_to_another_host_is_refused() -> None:
    moved = Answer(status=302, headers={"Location": "http://other.example.org/c"})
    with catalogue(lambda _path: moved) as running, pytest.raises(SourceRefused, match="another host"):
        ids(source(running.address))


# ── closures ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_datasets_series_and_services_are_records_and_others_are_not(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(
        PREFIXES
        + dataset("a", "; dcat:inSeries <https://data.ville.fr/series> ; dct:source <https://data.ville.fr/mention>")
        + """<https://data.ville.fr/series> a dcat:DatasetSeries ; dct:title "Série"@fr .
        <https://data.ville.fr/service> a dcat:DataService ; dct:title "Service"@fr ;
            dcat:servesDataset <https://data.ville.fr/dataset/a> ; dcat:endpointURL <https://data.ville.fr/wms> .
        <https://data.ville.fr/mention> a dcat:Dataset .
        <https://data.ville.fr/catalog> a dcat:Catalog ; dcat:dataset <https://data.ville.fr/elsewhere> ."""
    )
    found = list(source(path=tmp_path / "a.ttl").records())
    assert [r.id.rsplit("/", 1)[-1] for r in found] == ["a", "series", "service", "elsewhere"]
    assert isinstance(found[3], Rejected)
    first = found[0]
    assert isinstance(first, Record)
    assert b"Service" not in first.payload
    assert "Série" not in first.payload.decode()


def test_the_same_document_gives_the_same_bytes(tmp_path: Path) -> None:
    turtle = PREFIXES + dataset(
        "a",
        """; dcat:distribution [ dcat:accessURL <https://data.ville.fr/a.csv> ; dct:title "CSV" ],
        [ dcat:accessURL <https://data.ville.fr/a.json> ] ; dct:temporal [ dcat:startDate "2020-01-01"^^xsd:date ] ;
        dcat:contactPoint [ vcard:fn "Service" ; vcard:hasEmail <mailto:a@ville.fr> ] ; dct:publisher _:p .
        _:p foaf:name "Ville" ; foaf:homepage <https://ville.fr> """,
    )
    (tmp_path / "a.ttl").write_text(turtle)
    one_, two = (next(iter(source(path=tmp_path / "a.ttl").records())) for _ in range(2))
    assert isinstance(one_, Record)
    assert isinstance(two, Record)
    assert one_.payload == two.payload
    assert one_.hash == two.hash
    first, second = (Dcat.map(source(path=tmp_path / "a.ttl"), r, identity(r), CONTEXT) for r in (one_, two))
    assert first == second


def test_a_catalogue_that_hangs_together_is_still_cut(tmp_path: Path) -> None:
    chain = "".join(f"<urn:n:{i}> dct:relation <urn:n:{i + 1}> .\n" for i in range(3000))
    (tmp_path / "a.ttl").write_text(PREFIXES + dataset("a", "; dct:relation <urn:n:0>") + chain)
    (record,) = source(path=tmp_path / "a.ttl").records()
    assert isinstance(record, Record)
    assert record.payload.count(b"\n") < 30


def test_nesting_without_end_is_refused_in_words(tmp_path: Path) -> None:
    deep = "; dct:relation " + "[ dct:relation " * 5000 + "<urn:x>" + " ]" * 5000
    (tmp_path / "a.ttl").write_text(PREFIXES + dataset("a", deep))
    (record,) = source(path=tmp_path / "a.ttl").records()
    assert isinstance(record, Rejected)
    assert "nested too deep" in record.reason.en


# ── faulty and hostile documents ─────────────────────────────────────────────────────────────────────────────────────

LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
RDF = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'


@pytest.mark.parametrize(
    ("head", "why"),
    [
        (f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]>', "more than the abbreviation"),
        ('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "refers to another document"),
        ('<!DOCTYPE r [<!ENTITY % x SYSTEM "http://example.org/x.dtd"> %x;]>', "refers to another document"),
        ('<!DOCTYPE r [<!ENTITY a "b">', "does not end"),
    ],
)
def test_entities_are_refused(tmp_path: Path, head: str, why: str) -> None:
    (tmp_path / "a.rdf").write_text(f"<?xml version='1.0'?>{head}{RDF}")
    with pytest.raises(ResponseInvalid, match=why):
        ids(source(path=tmp_path / "a.rdf"))


def test_entities_that_abbreviate_namespaces_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.rdf").write_text(
        '<?xml version="1.0"?><!DOCTYPE rdf:RDF [<!ENTITY dcat "http://www.w3.org/ns/dcat#">]><rdf:RDF'
        ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dct="http://purl.org/dc/terms/"'
        ' xmlns:dcat="&dcat;"><dcat:Dataset rdf:about="https://data.ville.fr/a"><dct:title>A</dct:title></dcat:Dataset>'
        "</rdf:RDF>"
    )
    assert ids(source(path=tmp_path / "a.rdf")) == ["a"]


def test_bombs_and_sizes(tmp_path: Path) -> None:
    (tmp_path / "a.ttl.gz").write_bytes(gzip.compress(b" " * 50_000_000))
    with pytest.raises(ResponseInvalid, match="becomes larger than the 1,000,000 bytes"):
        ids(source(path=tmp_path / "a.ttl.gz", harvest={"max_bytes": 1_000_000}))
    large, why = PREFIXES.encode() + b"#" * 2_000_000, "larger than the 1,000,000 bytes"
    with catalogue(large) as running, pytest.raises(ResponseInvalid, match=why):
        ids(source(running.address, harvest={"max_bytes": 1_000_000}))


@pytest.mark.parametrize("body", ["{" * 100_000, '{"@context":{},"@graph":' + "[" * 100_000, "[" * 100_000])
def test_json_nested_without_end(tmp_path: Path, body: str) -> None:
    (tmp_path / "a.jsonld").write_text(body)
    with pytest.raises(ResponseInvalid):
        ids(source(path=tmp_path / "a.jsonld"))


def test_contexts_are_never_fetched(tmp_path: Path) -> None:
    with catalogue(b"{}") as running:
        data = {"@context": f"{running.address}/dcat.jsonld", "@id": "https://data.ville.fr/a", "@type": "Dataset"}
        (tmp_path / "a.jsonld").write_text(json.dumps({**data, "title": {"fr": "Jeu"}}))
        found = source(path=tmp_path / "a.jsonld")
        (record,) = found.records()
        assert isinstance(record, Record)
        assert '"Jeu"@fr' in record.payload.decode()
        assert running.asked == []


def test_one_bad_statement_costs_only_itself(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(
        PREFIXES.replace("> .\n@prefix foaf", ">\n@prefix foaf")  # a full stop is missing
        + dataset("a", '; unknown:p "x" ; dct:issued "2020-01-01"')
        + dataset("b", "; dct:license ; dct:modified '2020'")
        + '<https://data.ville.fr/dataset/c> a dcat:Dataset ; dct:title "C"\n\n'
        + dataset("d")
        + '<https://data.ville.fr/dataset/e> a dcat:Dataset ; dct:title "E"'
    )
    records = list(source(path=tmp_path / "a.ttl").records())
    assert [r.id.rsplit("/", 1)[-1] for r in records] == list("abcde")
    assert all(isinstance(r, Record) for r in records)
    first = records[0]
    assert isinstance(first, Record)
    assert b"2020-01-01" in first.payload


def test_one_bad_element_costs_only_itself(tmp_path: Path) -> None:
    head = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dcat="http://www.w3.org/ns/dcat#"'
        ' xmlns:dct="http://purl.org/dc/terms/">'
    )
    good = '<dcat:Dataset rdf:about="https://data.ville.fr/{0}"><dct:title>{0}</dct:title>{1}</dcat:Dataset>'
    text = good.format("a", "<dct:temporal><dcat:startDate>2025-01-01</dcat:startDate></dct:temporal>")
    (tmp_path / "a.rdf").write_text(head + text + good.format("b", "stray text") + good.format("c", "") + "<cut")
    records = list(source(path=tmp_path / "a.rdf").records())
    assert [r.id[-1] for r in records] == ["a", "b", "c"]
    first = records[0]
    assert isinstance(first, Record)
    assert b"2025-01-01" in first.payload


@pytest.mark.parametrize("folder", ["data/shapes/SEMICeu__DCAT-AP", "data/shapes/datosgobes__DCAT-AP-ES/examples"])
def test_official_examples_are_read_or_say_why_not(folder: str) -> None:
    """Documents that a strict parser refuses among them; a fragment without any dataset is said to be one."""
    found = [
        r for r in results(shared(folder)) if "example" in str(r.file) and r.file.suffix in {".ttl", ".jsonld", ".rdf"}
    ]
    assert not [r for r in found if r.failed]
    read = [r for r in found if not isinstance(r.record, Rejected)]
    assert len(read) > 20
    untitled = [r for r in read if r.reason and "title" in r.reason.en]
    assert sum(r.mapped is not None for r in read) == len(read) - len(untitled)


# ── what comes out ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_dataset_of_many_faults(tmp_path: Path) -> None:
    found = one(
        tmp_path,
        """<https://data.ville.fr/d> a dcat:Dataset ; dct:title "<b>Arbres</b> &amp; parcs"@fr_FR ;
        dct:description "DonnÃ©es"@fr ; dcat:keyword "arbres, parcs" ; dct:accrualPeriodicity "annuelle" ;
        dct:language "fr" ; dct:issued "le 12/03/2019" ; dct:modified "2025-11-14CET00:00:00"^^xsd:date ;
        dct:spatial <France entière> ; dct:temporal "de 2010 à 2015" ; dct:license "Licence Ouverte v2.0" ;
        dcat:contactPoint <jean@ville.fr> ; dct:publisher "Ville de Test" ; dcat:landingPage "www.ville.fr/page" ;
        dct:identifier "d" ; dcat:theme "Environnement" ;
        dcat:distribution [
            dcat:downloadURL <https://data.ville.fr/a b.csv> ; dct:format "text/csv" ; dcat:byteSize "12 Ko" ] .
        """,
    )
    text = "\n".join(lines(found))
    dct, dcat = "http://purl.org/dc/terms/", "http://www.w3.org/ns/dcat#"
    d = "<https://data.ville.fr/d>"
    eu = "http://publications.europa.eu/resource/authority/"
    for statement in (
        f'{d} <{dct}title> "Arbres & parcs"@fr-fr .',
        f'{d} <{dct}description> "Données"@fr .',
        f'{d} <{dcat}keyword> "parcs" .',
        f"{d} <{dct}accrualPeriodicity> <{eu}frequency/ANNUAL> .",
        f"{d} <{dct}language> <{eu}language/FRA> .",
        f'{d} <{dct}issued> "2019-03-12"^^<{XSD}date> .',
        f'{d} <{dct}modified> "2025-11-14"^^<{XSD}date> .',
        f"{d} <{dct}license> <{eu}licence/ETALAB_2_0> .",
        f"{d} <{dct}publisher> <https://c.example.org/agent/ville-de-test> .",
        f"{d} <{dcat}landingPage> <http://www.ville.fr/page> .",
        f"{d} <{dcat}theme> <{eu}data-theme/ENVI> .",
        f'<{dcat}startDate> "2010"^^<{XSD}gYear> .',
        "<http://www.w3.org/2006/vcard/ns#hasEmail> <mailto:jean@ville.fr> .",
        f"<{dcat}accessURL> <https://data.ville.fr/a%20b.csv> .",
        f"<{dct}format> <{eu}file-type/CSV> .",
        f'<{dcat}byteSize> "12288"^^<{XSD}nonNegativeInteger> .',
    ):
        assert statement in text, statement
    used = {r for e in found.ledger.entries for r in e.rule.split("+")}
    assert {"html", "mojibake", "keywords", "vocabulary", "date-form", "period-words", "iri-spaces", "email"} <= used


def test_licence_and_address_that_contradict_one_another(tmp_path: Path) -> None:
    by, label = "<http://creativecommons.org/licenses/by/4.0/>", "Licence Ouverte v2.0"
    found = one(tmp_path, dataset("a", f'; dct:license {by} .\n{by} dct:title "{label}"'))
    text = "\n".join(lines(found))
    assert "dc/terms/license>" not in text
    assert f'"{label}"' in text
    assert any(e.rule == "licence-conflict" for e in found.ledger.entries)


@pytest.mark.parametrize(
    ("iri", "kept"),
    [
        ("https://data.ville.fr/dataset/a", True),
        ("http://localhost/a", False),
        ("http://192.168.1.2/a", False),
        ("http://geoserver/a", False),
        ("file:///c:/a", False),
        ("relatif", False),
        ("https://data.ville.fr/csw?request=GetRecordById&id=a", False),
        ("https://data.ville.fr/api/action/package_show?id=a", False),
    ],
)
def test_iris_that_last_are_kept(tmp_path: Path, iri: str, kept: bool) -> None:
    (tmp_path / "a.ttl").write_text(PREFIXES + f'<{iri}> a dcat:Dataset ; dct:title "A" ; dct:identifier "x" .')
    found = source(path=tmp_path / "a.ttl")
    (record,) = found.records()
    assert isinstance(record, Record)
    assert (record.iri == iri) is kept
    text = found.map(record, identity(record), CONTEXT).dataset.canonical.decode()
    assert (f'<http://www.w3.org/2004/02/skos/core#notation> "{iri}" .' in text) is not kept


EU = "http://publications.europa.eu/resource/authority"
VALID = f"""<https://data.ville.fr/d> a dcat:Dataset ; dct:title "Arbres"@fr, "Trees"@en ;
    dct:description "Deux\\nlignes."@fr ; adms:versionNotes "Première"@fr ;
    dct:identifier "https://data.ville.fr/d" ; dcat:keyword "arbre"@fr ; dct:issued "2019-03-12"^^xsd:date ;
    dct:modified "2019-03-12T00:00:00"^^xsd:dateTime ; dcat:theme <{EU}/data-theme/ENVI> ;
    dct:publisher <https://data.ville.fr/org/1> ; dct:license <http://creativecommons.org/licenses/by/4.0/> ;
    dct:accrualPeriodicity <{EU}/frequency/ANNUAL> ; dct:spatial <{EU}/place/FRA_TLS> ;
    dcat:landingPage <https://data.ville.fr/d.html> ; dcat:contactPoint <https://data.ville.fr/c/1> ;
    dcat:distribution <https://data.ville.fr/d/csv> ;
    <https://example.org/own> "x"^^<https://example.org/type>, 12, true .
<https://data.ville.fr/d/csv> a dcat:Distribution ; dcat:accessURL <https://data.ville.fr/d.csv> ;
    dct:title "CSV"@fr ; dcat:byteSize "12"^^xsd:nonNegativeInteger ; dct:format <{EU}/file-type/CSV> .
<https://data.ville.fr/d.html> a foaf:Document .
<https://data.ville.fr/org/1> a foaf:Agent ; foaf:name "Ville"@fr .
<https://data.ville.fr/c/1> a vcard:Kind, vcard:Organization ; vcard:fn "Service" ; vcard:hasEmail <mailto:a@ville.fr> .
<http://creativecommons.org/licenses/by/4.0/> a dct:LicenseDocument .
"""


def test_what_came_in_valid_comes_out_unchanged(tmp_path: Path) -> None:
    found = one(tmp_path, VALID)
    given = {f"{q.triple} ." for q in parse(PREFIXES + VALID, format=RdfFormat.TURTLE)}
    added = lines(found) - given
    assert given - lines(found) == set()
    assert all("record/d>" in line for line in added), "only the catalogue record is new"
    assert {e.rule for e in found.ledger.entries} == {"unchanged"}


@pytest.mark.xdist_group("real")
def test_every_difference_of_the_real_catalogues_is_explained_by_a_rule() -> None:
    """Statement by statement: what a ledger calls unchanged is in the description, the rest says which rule and why."""
    differences: Counter[str] = Counter()
    for result in real("dcat"):
        if result.mapped is None or result.kind != "dcat" or not isinstance(result.record, Record):
            continue
        out = result.mapped.dataset.canonical.decode() + "".join(o.canonical.decode() for o in result.mapped.others)
        for entry in result.mapped.ledger.entries:
            if entry.rule == "unchanged":
                if (
                    "@" not in entry.value
                    and "\n" not in entry.value
                    and entry.value != "_:…"
                    and '"' not in entry.value
                ):
                    assert entry.value.replace("\\", "\\\\") in out or entry.value.lower() in out, entry
            else:
                differences[entry.rule] += 1
                assert entry.reason is not None, entry
                assert entry.fate in (Fate.MAPPED, Fate.UNMAPPED, Fate.IGNORED)
    assert sum(differences.values()) > 1000


@pytest.mark.xdist_group("real")
def test_dataset_counts_equal_those_of_ckanext_dcat() -> None:
    """On every document that both take for RDF; what its parser refuses, and we recover, comes on top."""
    with (Path(__file__).parent / "ckanext_dcat.csv").open(encoding="utf-8") as f:
        theirs = {row["file"]: int(row["datasets"]) for row in csv.DictReader(f)}
    ours: Counter[str] = Counter()
    dataset_ = b" <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Dataset> ."
    folder = shared("data/real")
    for result in everything():
        if result.kind == "dcat":
            record = result.record
            found = isinstance(record, Record) and record.data["root"].encode() + dataset_ in record.payload
            ours[str(result.file.relative_to(folder))] += found
    both = theirs.keys() & ours.keys()
    assert len(both) > 140
    assert {f: ours[f] for f in both} == {f: theirs[f] for f in both}
    assert sum(n for f, n in ours.items() if f not in theirs) > 30
