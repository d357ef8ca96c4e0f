"""Reads the published copies of the vocabularies: SKOS in Turtle and RDF/XML, lists in CSV, IANA's registry in XML."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, parse

from vocab.namespaces import RDFS, SKOS

_DC = "http://purl.org/dc/elements/1.1/"
_AUTHORITY = "http://publications.europa.eu/ontology/authority/"
_FORMATS = {".ttl": RdfFormat.TURTLE, ".rdf": RdfFormat.RDF_XML, ".xml": RdfFormat.RDF_XML}


@dataclass
class Concept:
    """What one copy says of one concept: labels and alternative labels by language, links, codes by their origin."""

    iri: str
    labels: dict[str, str] = field(default_factory=dict)
    alternatives: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    same: list[str] = field(default_factory=list)
    broader: str = ""
    codes: list[tuple[str, str]] = field(default_factory=list)


def read_skos(path: Path, scheme: str) -> dict[str, Concept]:
    """The concepts of `scheme` in a SKOS file, by IRI. A node without `skos:inScheme` to it is not a concept."""
    by_subject: dict[str, list[Quad]] = defaultdict(list)
    for quad in parse(path=str(path), format=_FORMATS[path.suffix]):
        by_subject[quad.subject.value].append(quad)
    found = {}
    for iri, quads in by_subject.items():
        if any(q.predicate == SKOS.inScheme and q.object == NamedNode(scheme) for q in quads):
            found[iri] = _concept(iri, quads, by_subject)
    return found


def read_labels(path: Path, base: str) -> dict[str, Concept]:
    """The labelled nodes below `base` in a file that names no scheme."""
    found: dict[str, Concept] = {}
    for quad in parse(path=str(path), format=_FORMATS[path.suffix]):
        iri = quad.subject.value
        if isinstance(quad.subject, NamedNode) and iri.startswith(base):
            _take(found.setdefault(iri, Concept(iri)), quad)
    return found


def _concept(iri: str, quads: list[Quad], by_subject: dict[str, list[Quad]]) -> Concept:
    concept = Concept(iri)
    for quad in quads:
        _take(concept, quad)
        if isinstance(quad.object, BlankNode) and quad.predicate.value.endswith("op-mapped-code"):
            concept.codes.append(_mapped_code(by_subject[quad.object.value]))
    return concept


def _take(concept: Concept, quad: Quad) -> None:
    value = quad.object
    if isinstance(value, Literal):
        text = " ".join(value.value.split())
        if quad.predicate in (SKOS.prefLabel, RDFS.label):
            concept.labels.setdefault(value.language or "", text)
        elif quad.predicate == SKOS.altLabel:
            concept.alternatives[value.language or ""].append(text)
    elif isinstance(value, NamedNode):
        if quad.predicate == SKOS.exactMatch:
            concept.same.append(value.value)
        elif quad.predicate == SKOS.broader:
            concept.broader = value.value


def _mapped_code(quads: list[Quad]) -> tuple[str, str]:
    known = {q.predicate.value: q.object.value for q in quads if isinstance(q.object, Literal)}
    return known.get(_DC + "source", ""), known.get(_AUTHORITY + "legacy-code", "")


def read_csv(path: Path) -> Iterator[list[str]]:
    """The rows of a CSV file, as they are."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        yield from csv.reader(lines)


def read_iana(path: Path) -> Iterator[tuple[str, str]]:
    """Media types of IANA's registry file, each with the type that the registry names in its favour, or nothing."""
    tree: Any = etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True))
    assignments = {"a": "http://www.iana.org/assignments"}
    for registry in tree.findall("a:registry", assignments):
        for record in registry.findall("a:record", assignments):
            name = record.findtext("a:name", default="", namespaces=assignments)
            bare = re.split(r"[\s(]", name.strip(), maxsplit=1)[0]
            if bare:
                favoured = re.search(r"in favou?r of ([\w.+/-]+)", name)
                yield f"{registry.get('id')}/{bare}", favoured[1] if favoured else ""
