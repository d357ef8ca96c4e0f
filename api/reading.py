"""A graph read for people: values and labels in the reader's language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from vocab.namespaces import DCT, FOAF, RDF, RDFS, SKOS, VCARD

Node = NamedNode | BlankNode

NAMELESS = "–"
"""What a blank node is called that has no label."""
_LABELS = (SKOS.prefLabel, DCT.title, FOAF.name, VCARD.fn, VCARD["organization-name"], RDFS.label)


@dataclass(frozen=True, slots=True)
class Named:
    """A thing with what to call it; `iri` is empty for a blank node or a plain text."""

    label: str
    iri: str = ""


class Reading:
    """Look-ups in one graph, for one language; the other languages are second choice."""

    def __init__(self, triples: Iterable[Triple], lang: str) -> None:
        self.lang = lang
        self._objects: dict[tuple[object, NamedNode], list[object]] = defaultdict(list)
        for t in triples:
            self._objects[t.subject, t.predicate].append(t.object)

    def subjects(self) -> list[object]:
        """Everything that the graph describes, each once."""
        return list(dict.fromkeys(subject for subject, _ in self._objects))

    def objects(self, subject: object, *path: NamedNode) -> list[object]:
        """What the path of properties leads to, each once."""
        found = [subject]
        for predicate in path:
            found = [o for s in found for o in self._objects.get((s, predicate), ())]
        return list(dict.fromkeys(found))

    def text(self, subject: object, *path: NamedNode) -> str:
        """The best text: in the reader's language, else without one, else any; empty when there is none."""
        literals = [o for o in self.objects(subject, *path) if isinstance(o, Literal)]
        ranked = sorted(literals, key=lambda o: (self._rank(o), o.value))
        return str(ranked[0].value) if ranked else ""

    def texts(self, subject: object, *path: NamedNode) -> list[str]:
        """All texts in the reader's language or without one; those of other languages when there are no such."""
        literals = [o for o in self.objects(subject, *path) if isinstance(o, Literal)]
        best = [o for o in literals if self._rank(o) < 2] or literals
        return sorted({str(o.value) for o in best})

    def _rank(self, literal: Literal) -> int:
        if not literal.language:
            return 1
        return 0 if literal.language.partition("-")[0] == self.lang else 2

    def named(self, subject: object, *path: NamedNode) -> list[Named]:
        """What the path leads to, each with its label, by label."""
        found = [self.name(o) for o in self.objects(subject, *path)]
        return sorted(set(found), key=lambda n: (n.label.casefold(), n.iri))

    def name(self, node: object) -> Named:
        """A node with its label; the last part of its IRI where it has none."""
        if isinstance(node, Literal):
            return Named(str(node.value))
        label = next((text for p in _LABELS if (text := self.text(node, p))), "")
        if isinstance(node, NamedNode):
            return Named(label or tail(node.value), node.value)
        return Named(label or NAMELESS)

    def is_a(self, node: object, kind: NamedNode) -> bool:
        """Whether the node is typed so."""
        return kind in self._objects.get((node, RDF.type), ())

    def address(self, subject: object, *path: NamedNode) -> str:
        """The first IRI or text that the path leads to, in alphabetical order; empty when there is none."""
        values = [str(o.value) for o in self.objects(subject, *path) if isinstance(o, NamedNode | Literal)]
        return min(values, default="")


def tail(iri: str) -> str:
    """The last part of an IRI: what a thing is called that has no label."""
    return iri.rstrip("/#").rpartition("/")[2].rpartition("#")[2] or iri
