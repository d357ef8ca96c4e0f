"""Imports: which `owl:imports` of a set of shapes are among them, and which are not read."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pyoxigraph import NamedNode, Triple

from shapes.lint.remark import Check, Remark, Remarks
from shapes.lint.subject import Subject
from shapes.text import Text
from vocab.namespaces import OWL, SH


def check(subject: Subject, loaded: Collection[str] = ()) -> Remarks:
    """Remarks on imports of what is not here. `loaded` are the addresses of the documents read."""
    importing = [
        (node, value)
        for node in subject.graph.subjects()
        for value in subject.graph.values(node, OWL.imports)
        if isinstance(value, NamedNode)
    ]
    here = documents_named(subject.plan.triples, loaded) if importing else set()
    for node, value in importing:
        if _bare(value.value) not in here:
            told = f"<{value.value}>"
            text = Text(
                f"elle importe {told}, qui n’est pas lu\u00a0: rien n’est cherché sur le réseau. Donnez aussi ce "
                "fichier s’il contient des formes.",
                f"it imports {told}, which is not read: nothing is fetched. Give that file as well if it holds shapes.",
            )
            yield Remark(Check.NOT_LOADED, node, text, OWL.imports, value)


def documents_named(triples: Iterable[Triple], loaded: Collection[str] = ()) -> set[str]:
    """What an import may call the documents read: their addresses, and the ontologies that they describe."""
    described = {t.subject.value for t in triples if isinstance(t.subject, NamedNode) and _is_document(t)}
    return {_bare(iri) for iri in (*described, *loaded)}


def ontologies(triples: Iterable[Triple]) -> set[str]:
    """The addresses that a document says are ontologies."""
    return {_bare(t.subject.value) for t in triples if isinstance(t.subject, NamedNode) and t.object == OWL.Ontology}


def _is_document(t: Triple) -> bool:
    return t.object == OWL.Ontology or t.predicate in (OWL.imports, SH.declare)


def imported(triples: Iterable[Triple]) -> list[str]:
    """The addresses that statements import, each once, in their order."""
    found = (t.object.value for t in triples if t.predicate == OWL.imports and isinstance(t.object, NamedNode))
    return list(dict.fromkeys(found))


def _bare(iri: str) -> str:
    """An address without the `#` that some write after an ontology's."""
    return iri.removesuffix("#")
