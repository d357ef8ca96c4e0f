"""Data that break every constraint of a shapes file on a property of a class, each in eight ways."""

from __future__ import annotations

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from shapes.shapes_graph import ShapesGraph
from vocab.namespaces import RDF, SH, XSD

VALUES: dict[str, list[NamedNode | BlankNode | Literal]] = {
    "none": [],
    "text": [Literal("hier", language="de")],
    "untyped": [NamedNode("https://x.example/untyped")],
    "two": [NamedNode("https://x.example/a"), NamedNode("https://x.example/b")],
    "texts": [Literal("a"), Literal("b")],
    "blank": [BlankNode("z")],
    "day": [Literal("2021-02-30", datatype=XSD.date)],
    "integer": [Literal("1", datatype=XSD.integer)],
}


def everything_wrong(graph: ShapesGraph) -> list[Triple]:
    """Each property that the shapes ask of each class, with values that break them in eight ways."""
    asked = {
        (target, path)
        for shape in graph.subjects()
        for target in graph.values(shape, SH.targetClass)
        for one in graph.values(shape, SH.property)
        for path in graph.values(one, SH.path)
        if isinstance(target, NamedNode) and isinstance(path, NamedNode)
    }
    data = []
    for index, (target, path) in enumerate(sorted(asked, key=str)):
        for name, values in VALUES.items():
            node = NamedNode(f"https://x.example/{index}/{name}")
            data += [Triple(node, RDF.type, target), *(Triple(node, path, value) for value in values)]
    return data
