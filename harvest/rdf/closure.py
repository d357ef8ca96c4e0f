"""Which resources a catalogue in RDF describes, and what of it belongs to each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, Triple

from harvest.graph.model import Node, Value, parts
from vocab.namespaces import DCAT, DCT, FOAF, RDF, SKOS

_CLASSES = ("Dataset", "DatasetSeries", "DataService")
_SPELLINGS = (DCAT.base, "http://vocab.deri.ie/dcat#", "http://www.w3.org/ns/dcat/", "https://www.w3.org/ns/dcat#")
CLASSES = frozenset(base + name for base in _SPELLINGS for name in _CLASSES)
"""Classes of the resources that are records of their own, as they are spelt."""
LISTS = frozenset(base + name for base in _SPELLINGS for name in ("dataset", "service"))
LARGEST = 50_000
"""Statements after which a closure is no longer one dataset's, but a whole catalogue's through some link."""
DEEPEST, _DEEPEST_BLANK = 8, 64


@dataclass(frozen=True, slots=True)
class Closure:
    """The statements that belong to one resource; `cut` says that there are more than can be one dataset's."""

    root: Node
    triples: tuple[Triple, ...]
    cut: bool = False


About = Callable[[Node], list[Triple]]
"""Gives the statements whose subject is a node."""


def closure(root: Node, about: About, is_root: Callable[[Node], bool], records: list[Node]) -> Closure:
    """What is said of `root` and of what it names, but not of other resources of the catalogue: they are records.

    `records` are the source's catalogue records about it.
    """
    found: dict[Triple, None] = {}
    met: set[Value] = {root, *records}
    waiting: list[tuple[Node, int]] = [(root, 0), *((r, 1) for r in records)]
    cut = False
    while waiting:
        node, depth = waiting.pop(0)
        said = about(node)
        if node != root and is_root(node):
            said = said if all(t.predicate == RDF.type for t in said) else []
        elif node != root and is_scheme(said):
            said = [t for t in said if isinstance(t.object, Literal) or t.predicate == RDF.type]
        found.update(dict.fromkeys(said))
        if len(found) > LARGEST:
            cut = True
            break
        for _, predicate, value in map(parts, said):
            if isinstance(value, Literal) or value in met or predicate == RDF.type or predicate in UPWARDS:
                continue
            if depth < (_DEEPEST_BLANK if isinstance(value, BlankNode) else DEEPEST):
                met.add(value)
                waiting.append((value, depth + 1))
            elif isinstance(value, BlankNode):
                cut = True
    return Closure(root, tuple(found), cut)


UPWARDS = frozenset(
    (DCT.isPartOf, FOAF.primaryTopic, SKOS.narrower, SKOS.hasTopConcept, SKOS.topConceptOf, SKOS.member)
)
"""Properties that lead out of what belongs to a resource; they are not followed."""
SCHEMES = frozenset((SKOS.ConceptScheme, SKOS.Collection, DCAT.Catalog))


def is_scheme(said: list[Triple]) -> bool:
    """Whether what is said of a thing makes it a list of others, of which only the texts are taken."""
    return any(t.predicate == RDF.type and t.object in SCHEMES for t in said)
