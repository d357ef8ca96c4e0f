"""What a record discloses of a dataset: `dcat_ap`, the exact description in RDF/XML with all that it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pyoxigraph import NamedNode, Triple

from catalog.archive import View
from catalog.assembly import labels, neighbours
from catalog.formats import FORMATS, write
from catalog.lines import lines_in, objects_in
from catalog.model import Description, Kind
from catalog.rdfxml import named_in_xml

NAMED = (Kind.AGENT, Kind.CONCEPT, Kind.SERVICE)
"""What is described beside a dataset that names it."""


def documents(base: str, view: View, datasets: Iterable[Description]) -> list[tuple[Description, list[Triple]]]:
    """Each dataset with the statements of its document: its own, those of what it names, the labels of terms.

    The catalogue itself is left out: a change of what it says of itself is no change of a dataset.
    """
    datasets = list(datasets)
    named = objects_in(line for d in datasets for line in lines_in(d.canonical))
    shared = {d.iri: d for d in neighbours(base, view, named, NAMED)}
    return [(d, _document(d, shared)) for d in datasets]


def _document(dataset: Description, shared: Mapping[str, Description]) -> list[Triple]:
    found = dict.fromkeys(dataset.triples)
    frontier: Iterable[Triple] = dataset.triples
    met: set[str] = set()
    while named := {t.object.value for t in frontier if isinstance(t.object, NamedNode)} & shared.keys() - met:
        met |= named
        frontier = [t for iri in sorted(named) for t in shared[iri].triples]
        found |= dict.fromkeys(frontier)
    return [*found, *(t for t in labels(found) if t not in found)]


def rdf(statements: Iterable[Triple]) -> str:
    """The statements as an `rdf:RDF` element.

    Those whose property XML cannot name, or whose namespace is no URI but an IRI, would make the whole answer
    unreadable for parsers of Namespaces in XML 1.0 (section 2.1), libxml2 among them: they are left out, and a comment
    in the element says how many and which.
    """
    statements = list(statements)
    lost = {t.predicate.value for t in statements if not _named(t.predicate.value)}
    fit = [t for t in statements if t.predicate.value not in lost]
    text = write(fit, FORMATS["rdf"]).decode()
    found = text[text.index("<rdf:RDF") :]
    if not lost:
        return found
    left = len(statements) - len(fit)
    told = f"<!-- {left} statements have properties that XML cannot name, see the Turtle: {_listed(lost)} -->"
    return f"{told}</rdf:RDF>".join(found.rsplit("</rdf:RDF>", 1))


def _named(property_: str) -> bool:
    named = named_in_xml(property_)
    return named is not None and named[0].isascii()


def _listed(iris: set[str]) -> str:
    """The IRIs as a comment can have them: two hyphens would end it (XML 1.0, section 2.5)."""
    return " ".join(sorted(iris)).replace("--", "-\u2010")
