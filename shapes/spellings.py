"""How the data wrote the literals that the query engine rewrote.

Oxigraph keeps the value of a typed literal and not its spelling: `"01"^^xsd:integer` comes back as `"1"^^xsd:integer`,
`"5"^^xsd:nonNegativeInteger` as `"5"^^xsd:integer`, `"…+00:00"^^xsd:dateTime` as `"…Z"`. What this means for queries in
shapes:

- Values in results are restored. Where the data write one value in several ways, those on the focus node come first;
  two spellings of one value on one node and property are one value to a query.
- `STR` and `DATATYPE` see what the data wrote. Of a value that is written in several ways they see the first spelling
  in alphabetical order, and `ambiguous` says so.
- `=`, `<`, `IN`, `sameTerm` and joins compare values, in which two spellings are the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from pyoxigraph import Literal, NamedNode, Quad, Store

from shapes import literals
from shapes.graph import World, term
from vocab.namespaces import XSD

_INTEGERS = (
    "integer nonNegativeInteger positiveInteger nonPositiveInteger negativeInteger "
    "long int short byte unsignedLong unsignedInt unsignedShort unsignedByte"
)
_OTHERS = (
    "decimal float double boolean dateTime dateTimeStamp date time duration dayTimeDuration yearMonthDuration "
    "gYear gYearMonth gMonth gMonthDay gDay"
)
STORED_AS = frozenset(str(XSD[name]) for name in _OTHERS.split()) | {str(XSD.integer)}
"""The datatypes, in N-Triples, of stored literals that may have been rewritten."""
_REWRITTEN = STORED_AS | {str(XSD[name]) for name in _INTEGERS.split()}


class Spellings:
    """The spellings in one graph of the literals that the store rewrites, or that share their stored form."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._of: dict[str, list[str]] = {}
        self.ambiguous: set[str] = set()
        stored = stored_forms({*_written(world)})
        several: dict[str, list[str]] = defaultdict(list)
        for spelling in sorted(stored):
            several[stored[spelling]].append(spelling)
        self._of = {form: found for form, found in several.items() if found != [form]}

    def known(self, form: str) -> list[str]:
        """The spellings of a stored term; itself where nothing else is known."""
        return self._of.get(form, [form])

    def restored(self, form: str, focus: str) -> str:
        """The term as the data wrote it, best as it stands on the focus node."""
        found = self.known(form)
        if len(found) == 1:
            return found[0]
        near = {*self._around(focus)}
        return next((spelling for spelling in found if spelling in near), found[0])

    def _around(self, focus: str) -> Iterator[str]:
        for predicate in self._world.predicates():
            yield from self._world.objects(predicate)(focus)

    def lexical(self, value: object) -> Literal | None:
        """What SPARQL's `STR` gives for the term as it was written."""
        if isinstance(value, NamedNode):
            return Literal(value.value)
        return Literal(self._first(value).value) if isinstance(value, Literal) else None

    def datatype(self, value: object) -> NamedNode | None:
        """What SPARQL's `DATATYPE` gives for the term as it was written."""
        return self._first(value).datatype if isinstance(value, Literal) else None

    def _first(self, value: Literal) -> Literal:
        found = self._of.get(str(value))
        if found is None:
            return value
        if len(found) > 1:
            self.ambiguous.add(str(value))
        first = term(found[0])
        return first if isinstance(first, Literal) else value


def _written(world: World) -> Iterator[str]:
    """The literals, of a datatype that may be rewritten, in data and background."""
    for graph in (world.data, world.background):
        for predicate in graph.predicates():
            for one in graph.column(predicate).distinct_ends:
                if one[0] == '"' and one[-1] == ">" and literals.datatype(one) in _REWRITTEN:
                    yield one


def stored_forms(spellings: Iterable[str]) -> dict[str, str]:
    """The form in which the store gives each literal back."""
    store, given = Store(), {}
    for number, spelling in enumerate(spellings):
        node = NamedNode(f"x:{number}")
        given[node] = spelling
        store.add(Quad(node, node, term(spelling)))
    return {given[quad.subject]: str(quad.object) for quad in store if isinstance(quad.subject, NamedNode)}
