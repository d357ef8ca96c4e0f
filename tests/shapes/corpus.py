"""The corpus: real DCAT feeds, what the mapping makes of real records, a generated catalogue, and data all wrong."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pyoxigraph import Triple

from shapes.background import background
from shapes.graph import Graph, term
from shapes.read import SUFFIXES, read
from shapes.shapes_graph import ShapesGraph
from tests.harvest.mapping.test_opendatasoft import map_row, other_rows, portal_rows, real_rows
from tests.shapes.broken import everything_wrong
from tests.shared import shared
from vocab.errors import GaronneError, InputInvalid
from vocab.namespaces import DCAT, DCATAP, HVD_LEGISLATION, RDF

AP = "data/shapes/SEMICeu__DCAT-AP"
HAND_WRITTEN = {
    name: f"{AP}/3.0.1/html/shacl/{name}.ttl"
    for name in ("shapes", "range", "shapes_recommended", "deprecateduris", "mdr-vocabularies.shape")
}
GENERATED = (f"{AP}/3.0.1/shacl/dcat-ap-SHACL.ttl", f"{AP}/3.0.1/shacl/ranges.ttl")
HIGH_VALUE = tuple(f"{AP}/3.0.0-hvd/html/hvd-SHACL-{name}.ttl" for name in ("base", "usagenotes"))
GEOGRAPHIC = ("data/shapes/SEMICeu__GeoDCAT-AP/releases/2.0.0/geodcat-ap.shacl.ttl",)
OFFICIAL = (*HAND_WRITTEN.values(), *GENERATED, *HIGH_VALUE, *GEOGRAPHIC)


@cache
def corpus() -> dict[str, Graph]:
    """The real feeds, what the mapping makes of real records, a generated catalogue with known defects, and data that
    break every constraint of the official files, by name.
    """
    official = ShapesGraph(t for file in OFFICIAL for t in read(str(shared(file))).triples)
    found = {
        **_feeds(),
        "mapped": Graph.from_triples(_mapped()),
        "generated": Graph.from_triples(_generated(400)),
        "broken": Graph.from_triples(everything_wrong(official)),
    }
    return {name: graph for name, graph in found.items() if len(graph)}


def _feeds() -> dict[str, Graph]:
    folder = shared("data/real")
    places = [*sorted((folder / "dcat").rglob("*")), *sorted(folder.glob("opendatasoft/*/dcat/*"))]
    found = {}
    for place in places:
        if place.suffix.lstrip(".") in SUFFIXES and place.is_file():
            try:
                triples = read(str(place)).triples
            except InputInvalid:  # templates, settings and answers that are no RDF
                continue
            found[str(place.relative_to(folder))] = Graph.from_triples(triples)
    return found


def _mapped() -> Iterator[Triple]:
    for row in [*real_rows(), *other_rows(), *portal_rows(60)]:
        try:
            result = map_row(row)
        except (GaronneError, KeyError, TypeError):  # not every saved answer is a record
            continue
        for description in (result.dataset, *result.others):
            yield from description.triples


def _generated(datasets: int) -> tuple[Triple, ...]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "catalogue.nt"
        tool = str(shared("tools/catalogue.py"))
        subprocess.run([sys.executable, tool, str(datasets), str(file)], check=True, capture_output=True)
        return read(str(file)).triples


@cache
def declared() -> dict[str, Graph]:
    """The corpus again, with the regulation on high-value datasets cited by everything that can cite it."""
    cited = (str(DCATAP.applicableLegislation), f"<{HVD_LEGISLATION}>")
    found = {}
    for name, graph in corpus().items():
        column = graph.column(str(RDF.type))
        nodes = {
            n
            for kind in ("Dataset", "DatasetSeries", "Distribution", "DataService")
            for n in column.members(str(DCAT[kind]))
        }
        found[f"{name}, declared"] = Graph([*graph.lines(), *((node, *cited) for node in sorted(nodes))])
    return found


@cache
def documents() -> dict[str, Graph]:
    """Both, by name."""
    return corpus() | declared()


@cache
def known_to(document: str) -> Graph:
    """The background of a document."""
    lines = documents()[document].lines()
    return Graph.from_triples(background([Triple(*(term(part) for part in line)) for line in lines]))  # type: ignore[arg-type]
