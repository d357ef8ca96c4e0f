"""Noise: results of published shapes that no repair of the data can remove, set apart from faults with the reason.

The table is `shapes/files/noise.csv`. A row names a path, a constraint component and its argument, and a condition on
the data: only where the value is right as it stands is a result noise; the same shape's other results are faults.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import StringIO

from pyoxigraph import Triple

from shapes import literals
from shapes.finding import Finding
from shapes.graph import Graph, term
from shapes.shapes_graph import ShapesGraph, path_in_words
from shapes.text import curie
from vocab.namespaces import DCAT, DCATAP, DCT, FOAF, RDF, SH
from vocab.terms import SCHEMES, table
from vocab.text import Text


@dataclass(frozen=True)
class Noise:
    """One systematic cause. `path` and `argument` are prefixed names or N-Triples terms, `shape` how its IRI begins."""

    id: str
    path: str
    component: str
    argument: str
    shape: str
    condition: str
    reason: Text
    reference: str


@cache
def causes() -> tuple[Noise, ...]:
    """The table, in its order. `ValueError` for a row whose condition does not exist."""
    text = resources.files("shapes").joinpath("files", "noise.csv").read_text(encoding="utf-8")
    found = tuple(
        Noise(
            row["id"],
            row["path"],
            row["component"],
            row["argument"],
            row["shape"],
            row["condition"],
            Text(row["fr"], row["en"]),
            row["reference"],
        )
        for row in csv.DictReader(StringIO(text))
    )
    for one in found:
        name, _, listed = one.condition.partition(" ")
        if name not in CONDITIONS or (listed and listed not in SCHEMES):
            raise ValueError(f"noise.csv, {one.id}: there is no condition `{one.condition}`")
    return found


@cache
def named(name: str) -> Noise | None:
    """The cause of this `id`."""
    return next((one for one in causes() if one.id == name), None)


class Sieve:
    """Tells noise from faults among the findings of one validation: of `data`, against the shapes of `shapes`."""

    def __init__(self, shapes: Iterable[Triple], data: Graph) -> None:
        self._shapes = ShapesGraph(shapes)
        self.data = data
        self._arguments: dict[tuple[str, str], frozenset[str]] = {}
        self._by: dict[tuple[str, str], list[Noise]] = defaultdict(list)
        self._keys: dict[tuple[str, str], tuple[str, str]] = {}
        for one in causes():
            self._by[one.path, one.component].append(one)

    def noise(self, finding: Finding) -> Noise | None:
        """The systematic cause that this finding comes from; `None` for a fault."""
        key = (finding.path, finding.component)
        if key not in self._keys:
            local = finding.component.removeprefix(SH.base).removesuffix("ConstraintComponent")
            self._keys[key] = (path_in_words(finding.path), local)
        for one in self._by.get(self._keys[key], ()):
            if self._asks(finding, one) and _holds(self.data, finding, one):
                return one
        return None

    def _asks(self, finding: Finding, one: Noise) -> bool:
        """Whether it is this argument of the shape that the value breaks."""
        if not finding.shape.startswith(one.shape):
            return False
        if not one.argument:
            return True
        given = self._given(finding.shape_node, one.component)
        if one.argument not in given:
            return False
        if len(given) == 1 or not finding.details:
            return True
        return all(f"<{nested.shape}>" == one.argument for nested in finding.details)

    def _given(self, shape: str, component: str) -> frozenset[str]:
        """The arguments that a shape gives to a component, as terms and as prefixed names."""
        key = (shape, component)
        if key not in self._arguments:
            name = component[0].lower() + component[1:]
            values = self._shapes.values(term(shape), SH[name]) if shape else []
            self._arguments[key] = frozenset(_written(str(value)) for value in values)
        return self._arguments[key]


def _written(spelling: str) -> str:
    """`dct:MediaType` for an IRI with a usual prefix, else the term in N-Triples."""
    if not spelling.startswith("<"):
        return spelling
    short = curie(spelling[1:-1])
    return short if short != spelling[1:-1] else spelling


def _holds(data: Graph, finding: Finding, one: Noise) -> bool:
    name, _, listed = one.condition.partition(" ")
    return CONDITIONS[name](data, finding, listed)


@cache
def _known(value: str, listed: str) -> bool:
    """Whether a term is the IRI of a current entry of a vocabulary. IANA's are written with http or https."""
    if not value.startswith("<"):
        return False
    iri = value[1:-1]
    found = table(listed).by_iri(iri)
    if found is None and listed == "media-type":
        found = table(listed).by_iri(iri.replace("http://", "https://", 1))
    return found is not None and not found.replaced_by


def _value_is_term(data: Graph, finding: Finding, listed: str) -> bool:
    return _known(finding.value or "", listed)


def _all_are_terms(data: Graph, finding: Finding, listed: str) -> bool:
    values = data.forward(f"<{finding.path}>").get(finding.focus, ())
    return bool(values) and all(_known(value, listed) for value in values)


def _stands_beside(data: Graph, finding: Finding, listed: str) -> bool:
    """Whether another value of the property is in the vocabulary, and this one is an IRI."""
    values = data.forward(f"<{finding.path}>").get(finding.focus, ())
    return (finding.value or "").startswith("<") and any(_known(value, listed) for value in values)


def _is_iri(data: Graph, finding: Finding, listed: str) -> bool:
    return (finding.value or "").startswith("<")


def _is_size(data: Graph, finding: Finding, listed: str) -> bool:
    value = finding.value or ""
    return value.endswith("#nonNegativeInteger>") and literals.well_formed(value)


_AGENTS = frozenset(
    str(one)
    for one in (
        FOAF.Agent,
        FOAF.Organization,
        FOAF.Person,
        FOAF.Group,
    )
) | {f"<http://www.w3.org/ns/org#{name}>" for name in ("Organization", "FormalOrganization", "OrganizationalUnit")}


def _is_agent(data: Graph, finding: Finding, listed: str) -> bool:
    """Whether the value is an agent with an IRI, a type and a name, of a known kind where it says one.

    Without nested results a missing kind could be what is meant: then it must be there.
    """
    agent = finding.value or ""
    if not agent.startswith("<") or not _AGENTS.intersection(data.forward(str(RDF.type)).get(agent, ())):
        return False
    names = data.forward(str(FOAF.name)).get(agent, ())
    kinds = data.forward(str(DCT.type)).get(agent, ())
    if not any(name.startswith('"') and name[1] != '"' for name in names):
        return False
    return bool(finding.details) or any(_known(kind, "publisher-type") for kind in kinds)


_RESOURCES = frozenset(str(DCAT[name]) for name in ("Dataset", "DatasetSeries", "DataService", "Catalog"))


def _is_resource(data: Graph, finding: Finding, listed: str) -> bool:
    """Whether the value has the type of one of the subclasses of dcat:Resource."""
    return not _RESOURCES.isdisjoint(data.forward(str(RDF.type)).get(finding.value or "", ()))


_HVD_LAW = "<http://data.europa.eu/eli/reg_impl/2023/138/oj>"


def _is_undeclared(data: Graph, finding: Finding, listed: str) -> bool:
    """Whether nothing says that the focus node, or a dataset it belongs to or serves, is a high-value dataset."""
    served = data.forward(str(DCAT.servesDataset)).get(finding.focus, ())
    owners = data.backward(str(DCAT.distribution)).get(finding.focus, ())
    laws, categories = data.forward(str(DCATAP.applicableLegislation)), data.forward(str(DCATAP.hvdCategory))
    return not any(_HVD_LAW in laws.get(node, ()) or node in categories for node in (finding.focus, *served, *owners))


CONDITIONS: dict[str, Callable[[Graph, Finding, str], bool]] = {
    "term": _value_is_term,
    "values": _all_are_terms,
    "beside": _stands_beside,
    "iri": _is_iri,
    "integer": _is_size,
    "agent": _is_agent,
    "resource": _is_resource,
    "undeclared": _is_undeclared,
}
"""What a row may ask of the data, by the word it uses."""
