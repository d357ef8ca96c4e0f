"""Lineage, and conformity to the rules of INSPIRE and to other specifications."""

from __future__ import annotations

import re

from pyoxigraph import Literal, NamedNode

from harvest.graph.model import Node
from harvest.iso.document import Element, find, first, href, value
from harvest.iso.identification import INSPIRE
from harvest.iso.writer import Writer
from vocab.namespaces import DCT, PROV, RDFS, SKOS

_REGULATION = re.compile(r"(?:n\s*[°ºo]\.?\s*|(?<![\d/]))(\d{3,4})/(20\d\d)(?!\d)", re.IGNORECASE)
_KNOWN = frozenset((("1089", "2010"), ("976", "2009"), ("1205", "2008"), ("268", "2010"), ("1088", "2010")))
"""The regulations that implement INSPIRE (Directive 2007/2/EC)."""
_DEGREES = {
    "conformant": {"fr": "conforme", "en": "conformant"},
    "notConformant": {"fr": "non conforme", "en": "not conformant"},
    "notEvaluated": {"fr": "non évalué", "en": "not evaluated"},
}
"""The INSPIRE list of degrees of conformity, with its labels."""


def quality(w: Writer) -> None:
    """Statements of lineage, and results of conformity."""
    for one in find(
        w.document,
        "dataQualityInfo/*/lineage/*/statement",
        "resourceLineage/*/statement",
        "dataQualityInfo/*/lineage/*/processStep/*/description",
        "resourceLineage/*/processStep/*/description",
        "dataQualityInfo/*/lineage/*/source/*/description",
        "resourceLineage/*/source/*/description",
    ):
        if value(one):
            made = w.node(w.root, DCT.provenance, DCT.ProvenanceStatement)
            w.texts(made, RDFS.label, one)
    said: set[tuple[str, str]] = set()
    for result in find(w.document, "dataQualityInfo/*/report/*/result/DQ_ConformanceResult"):
        _result(w, result, said)


def _result(w: Writer, result: Element, said: set[tuple[str, str]]) -> None:
    """Conformity told in full (GeoDCAT-AP 3, annex on conformity), and shortly where the resource conforms."""
    title = first(result, "specification/*/title")
    verdict = first(result, "pass")
    degree = {"true": "conformant", "1": "conformant", "false": "notConformant", "0": "notConformant"}.get(
        value(verdict).lower(), "notEvaluated"
    )
    words = value(title)
    address = href(title) or regulation(words)
    w.view.take(title, verdict)
    if (not words and not address) or (address or words, degree) in said:
        w.view.take(*w.view.below(result))
        return
    said.add((address or words, degree))
    activity = w.node(w.root, PROV.wasUsedBy, PROV.Activity)
    w.add(activity, PROV.used, w.root)
    outcome = w.node(activity, PROV.generated, PROV.Entity)
    term = NamedNode(f"{INSPIRE}DegreeOfConformity/{degree}")
    w.add(outcome, DCT.type, term, verdict)
    for lang, words_ in _DEGREES[degree].items():
        w.add(term, SKOS.prefLabel, Literal(words_, language=lang))
    w.texts(outcome, DCT.description, first(result, "explanation"))
    association = w.node(activity, PROV.qualifiedAssociation, PROV.Association)
    plan = w.node(association, PROV.hadPlan, PROV.Plan)
    specification = _specification(w, plan, PROV.wasDerivedFrom, address)
    _describe(w, specification, result)
    if degree == "conformant":
        standard = _specification(w, w.root, DCT.conformsTo, address)
        _describe(w, standard, result)
        w.typed(standard, DCT.Standard)


def _specification(w: Writer, subject: Node, predicate: NamedNode, address: str) -> Node:
    if not re.match(r"https?://\S+\Z", address):
        return w.node(subject, predicate)
    w.link(subject, predicate, address)
    found = w.graph.values(subject, predicate)[-1]
    return found if isinstance(found, NamedNode) else w.node(subject, predicate)


def _describe(w: Writer, specification: Node, result: Element) -> None:
    w.texts(specification, DCT.title, first(result, "specification/*/title"))
    for one in find(result, "specification/*/date/*/date")[:1]:
        if value(one):
            w.say(specification, DCT.issued, value(one), one)


def regulation(words: str) -> str:
    """The ELI of the INSPIRE regulation that a title names; empty for any other title."""
    found = _REGULATION.search(words)
    if found and (found[1], found[2]) in _KNOWN:
        return f"http://data.europa.eu/eli/reg/{found[2]}/{found[1]}"
    return ""
