"""Our engine against pySHACL: official and national shapes, on a catalogue with faults, give the same results."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Triple, parse

from shapes.engine import Engine, engine
from shapes.graph import Graph
from shapes.profiles import Profile
from shapes.read import read
from tests.shapes.w3c import Row, in_memory, row
from tests.shared import shared
from vocab.namespaces import SH


@cache
def kept(which: str) -> Engine:
    return engine(which)


def judged(which: str, data: Sequence[Triple], profile: Profile, *, keep: bool = False) -> Counter[Row]:
    judge = kept(which) if keep else engine(which)
    return Counter(row(finding) for finding in judge.validate(Graph.from_triples(data), [profile]))


def compare(data: Sequence[Triple], profile: Profile, *, keep: bool = False) -> int:
    """Both judge the same; gives the number of results."""
    ours, reference = (judged(which, data, profile, keep=keep) for which in ("garonne", "pyshacl"))
    assert sorted((ours - reference).elements(), key=str) == [], "only ours"
    assert sorted((reference - ours).elements(), key=str) == [], "only pySHACL's"
    return ours.total()


AP = "data/shapes/SEMICeu__DCAT-AP"
_21 = [f"{AP}/2.1.1/dcat-ap_2.1.1_shacl_{part}.ttl" for part in ("shapes", "shapes_recommended", "range")]
_21 += [f"{AP}/2.1.1/dcat-ap_2.1.1_shacl_{part}.ttl" for part in ("mdr-vocabularies.shape", "deprecateduris")]
_PARTS = ("shapes", "shapes_recommended", "range", "mdr-vocabularies.shape", "deprecateduris")
_300 = [f"{AP}/3.0.0/html/shacl/{part}.ttl" for part in _PARTS]
_301 = [f"{AP}/3.0.1/html/shacl/{part}.ttl" for part in _PARTS]
_NL = "data/shapes/Geonovum__DCAT-AP-NL30/shapes"
_DE = "data/shapes/GovDataOfficial__DCAT-AP.de-SHACL-Validation/validator/resources/v3.0/shapes"
_DE2 = "data/shapes/GovDataOfficial__DCAT-AP.de/Releases/DCAT-AP.de V2.0/shacl"
OFFICIAL = {
    **{Path(file).stem: [file] for file in _21},
    **{f"3.0.0 {Path(file).stem}": [file] for file in _300},
    **{f"3.0.1 {Path(file).stem}": [file] for file in _301},
    "2.1.1": _21,
    "3.0.0": _300,
    "3.0.1": _301,
    "3.0.0 generated": [f"{AP}/3.0.0/shacl/dcat-ap-SHACL.ttl"],
    "3.0.1 generated": [f"{AP}/3.0.1/shacl/dcat-ap-SHACL.ttl"],
    "3.0.1 ranges": [f"{AP}/3.0.1/shacl/ranges.ttl"],
    "HVD 2.2.0": [f"{AP}/2.2.0-hvd/html/hvd-SHACL-full.ttl"],
    "HVD 3.0.0": [f"{AP}/3.0.0-hvd/html/hvd-SHACL-full.ttl"],
    "HVD 3.0.0 generated": [f"{AP}/3.0.0-hvd/shacl/hvd-SHACL.ttl"],
    "GeoDCAT-AP 2": ["data/shapes/SEMICeu__GeoDCAT-AP/releases/2.0.0/geodcat-ap.shacl.ttl"],
    "DE 3.0 additions": [f"{_DE}/dcat-ap-spec-german-additions.ttl"],
    "DE 3.0 deprecated": [f"{_DE}/dcat-ap-de-deprecated.ttl"],
    "DE 2.0 conventions": [f"{_DE2}/dcat-ap-konventionen.ttl"],
    "CH": ["data/shapes/factsmission__dcat-ap-ch-shacl/ech-0200.shacl.ttl"],
    "NL": [f"{_NL}/dcat-ap-nl-SHACL.ttl"],
    "NL recommended": [f"{_NL}/dcat-ap-nl-SHACL-aanbevolen.ttl"],
    "NL ranges": [f"{_NL}/dcat-ap-nl-SHACL-klassebereik.ttl"],
    "NO": ["data/shapes/Informasjonsforvaltning__dcat-ap-no/shacl/DCAT-AP-NO-shacl_shapes_2.00.ttl"],
}
SILENT = {"dcat-ap_2.1.1_shacl_deprecateduris", "GeoDCAT-AP 2", "DE 3.0 additions", "DE 3.0 deprecated"}
"""Shapes that find no fault in the catalogue."""


@cache
def catalogue(datasets: int) -> tuple[Triple, ...]:
    """A catalogue with known faults, as the generator beside the project makes it."""
    tool = shared("tools/catalogue.py")
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "catalogue.nt"
        subprocess.run([sys.executable, str(tool), str(datasets), str(made)], capture_output=True, check=True)
        body = made.read_bytes()
    return tuple(dict.fromkeys(quad.triple for quad in parse(body, format=RdfFormat.N_TRIPLES, lenient=True)))


def official(*files: str) -> Profile:
    """The shapes of these files together, without references to shapes that no file holds: pySHACL refuses those."""
    statements: dict[Triple, None] = {}
    for number, file in enumerate(files):
        statements.update(dict.fromkeys(read(str(shared(file)), blank=f"s{number}").triples))
    described = {t.subject for t in statements if t.predicate == SH.path}
    return in_memory(tuple(t for t in statements if t.predicate != SH.property or t.object in described))


@pytest.mark.parametrize("name", OFFICIAL)
def test_official_shapes(name: str) -> None:
    assert bool(compare(catalogue(12), official(*OFFICIAL[name]))) != (name in SILENT)
