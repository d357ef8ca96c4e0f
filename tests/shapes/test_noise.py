"""Noise is what the published shapes report on correct data, and nothing else: every injected fault stays a fault."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest

from shapes.background import background
from shapes.engine import engine
from shapes.finding import Finding
from shapes.graph import Graph
from shapes.noise import Sieve, causes, named
from shapes.profiles import DEFAULTS, Profile, profile
from shapes.read import read
from shapes.text import Text, curie
from tests.shapes.catalogues import CORRECT, triples
from tests.shared import shared
from vocab.namespaces import FOAF

DATASETS = 1200
PATHS = {
    "ds_no_title": "dct:title",
    "ds_no_desc": "dct:description",
    "ds_title_iri": "dct:title",
    "ds_theme_lit": "dcat:theme",
    "ds_pub_x2": "dct:publisher",
    "ds_pub_lit": "dct:publisher",
    "ds_ar_x2": "dct:accessRights",
    "ds_bad_freq": "dct:accrualPeriodicity",
    "ds_contact_lit": "dcat:contactPoint",
    "ds_id_iri": "dct:identifier",
    "ds_spres_str": "dcat:spatialResolutionInMeters",
    "ds_tempres_bad": "dcat:temporalResolution",
    "ds_lang_lit": "dct:language",
    "ds_spatial_lit": "dct:spatial",
    "ds_theme_foreign": "dcat:theme",
    "ds_landing_lit": "dcat:landingPage",
    "ds_modified_str": "dct:modified",
    "ds_version_x2": "dcat:version",
    "ds_dist_missing_type": "dcat:distribution",
    "ds_issued_bad": "dct:issued",
    "di_no_access": "dcat:accessURL",
    "di_access_lit": "dcat:accessURL",
    "di_format_lit": "dct:format",
    "di_size_dec": "dcat:byteSize",
    "di_size_str": "dcat:byteSize",
    "di_lic_x2": "dct:license",
    "di_mt_lit": "dcat:mediaType",
    "di_mod_bad": "dct:modified",
    "di_csum_noalg": "spdx:algorithm",
    "di_rights_lit": "dct:rights",
    "di_title_iri": "dct:title",
    "di_status_old": "adms:status",
    "di_lang_lit": "dct:language",
    "di_avail_lit": "dcatap:availability",
    "di_tempres_str": "dcat:temporalResolution",
    "di_issued_x2": "dct:issued",
}
"""Each kind of defect that the generator injects, and the property it spoils."""
NOT_SEEN = {"ds_issued_bad", "ds_modified_str"}
"""The official file writes `sh:shape` for `sh:node`, so it never looks at these two."""


@dataclass
class Catalogue:
    graph: Graph
    known: Graph
    defects: list[tuple[str, str]]


@dataclass
class Judged:
    """The findings by (focus or dataset, property), and which of them are noise."""

    faults: dict[tuple[str, str], list[Finding]]
    noise: Counter[str]
    total: int


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    file = tmp_path_factory.mktemp("catalogue") / "catalogue.nt"
    command = [sys.executable, str(shared("tools/catalogue.py")), str(DATASETS), str(file)]
    subprocess.run(command, check=True, capture_output=True)
    made = read(str(file)).triples
    defects = json.loads(Path(f"{file}.defects.json").read_text())
    return Catalogue(Graph.from_triples(made), Graph.from_triples(background(made)), [(k, i) for k, i in defects])


def official(*files: str) -> Profile:
    return Profile("official", Text("", ""), tuple(str(shared(f"data/shapes/SEMICeu__DCAT-AP/{f}")) for f in files))


FULL = tuple(
    f"3.0.1/html/shacl/{name}.ttl"
    for name in ("shapes", "shapes_recommended", "range", "mdr-vocabularies.shape", "deprecateduris")
)
TWO = tuple(
    f"2.1.1/dcat-ap_2.1.1_shacl_{name}.ttl"
    for name in ("shapes", "shapes_recommended", "range", "mdr-vocabularies.shape", "deprecateduris")
)


def judged(catalogue: Catalogue, *shapes: Profile) -> Judged:
    found = engine().validate(catalogue.graph, shapes, catalogue.known)
    sieve = Sieve((t for p in shapes for t in p.triples), catalogue.graph)
    faults: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    noise: Counter[str] = Counter()
    for finding in found:
        cause = sieve.noise(finding)
        if cause is not None:
            noise[cause.id] += 1
            continue
        for place in {finding.focus.strip("<>"), finding.dataset} - {""}:
            faults[place, curie(finding.path)].append(finding)
    return Judged(faults, noise, len(found))


@pytest.fixture(scope="module")
def by_the_official(catalogue: Catalogue) -> Judged:
    return judged(catalogue, official(*FULL))


@pytest.fixture(scope="module")
def by_ours(catalogue: Catalogue) -> Judged:
    return judged(catalogue, *(profile(name) for name in DEFAULTS))


def injected(catalogue: Catalogue, kind: str) -> list[str]:
    """The nodes that really bear this defect: some are on properties or nodes that the generator left out."""
    untyped = {f"{iri}/dist/0" for name, iri in catalogue.defects if name == "ds_dist_missing_type"}
    found = [iri for name, iri in catalogue.defects if name == kind and iri not in untyped]
    if kind == "ds_spres_str":
        found = [iri for iri in found if int(iri.rsplit("/", 1)[1]) % 4 == 0]
    return found


@pytest.mark.parametrize("kind", sorted(PATHS))
def test_every_kind_of_defect_is_found_and_none_is_taken_for_noise(
    catalogue: Catalogue, by_the_official: Judged, by_ours: Judged, kind: str
) -> None:
    nodes = injected(catalogue, kind)
    assert nodes, "the generator injected none"
    for node in nodes:
        place = node.split("/dist/")[0] if kind == "di_csum_noalg" else node
        assert by_ours.faults[place, PATHS[kind]], f"ours misses it on {node}"
        if kind not in NOT_SEEN:
            assert by_the_official.faults[place, PATHS[kind]], f"the official shapes miss it on {node}"


def test_the_generator_knows_no_kind_beside_these(catalogue: Catalogue) -> None:
    assert {kind for kind, _ in catalogue.defects} == set(PATHS)
    assert len(PATHS) == 36


def test_nine_tenths_of_what_the_official_shapes_report_are_four_causes(by_the_official: Judged) -> None:
    assert set(by_the_official.noise) == {
        "spdx-https",
        "status-outdated-list",
        "media-type-untyped",
        "publisher-not-eu-body",
    }
    assert 0.88 < by_the_official.noise.total() / by_the_official.total < 0.93


def test_our_own_shapes_make_no_noise(by_ours: Judged) -> None:
    assert not by_ours.noise
    assert by_ours.total


def test_the_agent_without_a_name_is_a_fault(by_the_official: Judged) -> None:
    assert by_the_official.faults["https://data.ville.example/id/org/19", "foaf:name"]


def test_version_2_and_the_high_value_shapes(catalogue: Catalogue) -> None:
    two = judged(catalogue, official(*TWO))
    assert {"spdx-sha1-only", "status-2-list", "size-decimal", "media-type-untyped"} <= set(two.noise)
    for kind in ("di_size_str", "di_csum_noalg", "di_mt_lit"):
        for node in injected(catalogue, kind):
            place = node.split("/dist/")[0] if kind == "di_csum_noalg" else node
            assert two.faults[place, PATHS[kind]], node
    hvd = judged(catalogue, official("3.0.0-hvd/html/hvd-SHACL-full.ttl"))
    assert hvd.noise["hvd-law-undeclared"] > DATASETS
    legislation = [place for place, path in hvd.faults if path == "dcatap:applicableLegislation"]
    assert not legislation, "datasets that declare the law, and their distributions, all cite it"


ALGORITHM = "spdx:algorithm spdx:checksumAlgorithm_sha256"
TEXT_CSV = "<https://www.iana.org/assignments/media-types/text/csv>"
STATUS = "<http://publications.europa.eu/resource/authority/distribution-status/COMPLETED>"


def noise_of(*changes: tuple[str, str]) -> dict[str, int]:
    text = CORRECT
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    data = triples(text)
    graph = Graph.from_triples(data)
    shapes = official(*FULL)
    found = engine().validate(graph, [shapes], Graph.from_triples(background(data)))
    sieve = Sieve(shapes.triples, graph)
    return dict(Counter(cause.id for one in found if (cause := sieve.noise(one)) is not None))


@pytest.mark.parametrize(
    ("cause", "change"),
    [
        ("spdx-https", (ALGORITHM, "spdx:algorithm spdx:checksumAlgorithm_sha257")),
        ("spdx-https", (ALGORITHM, 'spdx:algorithm "sha256"')),
        ("status-outdated-list", (STATUS, STATUS.replace("COMPLETED", "DONE"))),
        ("status-outdated-list", (STATUS, '"fini"')),
        ("publisher-not-eu-body", (' ; foaf:name "Ville d’Exemple"@fr', "")),
        ("theme-beside-european", ("<http://publications.europa.eu/resource/authority/data-theme/ENVI> , ", "")),
    ],
)
def test_a_wrong_value_is_no_noise_where_a_right_one_is(cause: str, change: tuple[str, str]) -> None:
    assert noise_of().get(cause)
    assert noise_of(change).get(cause, 0) < noise_of()[cause]


def test_a_media_type_that_is_not_registered_is_a_fault() -> None:
    right = noise_of((TEXT_CSV, "<http://www.iana.org/assignments/media-types/text/csv>"))
    wrong = noise_of((TEXT_CSV, "<http://www.iana.org/assignments/media-types/text/cvs>"))
    assert right["media-type-untyped"] == 1
    assert "media-type-untyped" not in wrong


GENERATED = official("3.0.1/shacl/dcat-ap-SHACL.ttl")


@pytest.mark.parametrize(("kind", "noise"), [("Dataset", 1), ("DataService", 1), ("Catalog", 1), ("Distribution", 0)])
def test_the_topic_of_a_record_is_a_resource_without_saying_so(kind: str, noise: int) -> None:
    prefixes = "".join(f"{line}\n" for line in CORRECT.splitlines() if line.startswith("@prefix"))
    data = triples(f"{prefixes}<#record> a dcat:CatalogRecord ; foaf:primaryTopic <#topic> . <#topic> a dcat:{kind} .")
    graph = Graph.from_triples(data)
    found = [f for f in engine().validate(graph, [GENERATED]) if f.path == FOAF.primaryTopic.value]
    sieve = Sieve(GENERATED.triples, graph)
    assert len(found) == 1
    assert [one.id for f in found if (one := sieve.noise(f)) is not None] == ["resource-subclass"] * noise


def test_every_row_says_why_in_both_languages_and_where_that_is_written() -> None:
    rows = causes()
    assert len({row.id for row in rows}) == len(rows)
    assert len({(row.path, row.component, row.argument) for row in rows}) == len(rows)
    for row in rows:
        assert row.reference
        assert row.reason.fr.endswith(".")
        assert row.reason.en.endswith(".")
        assert named(row.id) == row
    assert named("x") is None
