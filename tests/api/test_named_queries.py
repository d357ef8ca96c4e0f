"""What the named queries say is what the statements say, counted in another way."""

from __future__ import annotations

import io
import json

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, QueryResultsFormat, QueryTriples, Store

from api.queries import named_queries
from catalog import ordering
from catalog.rewriting import plan
from tests.bench.reference import build
from vocab.describe import vocabulary_graphs
from vocab.namespaces import DCAT, DCATAP, DCT, FOAF, RDF
from vocab.terms import table

BASE = "https://data.example.org/"
LAW = NamedNode("http://data.europa.eu/eli/reg_impl/2023/138/oj")
OPEN = {f"http://publications.europa.eu/resource/authority/licence/{name}" for name in ("CC_BY_4_0", "CC0")}
Row = dict[str, str]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A catalogue of 120 datasets, some of high value, with the vocabularies that every release has."""
    found = Store(str(build(tmp_path_factory.mktemp("reference") / "store", 120)))
    for name, triples in vocabulary_graphs():
        found.extend(Quad(*triple, NamedNode(name)) for triple in triples)
    return found


def rows(store: Store, name: str) -> list[Row]:
    """The answer, as a worker gives it."""
    planned = plan(named_queries(BASE)[name].text)
    results = store.query(planned.query, base_iri=BASE)
    assert not isinstance(results, QueryTriples)
    out = io.BytesIO()
    if planned.order is None:
        results.serialize(out, QueryResultsFormat.JSON)
    else:
        ordering.write(results, planned.order, out, QueryResultsFormat.JSON)  # type: ignore[arg-type]
    found = json.loads(out.getvalue())["results"]["bindings"]
    return [{name: cell["value"] for name, cell in row.items()} for row in found]


class Facts:
    """The statements of the default graph, looked up without SPARQL."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def subjects(self, predicate: NamedNode, value: NamedNode | None = None) -> set[str]:
        found = self.store.quads_for_pattern(None, predicate, value, DefaultGraph())
        return {str(getattr(q.subject, "value", q.subject)) for q in found}

    def values(self, subject: str, predicate: NamedNode) -> set[str]:
        found = self.store.quads_for_pattern(NamedNode(subject), predicate, None, DefaultGraph())
        return {str(q.object.value) for q in found}  # type: ignore[union-attr]

    def high_value(self) -> set[str]:
        datasets = self.subjects(RDF.type, DCAT.Dataset)
        return datasets & self.subjects(DCATAP.applicableLegislation, LAW) & self.subjects(DCATAP.hvdCategory)


def test_high_value_datasets_by_country(store: Store) -> None:
    facts = Facts(store)
    countries: dict[str, set[str]] = {}
    for catalogue in facts.subjects(RDF.type, DCAT.Catalog):
        for country in facts.values(catalogue, DCT.spatial):
            countries.setdefault(country, set()).update(facts.values(catalogue, DCAT.dataset) & facts.high_value())
    wanted = {country: len(found) for country, found in countries.items() if found}
    assert {row["country"]: int(row["datasets"]) for row in rows(store, "hvd-datasets")} == wanted
    assert wanted


def test_bulk_downloads_and_apis(store: Store) -> None:
    facts = Facts(store)
    lawful = facts.subjects(DCATAP.applicableLegislation, LAW)
    downloads, apis = set(), set()
    for dataset in facts.subjects(RDF.type, DCAT.Dataset) & lawful:
        for distribution in facts.values(dataset, DCAT.distribution) & lawful:
            downloads |= {(dataset, file) for file in facts.values(distribution, DCAT.downloadURL)}
            for service in facts.values(distribution, DCAT.accessService) & lawful:
                apis |= {(dataset, service, url) for url in facts.values(service, DCAT.endpointURL)}
        for service in facts.subjects(DCAT.servesDataset, NamedNode(dataset)) & lawful:
            apis |= {(dataset, service, url) for url in facts.values(service, DCAT.endpointURL)}
    assert {(r["dataset"], r["file"]) for r in rows(store, "hvd-downloads")} == downloads
    assert {(r["dataset"], r["service"], r["endpoint"]) for r in rows(store, "hvd-apis")} == apis
    assert downloads
    assert apis


def test_datasets_that_meet_the_conditions(store: Store) -> None:
    facts = Facts(store)
    lawful = facts.subjects(DCATAP.applicableLegislation, LAW)

    def licensed(thing: str) -> bool:
        given = facts.values(thing, DCT.license)
        mapped = {m for licence in given for p in _MAPPINGS for m in facts.values(licence, p)}
        return bool((given | mapped) & OPEN)

    def api(service: str) -> bool:
        return all(facts.values(service, p) for p in (DCAT.endpointURL, DCAT.contactPoint, FOAF.page))

    def meets(dataset: str) -> bool:
        for thing in facts.values(dataset, DCAT.distribution) & lawful:
            bulk = all(facts.values(thing, p) for p in (DCAT.accessURL, DCAT.downloadURL))
            if licensed(thing) and (bulk or any(map(api, facts.values(thing, DCAT.accessService)))):
                return True
        served = facts.subjects(DCAT.servesDataset, NamedNode(dataset)) & lawful
        return any(licensed(service) and api(service) for service in served)

    wanted = {dataset for dataset in facts.high_value() if meets(dataset)}
    assert {row["dataset"] for row in rows(store, "hvd-list")} == wanted
    assert 0 < len(wanted) <= len(facts.high_value())


def test_the_report_tells_how_each_dataset_is_offered(store: Store) -> None:
    found = rows(store, "hvd-report")
    assert {row["dataset"] for row in found} == Facts(store).high_value()
    offered = {r["dataset"] for r in found if "true" in (r["download"], r["distributionApi"], r["serviceApi"])}
    assert offered == {row["dataset"] for row in rows(store, "hvd-list")}
    assert {"true", "false"} >= {r[flag] for r in found for flag in ("download", "distributionApi", "serviceApi")}


def test_every_category_of_the_last_level_is_counted_also_where_there_is_none(store: Store) -> None:
    terms = list(table("hvd-category"))
    leaves = {t.iri for t in terms} - {t.broader for t in terms}
    facts = Facts(store)
    counts = {row["category"]: int(row["datasets"]) for row in rows(store, "hvd-subcategories")}
    assert set(counts) == leaves
    for category in leaves:
        assert counts[category] == len(facts.high_value() & facts.subjects(DCATAP.hvdCategory, NamedNode(category)))


def test_values_of_controlled_tables_are_counted(store: Store) -> None:
    facts = Facts(store)
    of = facts.subjects(RDF.type, DCAT.Distribution) & facts.subjects(DCT.license)
    known = {d for d in of if any("/authority/licence/" in value for value in facts.values(d, DCT.license))}
    found = {row["indicator"]: (int(row["with"]), int(row["of"])) for row in rows(store, "mqa-vocabularies")}
    assert found["license"] == (len(known), len(of))
    assert set(found) == {"accessRights", "format", "license", "mediaType", "theme"}


_MAPPINGS = [
    NamedNode(f"http://www.w3.org/2004/02/skos/core#{name}Match") for name in ("exact", "close", "broad", "narrow")
]


@pytest.mark.parametrize(
    ("name", "cls", "properties"),
    [
        ("mqa-findability", DCAT.Dataset, {"keyword": DCAT.keyword, "theme": DCAT.theme, "spatial": DCT.spatial}),
        ("mqa-accessibility", DCAT.Distribution, {"accessURL": DCAT.accessURL, "downloadURL": DCAT.downloadURL}),
        ("mqa-interoperability", DCAT.Distribution, {"format": DCT["format"], "mediaType": DCAT.mediaType}),
        ("mqa-reusability", DCAT.Distribution, {"license": DCT.license}),
        ("mqa-rights", DCAT.Dataset, {"contactPoint": DCAT.contactPoint, "publisher": DCT.publisher}),
        ("mqa-contextuality", DCAT.Dataset, {"issued": DCT.issued, "modified": DCT.modified}),
        ("mqa-sizes", DCAT.Distribution, {"byteSize": DCAT.byteSize}),
    ],
)
def test_indicators(store: Store, name: str, cls: NamedNode, properties: dict[str, NamedNode]) -> None:
    facts = Facts(store)
    things = facts.subjects(RDF.type, cls)
    found = {row["indicator"]: (int(row["with"]), int(row["of"])) for row in rows(store, name)}
    for indicator, predicate in properties.items():
        assert found[indicator] == (len(things & facts.subjects(predicate)), len(things)), indicator
