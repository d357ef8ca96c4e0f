"""A resource in RDF as a record: its own lines as payload, its names as identity."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from catalog.model import Record, Text
from harvest import identity
from harvest.graph.model import Graph, Node
from harvest.rdf.closure import Closure
from harvest.rdf.lines import Labels, node, read, term
from harvest.repair import iris
from harvest.source import Rejected
from vocab.namespaces import ADMS, DCAT, DCT, OWL, RDF, SKOS

UNDESCRIBED = Text(
    "le catalogue cite ce jeu de données et le document ne le décrit pas\u00a0; publiez-y sa description.",
    "the catalogue lists this dataset, and the document does not describe it; publish its description in the document.",
)
TOO_LARGE = Text(
    "sa description est trop grande ou trop imbriquée (plus de 50 000 énoncés, ou plus de 64 niveaux).",
    "its description is too large or nested too deep (more than 50,000 statements, or more than 64 levels).",
)
_IDENTIFIERS = (DCT.identifier, NamedNode("http://purl.org/dc/elements/1.1/identifier"))
_COPY_OF = (OWL.sameAs, DCT.source)


def record_of(source: str, found: Closure, *, base: str, kind: str = "") -> Record | Rejected:
    """The record of one resource. `base` is the address of its document."""
    graph = Graph.of(found.root, found.triples)
    labels = Labels(found.triples)
    name, given = _names(found.root, graph, labels)
    if not len(graph.about(found.root)):
        return Rejected(name, UNDESCRIBED)
    if found.cut:
        return Rejected(name, TOO_LARGE)
    payload = "".join(labels.lines()).encode()
    root = f"_:b{labels.label(found.root)}" if isinstance(found.root, BlankNode) else term(found.root)
    own = found.root.value if isinstance(found.root, NamedNode) else ""
    keep = own if identity.persistent(own) else ""
    return Record(
        source,
        name,
        payload,
        {"root": root, "base": base},
        hashlib.sha256(payload + root.encode() + base.encode()).hexdigest(),
        graph.text(found.root, DCT.modified) or None,
        iri=keep,
        identifier=given,
        name=identity.last_part(given or name),
        claims=identity.claims([own, given, *_other_names(graph, found.root)]),
        kind=kind,
    )


def graph_of(record: Record) -> Graph:
    """The graph that a record's payload holds."""
    return Graph.of(node(record.data["root"]), read(record.payload))


def _names(root: Node, graph: Graph, labels: Labels) -> tuple[str, str]:
    """What the record is called in its source, and the identifier that the source gives it, which may be empty."""
    values = [v for v in graph.values(root, *_IDENTIFIERS) if not isinstance(v, BlankNode)]
    values.sort(key=lambda v: (not identity.unique(v.value), v.value))
    given = (iris.original(values[0].value) or values[0].value).strip() if values else ""
    if isinstance(root, NamedNode):
        relative = iris.original(root.value)
        return (root.value if relative is None else relative or given or "-"), given
    return given or f"?{labels.label(root)[:12]}", given


def _other_names(graph: Graph, root: Node) -> list[str]:
    """Further identifiers, and the datasets of which the source says that this one is the same or a copy.

    `dct:source` of a dataset that is described as another one, with distributions of its own, is no copy.
    """
    found = [v.value for p in _COPY_OF for v in graph.values(root, p) if not isinstance(v, BlankNode)]
    for one in graph.values(root, ADMS.identifier):
        found.append(graph.text(one, SKOS.notation) if not isinstance(one, Literal) else one.value)
    return [f for f in found if f]


def is_service(triples: Iterable[Triple], root: Node) -> bool:
    """Whether the resource is a data service."""
    return any(t.subject == root and t.predicate == RDF.type and t.object == DCAT.DataService for t in triples)
