"""The fields of OpenDataSoft's form that the shapes name: real ones, and none that the mapping fills is forgotten."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from pyoxigraph import Literal, NamedNode

from catalog.errors import RecordInvalid
from harvest.mapping.reader import UNCLAIMED
from shapes.overlay import LENT, ODS_FIELD
from shapes.shapes_graph import ShapesGraph, path_in_words
from tests.harvest.mapping.support import mapped
from tests.harvest.mapping.test_opendatasoft import map_row, other_rows, portal_rows, real_rows
from tests.shapes.own_profiles import own, property_shapes
from vocab.namespaces import RDF, SH

PROFILES = (*LENT, "garonne")

COMPUTED = {
    ("Dataset", "dcat:landingPage"): "the portal's own page of the dataset",
    ("Distribution", "dcat:accessService"): "the portal's API",
    ("Distribution", "dcat:byteSize"): "the size of the file as it was uploaded",
    ("Distribution", "dct:modified"): "when the portal last processed the data",
    ("Distribution", "dct:issued"): "when the file was uploaded",
    ("Distribution", "dct:conformsTo"): "the columns of the table",
    ("Distribution", "dct:accessRights"): "the visibility of the dataset",
    ("Distribution", "dcatap:availability"): "a promise of the portal",
    ("Concept", "skos:notation"): "the code of a list",
    ("Agent", "dct:identifier"): "the register of publishers",
}
"""What the mapping writes and no field of a dataset's form repairs."""

CLASSES = ("Dataset", "Distribution", "Agent", "Kind", "Location", "PeriodOfTime", "Identifier")


def named() -> dict[str, list[str]]:
    """The fields that each property shape names, by profile and local name."""
    found = {}
    for profile in PROFILES:
        graph = ShapesGraph(own(profile).triples)
        for local, shape in property_shapes(profile).items():
            found[f"{profile} {local}"] = [v.value for v in graph.values(shape, ODS_FIELD) if isinstance(v, Literal)]
    return found


def test_every_field_is_one_that_the_mapping_reads() -> None:
    for field in sorted({field for fields in named().values() for field in fields}):
        template, _, name = field.partition(".")
        fields: dict[str, Any] = {"metas": {template: {name: "text"}}} if name else {template: "text"}
        entries = [e for e in mapped(**fields).mapped.ledger.entries if e.field in (field, template)]
        assert entries, field
        assert all(e.rule != UNCLAIMED for e in entries), field


def produced() -> dict[str, set[str]]:
    """The properties that the mapping of every real record, and of the loopback portal's, writes on each class."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in [*real_rows(), *other_rows(), *portal_rows(40)]:
        try:
            result = map_row(row)
        except (RecordInvalid, KeyError, TypeError):
            continue
        triples = [t for d in (result.dataset, *result.others) for t in d.triples]
        classes = {t.subject: str(t.object.value) for t in triples if t.predicate == RDF.type}  # type: ignore[union-attr]
        for t in triples:
            if t.subject in classes:
                name = classes[t.subject].replace("#", "/").rsplit("/", 1)[-1]
                found["Agent" if name == "Organization" else name].add(path_in_words(t.predicate.value))
    return found


def test_no_property_that_the_mapping_fills_lacks_its_field() -> None:
    filled = produced()
    assert len(filled["Dataset"]) > 20
    checked = 0
    for profile in LENT:
        graph = ShapesGraph(own(profile).triples)
        for local, shape in property_shapes(profile).items():
            path = graph.value(shape, SH.path)
            key = (local.partition("-")[0], path_in_words(path.value) if isinstance(path, NamedNode) else "")
            if key[0] in CLASSES and key[1] in filled[key[0]] and key not in COMPUTED:
                checked += 1
                assert graph.values(shape, ODS_FIELD), f"{profile}: {local}"
    assert checked > 50
