"""`python -m vocab.build.shacl FILE`: makes `vocab/tables/shacl.csv` from a copy of SHACL's own vocabulary.

A row says what a term is: a class, a property or an individual; of a property its domain and range, and of which
constraint component it is a parameter (SHACL, section 2.1 and 6.2), an optional one where `optional` is `true`.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from io import StringIO
from pathlib import Path

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from vocab.build.__main__ import TABLES
from vocab.namespaces import RDF, RDFS, SH, XSD

COLUMNS = ("term", "kind", "domain", "range", "component", "optional")

_TRUE = Literal("true", datatype=XSD.boolean)
_Told = dict[NamedNode, list[object]]


def build(source: Path) -> str:
    """The table as CSV text; the same input gives the same bytes."""
    about: dict[object, _Told] = defaultdict(lambda: defaultdict(list))
    for quad in parse(path=str(source), format=RdfFormat.TURTLE):
        about[quad.subject][quad.predicate].append(quad.object)
    components, optional = _parameters(about)
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for term in sorted(_local(node) for node in about if _local(node)):
        told = about[SH[term]]
        writer.writerow(
            [
                term,
                _kind(told),
                *(_first(told, predicate) for predicate in (RDFS.domain, RDFS.range)),
                "|".join(sorted(components[term])),
                "true" if term in optional else "",
            ]
        )
    return text.getvalue()


def _parameters(about: dict[object, _Told]) -> tuple[dict[str, list[str]], set[str]]:
    """The components that have each parameter, and the parameters that may be left out."""
    components: dict[str, list[str]] = defaultdict(list)
    optional: set[str] = set()
    for component, told in about.items():
        for parameter in told.get(SH.parameter, ()):
            for path in about[parameter][SH.path]:
                components[_local(path)].append(_local(component))
                if _TRUE in about[parameter][SH.optional]:
                    optional.add(_local(path))
    return components, optional


def _kind(told: _Told) -> str:
    if RDF.Property in told[RDF.type]:
        return "property"
    return "class" if RDFS.Class in told[RDF.type] else "individual"


def _first(told: _Told, predicate: NamedNode) -> str:
    found = told.get(predicate, [])
    if not found or not isinstance(found[0], NamedNode):
        return ""
    return f"sh:{_local(found[0])}" if _local(found[0]) else found[0].value


def _local(node: object) -> str:
    """The name of a term in SHACL's namespace; empty for every other node."""
    return node.value[len(SH.base) :] if isinstance(node, NamedNode) and node.value.startswith(SH.base) else ""


def main(arguments: list[str]) -> int:
    """Writes the table."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m vocab.build.shacl FILE\n")
        return 2
    (TABLES / "shacl.csv").write_text(build(Path(arguments[0])), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
