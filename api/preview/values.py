"""Reading values as udata does (`udata/rdf.py`): the portal's language first, labels before IRIs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

from pyoxigraph import BlankNode, Literal, NamedNode

from api.preview.graph import Graph, Term, text
from vocab.namespaces import DCT, RDFS

RIGHTS = (RDFS.label, DCT.description)
"""What is read of a licence or a statement of rights before its IRI."""


class Reader:
    """Look-ups in one page for a portal in one language."""

    def __init__(self, graph: Graph, lang: str) -> None:
        self.graph = graph
        self.lang = lang

    def best(self, node: Term, predicate: NamedNode) -> Term | None:
        """The value in the portal's language, else the first (`default_lang_value`)."""
        found = self.graph.objects(node, predicate)
        ours = (o for o in found if isinstance(o, Literal) and o.language == self.lang)
        return next(ours, found[0] if found else None)

    def value(self, node: Term, predicate: NamedNode, *unwrap: NamedNode) -> str:
        """The best value as text (`rdf_value`)."""
        return self.serialized(self.best(node, predicate), unwrap)

    def first(self, node: Term, predicate: NamedNode) -> str:
        """The first value as text, whatever its language (`url_from_rdf`)."""
        return self.serialized(self.graph.value(node, predicate), ())

    def unique(self, node: Term, predicate: NamedNode, *unwrap: NamedNode) -> list[str]:
        """All values as texts, each once (`rdf_unique_values`)."""
        found = (self.serialized(o, unwrap) for o in self.graph.objects(node, predicate))
        return list(dict.fromkeys(v for v in found if v))

    def serialized(self, term: Term | None, unwrap: Iterable[NamedNode]) -> str:
        """A literal's text; of a node the first of these properties it has, else its IRI (`serialize_value`)."""
        if isinstance(term, NamedNode | BlankNode):
            for predicate in unwrap:
                if found := self.value(term, predicate):
                    return found
            return term.value  # of a blank node its label, as udata has it
        return text(term)


def instant(given: str) -> datetime | None:
    """A date or time in one of the forms of ISO 8601 that XML Schema knows, a year or a month too; None otherwise."""
    value = given.strip().replace(" ", "T", 1)
    for form in (value, f"{value}-01", f"{value}-01-01"):
        try:
            found = datetime.fromisoformat(form)
        except ValueError:
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def future(given: str, now: datetime) -> bool:
    """Whether a date is still to come."""
    found = instant(given)
    return found is not None and found > now


def day(given: str) -> date | None:
    """The day of a date or time."""
    found = instant(given)
    return found.date() if found else None
