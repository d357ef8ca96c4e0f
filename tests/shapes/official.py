"""The shapes that Europe and its countries publish, and data to hold against them: made catalogues and real feeds."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pyoxigraph import RdfFormat, Triple, parse

from shapes.profiles import Profile
from shapes.read import SUFFIXES, read
from tests.shapes.w3c import in_memory
from tests.shared import shared
from vocab.errors import GaronneError
from vocab.namespaces import SH

_AP = "data/shapes/SEMICeu__DCAT-AP"
_21 = [f"{_AP}/2.1.1/dcat-ap_2.1.1_shacl_{part}.ttl" for part in ("shapes", "shapes_recommended", "range")]
_21 += [f"{_AP}/2.1.1/dcat-ap_2.1.1_shacl_{part}.ttl" for part in ("mdr-vocabularies.shape", "deprecateduris")]
_PARTS = ("shapes", "shapes_recommended", "range", "mdr-vocabularies.shape", "deprecateduris")
_300 = [f"{_AP}/3.0.0/html/shacl/{part}.ttl" for part in _PARTS]
_301 = [f"{_AP}/3.0.1/html/shacl/{part}.ttl" for part in _PARTS]
_NL = "data/shapes/Geonovum__DCAT-AP-NL30/shapes"
_DE = "data/shapes/GovDataOfficial__DCAT-AP.de-SHACL-Validation/validator/resources/v3.0/shapes"
_DE2 = "data/shapes/GovDataOfficial__DCAT-AP.de/Releases/DCAT-AP.de V2.0/shacl"
_ES = "data/shapes/datosgobes__DCAT-AP-ES/shacl/1.0.0"
_MOBILITY = "data/shapes/mobilityDCAT-AP__validation/shacl"

OFFICIAL = {
    **{Path(file).stem: [file] for file in _21},
    **{f"3.0.0 {Path(file).stem}": [file] for file in _300},
    **{f"3.0.1 {Path(file).stem}": [file] for file in _301},
    "2.1.1": _21,
    "3.0.0": _300,
    "3.0.1": _301,
    "3.0.0 generated": [f"{_AP}/3.0.0/shacl/dcat-ap-SHACL.ttl"],
    "3.0.1 generated": [f"{_AP}/3.0.1/shacl/dcat-ap-SHACL.ttl"],
    "3.0.1 ranges": [f"{_AP}/3.0.1/shacl/ranges.ttl"],
    "HVD 2.2.0": [f"{_AP}/2.2.0-hvd/html/hvd-SHACL-full.ttl"],
    "HVD 3.0.0": [f"{_AP}/3.0.0-hvd/html/hvd-SHACL-full.ttl"],
    "HVD 3.0.0 generated": [f"{_AP}/3.0.0-hvd/shacl/hvd-SHACL.ttl"],
    "GeoDCAT-AP 2": ["data/shapes/SEMICeu__GeoDCAT-AP/releases/2.0.0/geodcat-ap.shacl.ttl"],
    "DE 3.0 additions": [f"{_DE}/dcat-ap-spec-german-additions.ttl"],
    "DE 3.0 deprecated": [f"{_DE}/dcat-ap-de-deprecated.ttl"],
    "DE 3.0 vocabularies": [f"{_DE}/dcat-ap-de-controlledvocabularies.ttl"],
    "DE 2.0 conventions": [f"{_DE2}/dcat-ap-konventionen.ttl"],
    "CH": ["data/shapes/factsmission__dcat-ap-ch-shacl/ech-0200.shacl.ttl"],
    "CH ogdch": ["data/shapes/opendata-swiss__ogdch_checker/ogdch.shacl.ttl"],
    "ES": [
        *(f"{_ES}/shacl_{part}_shape.ttl" for part in ("catalog", "dataservice", "dataset", "distribution")),
        f"{_ES}/shacl_common_shapes.ttl",
        f"{_ES}/shacl_mdr-vocabularies.shape.ttl",
    ],
    "ES HVD": [
        *(f"{_ES}/hvd/shacl_{part}_hvd_shape.ttl" for part in ("dataservice", "dataset", "distribution")),
        f"{_ES}/hvd/shacl_common_hvd_shapes.ttl",
    ],
    "LU": ["data/shapes/meaningfy-ws__dcat-ap-lu/implementation/dcat_ap_lu/shacl_shapes/dcat_ap_lu_CM_shapes.ttl"],
    "NL": [f"{_NL}/dcat-ap-nl-SHACL.ttl"],
    "NL recommended": [f"{_NL}/dcat-ap-nl-SHACL-aanbevolen.ttl"],
    "NL ranges": [f"{_NL}/dcat-ap-nl-SHACL-klassebereik.ttl"],
    "NL vocabularies": [f"{_NL}/dcat-ap-nl-SHACL-klassebereik-codelijsten.ttl"],
    "NO": ["data/shapes/Informasjonsforvaltning__dcat-ap-no/shacl/DCAT-AP-NO-shacl_shapes_2.00.ttl"],
    "mobility": [f"{_MOBILITY}/mobilitydcat-ap-shacl.ttl"],
    "mobility ranges": [f"{_MOBILITY}/mobilitydcat-ap-shacl-ranges.ttl"],
}
"""Sets of official shapes by name: the files that are validated with together."""

FULL = "3.0.1"
"""The set that speed is measured with."""


@cache
def official(name: str) -> Profile:
    """A set of `OFFICIAL`, without references to shapes that no file holds: pySHACL refuses those."""
    statements: dict[Triple, None] = {}
    for number, file in enumerate(OFFICIAL[name]):
        statements.update(dict.fromkeys(read(str(shared(file)), blank=f"s{number}").triples))
    described = {t.subject for t in statements if t.predicate == SH.path}
    return in_memory(tuple(t for t in statements if t.predicate != SH.property or t.object in described), name)


@cache
def catalogue(datasets: int) -> tuple[Triple, ...]:
    """A catalogue with known faults, as the generator beside the project makes it."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "catalogue.nt"
        make_catalogue(datasets, made)
        body = made.read_bytes()
    return tuple(dict.fromkeys(quad.triple for quad in parse(body, format=RdfFormat.N_TRIPLES, lenient=True)))


def make_catalogue(datasets: int, place: Path) -> None:
    """Writes such a catalogue as N-Triples; the test is skipped where the generator is absent."""
    tool = shared("tools/catalogue.py")
    subprocess.run([sys.executable, str(tool), str(datasets), str(place)], capture_output=True, check=True)


FEEDS = "data/real/dcat"


def feeds() -> Iterator[tuple[str, tuple[Triple, ...]]]:
    """The real feeds, by the file's place; what cannot be read as RDF is left out (`test_read` accounts for those)."""
    folder = shared(FEEDS)
    for number, file in enumerate(sorted(folder.rglob("*"))):
        if file.is_file() and file.suffix.lstrip(".").lower() in SUFFIXES:
            try:
                found = read(str(file), blank=f"d{number}x").triples
            except GaronneError:
                continue
            yield str(file.relative_to(folder)), found
