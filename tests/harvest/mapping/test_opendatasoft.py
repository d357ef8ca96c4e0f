"""Whole records, real ones, through all rules: complete ledgers, the same bytes, and the official shapes."""

from __future__ import annotations

import copy
import json
import random
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import pyshacl
import pytest
from pyoxigraph import NamedNode, RdfFormat, parse
from rdflib import OWL, RDF, Graph, Namespace, URIRef

from catalog.errors import RecordInvalid
from catalog.model import Description, Fate, Kind, Mapped
from harvest.mapping.checks import DEFAULTS
from harvest.mapping.formats import EXPORTS
from harvest.mapping.opendatasoft import RULES, admission, map_record, portal_of
from harvest.ods_record import is_empty, is_geojson, normalise
from tests.harvest.mapping.support import BASE, context, dataset, identity, mapped, record
from tests.shared import ROOT, shared
from vocab.describe import describe

REAL = "data/real/opendatasoft"
SH = Namespace("http://www.w3.org/ns/shacl#")


def real_rows() -> list[dict[str, Any]]:
    text = shared(f"{REAL}/derived/public-portal-2015.v21.json").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = json.loads(text)["results"]
    return rows


def other_rows() -> Iterator[Any]:
    """Every record of the other captured OpenDataSoft files, of whichever version."""
    folder = shared(REAL)
    for path in sorted(folder.rglob("*.json")):
        if path.parent.name in {"derived", "dcat"}:
            continue
        data = json.loads(path.read_text(encoding="utf-8"))
        yield from data.get("results") or data.get("datasets") or [data]


def portal_rows(count: int, **control: int) -> list[dict[str, Any]]:
    """Records as the loopback portal makes them, with its defects if asked."""
    tools = str(shared("tools"))
    sys.path.insert(0, tools)
    try:
        from portal import Portal  # type: ignore[import-not-found]  # a tool beside the project, not a package of it
    finally:
        sys.path.remove(tools)
    made = Portal(count)
    for key, value in control.items():
        setattr(made, key, value)
    return [made.get(i) for i in range(count)]


def name_of(row: dict[str, Any]) -> str:
    return str(row.get("dataset_id") or row.get("datasetid") or row["dataset"]["dataset_id"])


def map_row(row: dict[str, Any], **settings: Any) -> Mapped:
    return map_record(record(row, name_of(row)), identity(name_of(row)), context(**settings))


def leaves(value: Any) -> int:
    """How many non-empty values there are, counted without the code under test."""
    if is_geojson(value):
        return 1
    if isinstance(value, dict):
        return sum(leaves(v) for v in value.values())
    if isinstance(value, list):
        return sum(leaves(v) for v in value)
    return 0 if is_empty(value) else 1


# ── the ledger ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_all_186_real_records_are_mapped_and_every_value_is_accounted_for() -> None:
    rows = real_rows()
    assert len(rows) == 186
    for row in rows:
        ledger = map_row(row).ledger
        assert len(ledger.entries) == leaves(row), row["dataset_id"]
        assert sum(ledger.counts()) == leaves(row)
        for entry in ledger.entries:
            assert entry.rule
            assert entry.reason or entry.fate is Fate.MAPPED, entry


def mapped_or_refused(row: Any) -> Mapped | RecordInvalid:
    try:
        normalise(row)
        return map_row(row)
    except RecordInvalid as error:
        return error


def test_the_other_captured_records_are_mapped_or_refused_in_words() -> None:
    outcomes = [(row, mapped_or_refused(row)) for row in other_rows()]
    refused = [outcome for _, outcome in outcomes if isinstance(outcome, RecordInvalid)]
    done = [(row, outcome) for row, outcome in outcomes if isinstance(outcome, Mapped)]
    assert (len(done), len(refused)) == (15, 5)
    assert all(error.hint for error in refused)
    for row, outcome in done:
        assert len(outcome.ledger.entries) == leaves(normalise(row).data)


def test_each_rule_is_listed_once_and_says_what_it_does() -> None:
    assert len(set(RULES)) == len(RULES)
    assert all(rule.__doc__ for rule in RULES)


# ── the same bytes ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_record_gives_the_same_bytes() -> None:
    for row in portal_rows(60):
        first, second = map_row(row), map_row(json.loads(json.dumps(row)))
        assert first.dataset.canonical == second.dataset.canonical
        assert [o.canonical for o in first.others] == [o.canonical for o in second.others]
        assert first.ledger == second.ledger


def test_descriptions_are_canonical() -> None:
    for row in portal_rows(186):
        result = map_row(row)
        for one in (result.dataset, *result.others):
            assert Description.of(one.iri, one.kind, one.slug, one.triples).canonical == one.canonical


def test_what_is_said_of_an_agent_does_not_depend_on_the_order_of_records() -> None:
    rows = portal_rows(40)
    forth = {o.iri: o for row in rows for o in map_row(row).others}
    back = {o.iri: o for row in reversed(rows) for o in map_row(row).others}
    assert forth.keys() == back.keys()
    assert {o.kind for o in forth.values()} == {Kind.AGENT, Kind.CONCEPT, Kind.SERVICE}


# ── conformance ──────────────────────────────────────────────────────────────────────────────────────────────────────


def graph_of(results: Iterable[Mapped]) -> Graph:
    """All that would be published: descriptions, the dates that publication adds, and the terms in use."""
    lines: dict[str, None] = {}
    for one in results:
        for described in (one.dataset, *one.others):
            lines |= dict.fromkeys(described.canonical.decode().split("\n"))
        lines[f'<{BASE}record/{one.dataset.slug}> <http://purl.org/dc/terms/modified> "2026-11-22T03:00:00Z"'
              "^^<http://www.w3.org/2001/XMLSchema#dateTime> ."] = None  # fmt: skip
    quads = parse("\n".join(lines).encode(), format=RdfFormat.N_TRIPLES)
    named = {q.object.value for q in quads if isinstance(q.object, NamedNode)}
    background = (f"{t} ." for iri in sorted(named) for t in describe(iri))
    return Graph().parse(data="\n".join((*lines, *background)), format="nt")


def official_shapes() -> Graph:
    shapes = Graph()
    for name in ("shapes.ttl", "range.ttl"):
        shapes.parse(shared(f"data/shapes/SEMICeu__DCAT-AP/3.0.1/html/shacl/{name}"))
    shapes.remove((None, OWL.imports, None))
    return shapes


def violations(data: Graph) -> set[tuple[str, str, str]]:
    _, report, _ = pyshacl.validate(data, shacl_graph=official_shapes())
    assert isinstance(report, Graph)
    return {
        (
            str(report.value(r, SH.focusNode)),
            str(report.value(r, SH.resultPath)).rsplit("/", 1)[-1],
            str(report.value(r, SH.sourceConstraintComponent)).rsplit("#", 1)[-1],
        )
        for r in report.objects(None, SH.result)
    }


def test_the_official_shapes_find_nothing_but_the_descriptions_that_the_source_lacks() -> None:
    rows = real_rows()
    without = {r["dataset_id"] for r in rows if not r["metas"]["default"]["description"]}
    assert len(without) == 7
    found = violations(graph_of(map_row(r) for r in rows))
    assert found == {(f"{BASE}dataset/{name}", "description", "MinCountConstraintComponent") for name in without}


def rich_row() -> dict[str, Any]:
    """A record that makes every rule speak."""
    box = {"type": "Polygon", "coordinates": [[[1.3, 43.5], [1.5, 43.5], [1.5, 43.7], [1.3, 43.7], [1.3, 43.5]]]}
    return dataset(
        {
            "default": {
                "description": "Les arbres",
                "theme": ["Environnement"],
                "keyword": ["arbre"],
                "license": "Licence Ouverte v2.0 (Etalab)",
                "license_url": "https://www.etalab.gouv.fr/licence",
                "modified": "2024-01-01T00:00:00Z",
                "data_processed": "2024-01-02T00:00:00Z",
                "metadata_processed": "2024-01-03T00:00:00Z",
                "publisher": "Ville de Blagnac",
                "references": "https://example.org/a https://example.org/b",
                "attributions": ["IGN", "OSM"],
                "geographic_reference": ["fr_60_243100518"],
                "territory": ["Toulouse Métropole"],
                "bbox": box,
                "language": "fr",
            },
            "dcat": {
                "creator": "IGN",
                "contributor": "OSM",
                "contact_email": "a@example.org",
                "accrualperiodicity": "Annuelle",
                "spatial": "Ailleurs",
                "temporal": "2011-2012",
                "granularity": "5 m",
                "dataquality": "Bonne",
                "publisher_type": "LocalAuthority",
                "conforms_to": "scdl/deliberations",
                "relation": "https://example.org/autre",
                "created": "2020-01-01",
                "issued": "2020-01-02",
            },
            "dcat_ap": {"hvd_category": "http://data.europa.eu/bna/c_04bf94a3"},
            "inspire": {"theme": "Adresses", "file_identifier": "fr-1"},
        },
        dataset_uid="da_1",
        has_records=True,
        visibility="domain",
        features=["geo"],
        attachments=[
            {"id": "n_pdf", "mimetype": "application/pdf", "title": "N"},
            {"id": "x_csv", "mimetype": "text/csv"},
        ],
        alternative_exports=[{"id": "g_zip", "mimetype": "application/zip", "title": "g.zip"}],
        fields=[{"name": "id", "label": "Id", "type": "text"}, {"name": "h", "label": "H", "type": "double"}],
    )


def test_a_record_with_everything_conforms() -> None:
    data = graph_of([map_row(rich_row(), exports=("xlsx", "parquet", "fgb"))])
    assert violations(data) == set()
    dcat = Namespace("http://www.w3.org/ns/dcat#")
    assert len(set(data.subjects(RDF.type, dcat.Distribution))) == 10
    assert (URIRef(f"{BASE}dataset/arbres"), dcat.landingPage, None) in data


def test_high_value_shapes() -> None:
    """The HVD shapes ask of the dataset, its distributions and its service what the regulation wants."""
    text = map_row(rich_row()).dataset.canonical.decode()
    law = "<http://data.europa.eu/eli/reg_impl/2023/138/oj>"
    bearers = {line.split(" ")[0] for line in text.splitlines() if line.endswith(f"{law} .")}
    assert {f"<{BASE}dataset/arbres{p}>" for p in ("", "/service", "/distribution/csv", "/distribution/api")} <= bearers
    assert "servesDataset" not in text


# ── bad records ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_portals_broken_records() -> None:
    rows = portal_rows(6, bad=6)
    outcomes = [_told(mapped_or_refused(row)) for row in rows]
    assert "no title" in outcomes[0]
    assert "default.modified" in outcomes[1]
    assert "default.keyword.a" in outcomes[2]
    assert "default.references" in outcomes[3]
    assert "no `metas`" in outcomes[4]
    assert "not a text: 12" in outcomes[5]


def _told(outcome: Mapped | RecordInvalid) -> str:
    if isinstance(outcome, RecordInvalid):
        return outcome.message
    return " ".join(e.field for e in outcome.ledger.entries if e.fate is Fate.UNMAPPED and not e.table)


def test_half_a_surrogate_pair_is_replaced() -> None:
    found = mapped({"default": {"title": "A\ud83d", "keyword": ["\U0001f333"]}, "custom": {"x": "\udc00"}})
    assert found.objects("title") == ['"A\ufffd"@fr']
    assert found.objects("keyword") == ['"\U0001f333"@fr']
    assert found.entry("custom.x").value == "\ufffd"


JUNK: list[Any] = [
    *(None, "", " ", 0, -1, 3.5, float("inf"), float("nan"), True, "x", "<p>", "http://[oops", 'é\u2028\x85"\\\n\x00'),
    *("2020-13-45T99:99", "0000-01-01", "9999-12-31T23:59:59+00:00", "٢٠١١-٠١-٠١", "²", "mailto:x", "-90,-180,90,180"),
    *(
        [],
        {},
        [[]],
        [{}],
        [None],
        ["a", 1, {"b": [2]}],
        {"a": 1},
        {"type": ["x"]},
        {"type": "Feature", "geometry": None},
    ),
    *({"type": "Polygon", "coordinates": [[["a", 1]]]}, {"type": "Point", "coordinates": [1, 2]}, "a" * 5000),
]


def places_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in the record, as keys from the top; keys of objects and of lists alike."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield (*path, key)
        yield from places_in(child, (*path, key))


def test_junk_anywhere_is_mapped_or_refused_and_never_breaks() -> None:
    chance = random.Random(20261122)  # noqa: S311  the same junk each time
    for _ in range(1500):
        row = copy.deepcopy(rich_row())
        *path, last = chance.choice(list(places_in(row)))
        parent: Any = row
        for key in path:
            parent = parent[key]
        parent[last] = copy.deepcopy(chance.choice(JUNK))
        try:
            result = map_record(record(row), identity(), context())
        except RecordInvalid:
            continue
        assert len(result.ledger.entries) == leaves(normalise(row).data), (path, last, parent[last])
        assert len(result.dataset.triples) > 10  # it parses


# ── admission ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (dataset(visibility="domain", data_visible=True), None),
        (dataset(), None),
        (dataset(visibility="restricted"), "restricted"),
        (dataset(visibility="private"), "private"),
        (dataset(data_visible=False), "data hidden"),
        (dataset({"default": {"federated": True, "source_domain_address": "data.example.fr"}}), "data.example.fr"),
    ],
)
def test_who_may_be_published(row: dict[str, Any], words: str | None) -> None:
    reason = admission(normalise(row), context())
    if words is None:
        assert reason is None
    else:
        assert reason is not None
        assert words in reason.en
        assert reason.fr != reason.en


def test_federated_datasets_are_taken_where_the_settings_say_so() -> None:
    assert admission(normalise(dataset({"default": {"federated": True}})), context(federated=True)) is None


def test_the_portal_is_found_in_the_records_links() -> None:
    row = json.loads(shared(f"{REAL}/geonetwork__core-geonetwork/ods_v2.0.json").read_text(encoding="utf-8"))
    assert portal_of(normalise(row), context(portal="")) == "https://www.pndb.fr"
    assert portal_of(normalise(row), context(portal="https://x.example/")) == "https://x.example"
    assert portal_of(normalise(dataset(_links=[3, {"rel": "self", "href": "javascript:x"}])), context(portal="")) == ""


def test_the_documentation_names_every_rule_and_every_default() -> None:
    page = (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")
    for rule in RULES:
        assert f"`{rule.__name__}`" in page, rule.__name__
    for key in DEFAULTS:
        assert f"`{key}`" in page, key
    for key in EXPORTS:
        assert f"`{key}`" in page, key
