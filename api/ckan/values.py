"""Values of a graph as CKAN's JSON has them: texts, addresses and labels, always in the same order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from api.reading import NAMELESS, Reading


class Graph:
    """Look-ups in the statements of one document; `lang` is the language of texts where there is a choice."""

    def __init__(self, statements: Iterable[Triple], lang: str) -> None:
        self.reading = Reading(statements, lang)

    def nodes(self, subject: Any, predicate: NamedNode) -> list[NamedNode | BlankNode]:
        """The things that a property leads to, named ones first."""
        found = [o for o in self.reading.objects(subject, predicate) if isinstance(o, NamedNode | BlankNode)]
        return sorted(found, key=lambda o: (isinstance(o, BlankNode), o.value))

    def iris(self, subject: Any, predicate: NamedNode) -> list[str]:
        """The IRIs among them."""
        return [o.value for o in self.nodes(subject, predicate) if isinstance(o, NamedNode)]

    def values(self, subject: Any, *path: NamedNode) -> list[str]:
        """IRIs and texts, sorted."""
        found = self.reading.objects(subject, *path)
        return sorted({str(o.value) for o in found if isinstance(o, NamedNode | Literal) and o.value.strip()})

    def value(self, subject: Any, predicate: NamedNode) -> str:
        """The first of them, that of the language first; empty when there is none."""
        return self.reading.text(subject, predicate) or next(iter(self.values(subject, predicate)), "")

    def text(self, subject: Any, predicate: NamedNode) -> str:
        """The text in the language, else in any."""
        return self.reading.text(subject, predicate)

    def texts(self, subject: Any, predicate: NamedNode) -> list[str]:
        """All texts, whatever their language, each once."""
        found = [o.value for o in self.reading.objects(subject, predicate) if isinstance(o, Literal)]
        return sorted({text for text in found if text.strip()})

    def by_language(self, subject: Any, predicate: NamedNode) -> dict[str, list[str]]:
        """The texts that have a language, by that language."""
        found: dict[str, list[str]] = {}
        for o in self.reading.objects(subject, predicate):
            if isinstance(o, Literal) and o.language and o.value.strip():
                found.setdefault(o.language, []).append(o.value)
        return {lang: sorted(texts) for lang, texts in sorted(found.items())}

    def label_or_value(self, subject: Any, predicate: NamedNode) -> str:
        """The text or IRI of a property; the label of a thing that has no IRI."""
        if (found := self.value(subject, predicate)) or not (nodes := self.nodes(subject, predicate)):
            return found
        label = self.reading.name(nodes[0]).label
        return "" if label == NAMELESS else label
