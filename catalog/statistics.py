"""Exact statistics of a release's merged catalogue, as VoID counts them (Describing Linked Datasets, section 4.6)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, Store, Triple

from vocab.namespaces import RDF, SD, VOID, XSD

Rows = list[dict[str, str]]

QUERIES: dict[str, str] = {
    "totals": (
        "SELECT (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?subjects) (COUNT(DISTINCT ?o) AS ?objects) { ?s ?p ?o }"
    ),
    "properties": (
        "SELECT ?p (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?subjects) (COUNT(DISTINCT ?o) AS ?objects) "
        "{ ?s ?p ?o } GROUP BY ?p"
    ),
    "datatypes": "SELECT ?p ?t (COUNT(*) AS ?n) { ?s ?p ?o BIND(DATATYPE(?o) AS ?t) FILTER(BOUND(?t)) } GROUP BY ?p ?t",
    "classes": "SELECT ?c (COUNT(DISTINCT ?s) AS ?entities) { ?s a ?c FILTER(ISIRI(?c)) } GROUP BY ?c",
    "entities": "SELECT (COUNT(DISTINCT ?s) AS ?entities) { ?s a ?c }",
    "graphs": "SELECT (COUNT(*) AS ?n) { GRAPH ?g {} }",
    "shared": (
        "SELECT ?g (COUNT(*) AS ?n) { { SELECT ?g { GRAPH ?g {} "
        "FILTER(!STRSTARTS(STR(?g), STR(<record/>)) && !STRSTARTS(STR(?g), STR(<quality/>))) } "
        "ORDER BY ?g LIMIT 1000 } GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
    ),
    "named": (
        "SELECT DISTINCT ?term { { GRAPH ?g { ?s ?term ?o } } UNION { GRAPH ?g { ?s a ?term } } FILTER(ISIRI(?term)) }"
    ),
}
"""What is asked of a release to know its statistics; the answer to each goes to `of`, by this name."""


KEPT = Path("answers/statistics.json")
"""Where a release keeps its statistics once somebody has asked for them; beside its store."""


def kept(store: Path) -> Statistics | None:
    """The statistics of the release that this store belongs to; None where it keeps none."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        return Statistics.decoded((store.parent / KEPT).read_text(encoding="utf-8"))
    return None


@dataclass(frozen=True, slots=True)
class Partition:
    """The statements with one property: how many, about how many subjects, with how many objects.

    `datatypes` counts those whose object is a literal, by datatype.
    """

    triples: int
    subjects: int
    objects: int
    datatypes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Statistics:
    """The counts of one release. `classes` counts the instances of each class, `graphs` the named graphs.

    `shared` counts the triples of the named graphs that are not those of one dataset, at most a thousand of them.
    `named` are the properties and classes that the named graphs use; None where nobody has asked.
    """

    triples: int
    subjects: int
    objects: int
    entities: int
    graphs: int
    shared: Mapping[str, int]
    properties: Mapping[str, Partition]
    classes: Mapping[str, int]
    named: Sequence[str] | None = None

    def encoded(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True)

    @classmethod
    def decoded(cls, text: str) -> Statistics:
        """From JSON. Raises `ValueError`, `TypeError` or `KeyError` for what is not that."""
        data: dict[str, Any] = json.loads(text)
        properties = {iri: Partition(**partition) for iri, partition in data["properties"].items()}
        return cls(**{**data, "properties": properties})

    @classmethod
    def of(cls, answers: Mapping[str, Rows]) -> Statistics:
        """From the answers to `QUERIES`."""
        (totals,), (entities,), (graphs,) = answers["totals"], answers["entities"], answers["graphs"]
        datatypes: dict[str, dict[str, int]] = {}
        for row in answers["datatypes"]:
            datatypes.setdefault(row["p"], {})[row["t"]] = int(row["n"])
        properties = {
            row["p"]: Partition(
                int(row["triples"]), int(row["subjects"]), int(row["objects"]), datatypes.get(row["p"], {})
            )
            for row in answers["properties"]
        }
        return cls(
            int(totals["triples"]),
            int(totals["subjects"]),
            int(totals["objects"]),
            int(entities["entities"]),
            int(graphs["n"]),
            {row["g"]: int(row["n"]) for row in answers["shared"]},
            properties,
            {row["c"]: int(row["entities"]) for row in answers["classes"]},
            sorted(row["term"] for row in answers["named"]),
        )

    @classmethod
    def in_store(cls, store: Store, base: str) -> Statistics:
        """Worked out from a store; raises what the engine raises."""
        answers = {}
        for name, query in QUERIES.items():
            found = store.query(query, base_iri=base)
            if not isinstance(found, QuerySolutions):
                raise TypeError(name)
            names = [variable.value for variable in found.variables]
            answers[name] = [{n: row[n].value for n in names if row[n] is not None} for row in found]
        return cls.of(answers)

    @cached_property
    def terms(self) -> frozenset[str]:
        """The properties and classes that the release uses."""
        return frozenset(self.properties) | frozenset(self.classes)

    def triples_about(self, graph: NamedNode) -> Iterator[Triple]:
        """The VoID description of the graph that these are the statistics of."""
        yield Triple(graph, RDF.type, SD.Graph)
        yield Triple(graph, RDF.type, VOID.Dataset)
        yield _count(graph, VOID.triples, self.triples)
        yield _count(graph, VOID.entities, self.entities)
        yield _count(graph, VOID.distinctSubjects, self.subjects)
        yield _count(graph, VOID.distinctObjects, self.objects)
        yield _count(graph, VOID.properties, len(self.properties))
        yield _count(graph, VOID.classes, len(self.classes))
        for namespace in sorted({_namespace(iri) for iri in self.terms}):
            yield Triple(graph, VOID.vocabulary, NamedNode(namespace))
        for number, (iri, partition) in enumerate(sorted(self.properties.items())):
            node = BlankNode(f"property{number}")
            yield Triple(graph, VOID.propertyPartition, node)
            yield Triple(node, VOID.property, NamedNode(iri))
            yield _count(node, VOID.triples, partition.triples)
            yield _count(node, VOID.distinctSubjects, partition.subjects)
            yield _count(node, VOID.distinctObjects, partition.objects)
        for number, (iri, entities) in enumerate(sorted(self.classes.items())):
            node = BlankNode(f"class{number}")
            yield Triple(graph, VOID.classPartition, node)
            yield Triple(node, VOID["class"], NamedNode(iri))
            yield _count(node, VOID.entities, entities)


def _count(node: NamedNode | BlankNode, predicate: NamedNode, number: int) -> Triple:
    return Triple(node, predicate, Literal(str(number), datatype=XSD.integer))


def _namespace(iri: str) -> str:
    return iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]
