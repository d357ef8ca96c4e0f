"""A graph of exact statements, held by predicate: what the engines work on.

A term is its N-Triples spelling, exactly as written (`<iri>`, `_:label`, `"text"@fr`): nothing is normalised. Equal
terms are one string, and a predicate is two columns of references to such strings, so that half a million statements
take a few dozen megabytes and whole columns can be compared as sets.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import compress

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

Term = NamedNode | BlankNode | Literal

NOTHING: tuple[str, ...] = ()

CHUNK = 1 << 20
"""Bytes of N-Triples that are cut into lines at a time: the lines of a whole catalogue would take twice its size."""

_OFTEN = 8  # questions about few nodes, after which an index of all rows pays

_Index = Mapping[str, Sequence[str]]


class Column:
    """The statements of one predicate: `starts[i]` leads to `ends[i]`, no pair twice. What is derived is kept."""

    def __init__(self, starts: Sequence[str], ends: Sequence[str]) -> None:
        self.starts = starts
        self.ends = ends
        self._asked = 0
        self._members: dict[str, frozenset[str]] = {}

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def distinct_starts(self) -> frozenset[str]:
        """Every start."""
        return frozenset(self.starts)

    @cached_property
    def distinct_ends(self) -> set[str]:
        """Every end."""
        return set(self.ends)

    @cached_property
    def several(self) -> set[str]:
        """The starts that lead to more than one end."""
        if len(self.distinct_starts) == len(self.starts):
            return set()
        seen: set[str] = set()
        return {start for start in self.starts if start in seen or seen.add(start)}  # type: ignore[func-returns-value]

    @cached_property
    def index(self) -> _Index:
        """The ends of each start."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for start, end in zip(self.starts, self.ends, strict=True):
            found[start].append(end)
        return dict(found)

    @cached_property
    def turned(self) -> Column:
        """The same statements read backward."""
        return Column(self.ends, self.starts)

    def members(self, end: str) -> frozenset[str]:
        """Every start that leads to `end`."""
        if end not in self._members:
            self._members[end] = frozenset(self.turned.index.get(end, ()))
        return self._members[end]

    def within(self, nodes: set[str] | frozenset[str]) -> Column:
        """The rows that start at one of these nodes: this column itself where that is all of them."""
        if len(nodes) >= len(self.distinct_starts) and self.distinct_starts <= nodes:
            return self
        if len(nodes) * _OFTEN < len(self.starts) and self._few():
            index = self.index
            pairs = [(node, end) for node in nodes for end in index.get(node, ())]
            return Column([start for start, _ in pairs], [end for _, end in pairs])
        kept = list(map(nodes.__contains__, self.starts))
        return Column(list(compress(self.starts, kept)), list(compress(self.ends, kept)))

    def _few(self) -> bool:
        self._asked += 1
        return "index" in self.__dict__ or self._asked > _OFTEN


EMPTY = Column((), ())


class Graph:
    """Statements by predicate. Made once, then only read; a statement given twice is held once."""

    def __init__(self, lines: Iterable[tuple[str, str, str]] = ()) -> None:
        found: dict[str, tuple[list[str], list[str]]] = {}
        one: dict[str, str] = {}
        same = one.setdefault
        for s, p, o in lines:
            pair = found.get(p)
            if pair is None:
                pair = found[p] = ([], [])
            pair[0].append(same(s, s))
            pair[1].append(same(o, o))
        self._columns = {p: _unique(starts, ends) for p, (starts, ends) in found.items()}
        self._size = sum(len(column) for column in self._columns.values())

    @classmethod
    def from_ntriples(cls, *bodies: bytes) -> Graph:
        """The statements of canonical N-Triples: one a line, single spaces, terms as pyoxigraph writes them."""
        return cls(line for body in bodies for line in _lines(body))

    @classmethod
    def from_triples(cls, triples: Iterable[Triple]) -> Graph:
        """The same statements; literals keep their lexical forms and blank nodes their labels."""
        return cls((str(t.subject), str(t.predicate), str(t.object)) for t in triples)

    def __len__(self) -> int:
        return self._size

    def lines(self) -> Iterator[tuple[str, str, str]]:
        """Every statement as three N-Triples terms."""
        for p, column in self._columns.items():
            for s, o in zip(column.starts, column.ends, strict=True):
                yield s, p, o

    def triples(self) -> Iterator[Triple]:
        """Every statement as pyoxigraph's objects."""
        terms: dict[str, Term] = {}

        def made(spelling: str) -> Term:
            if spelling not in terms:
                terms[spelling] = term(spelling)
            return terms[spelling]

        for s, p, o in self.lines():
            yield Triple(made(s), made(p), made(o))  # type: ignore[arg-type]  # no literal is a subject

    def ntriples(self) -> bytes:
        """The statements as N-Triples, one a line, in no particular order."""
        return "".join(f"{s} {p} {o} .\n" for s, p, o in self.lines()).encode()

    def predicates(self) -> Iterable[str]:
        """The predicates that any statement has."""
        return self._columns.keys()

    def column(self, predicate: str) -> Column:
        """The statements of a predicate, from subjects to objects."""
        return self._columns.get(predicate, EMPTY)

    def forward(self, predicate: str) -> _Index:
        """The objects of each subject."""
        return self.column(predicate).index

    def backward(self, predicate: str) -> _Index:
        """The subjects of each object."""
        return self.column(predicate).turned.index

    @cached_property
    def subjects(self) -> frozenset[str]:
        """Every node that the graph describes."""
        return frozenset().union(*(column.distinct_starts for column in self._columns.values()))

    def __contains__(self, statement: tuple[str, str, str]) -> bool:
        s, p, o = statement
        return o in self.forward(p).get(s, ())


def _unique(starts: list[str], ends: list[str]) -> Column:
    column = Column(starts, ends)
    if len(set(zip(starts, ends, strict=True))) == len(starts):
        return column
    pairs = dict.fromkeys(zip(starts, ends, strict=True))
    return Column([start for start, _ in pairs], [end for _, end in pairs])


def _lines(body: bytes) -> Iterator[tuple[str, str, str]]:
    at = 0
    while at < len(body):
        end = body.find(b"\n", at + CHUNK)
        end = len(body) if end < 0 else end + 1
        for line in body[at:end].decode().split("\n"):
            if line:
                s, p, o = line.split(" ", 2)
                yield s, p, o[:-2]
        at = end


def graph_of(statements: Graph | Iterable[Triple]) -> Graph:
    """The graph itself, or a graph of these statements."""
    return statements if isinstance(statements, Graph) else Graph.from_triples(statements)


class World:
    """The data together with what is known beside them: what a shape can see."""

    def __init__(self, data: Graph, background: Graph) -> None:
        self.data = data
        self.background = background

    def predicates(self) -> set[str]:
        """The predicates that any statement has."""
        return {*self.data.predicates(), *self.background.predicates()}

    def rows(self, predicate: str, nodes: set[str], *, forward: bool = True) -> Column:
        """The statements of a predicate that start at these nodes: as subjects, or as objects where not `forward`."""
        told, known = self.data.column(predicate), self.background.column(predicate)
        if not forward:
            told, known = told.turned, known.turned
        if not known:
            return told.within(nodes)
        known = known.within(nodes)
        if not known:
            return told.within(nodes)
        told = told.within(nodes)
        if not told:
            return known
        return _unique([*told.starts, *known.starts], [*told.ends, *known.ends])

    def objects(self, predicate: str) -> Callable[[str], Sequence[str]]:
        """A function from a node to the objects of `predicate` on it, each once."""
        return _either(self.data.column(predicate), self.background.column(predicate))

    def subjects(self, predicate: str) -> Callable[[str], Sequence[str]]:
        """A function from a node to the subjects that have it as object of `predicate`, each once."""
        return _either(self.data.column(predicate).turned, self.background.column(predicate).turned)


def _either(told: Column, known: Column) -> Callable[[str], Sequence[str]]:
    first, second = told.index, known.index
    if not second:
        return lambda node: first.get(node, NOTHING)
    if not first:
        return lambda node: second.get(node, NOTHING)

    def both(node: str) -> Sequence[str]:
        one, other = first.get(node, NOTHING), second.get(node, NOTHING)
        if not other:
            return one
        return tuple(dict.fromkeys([*one, *other])) if one else other

    return both


def term(spelling: str) -> Term:
    """The pyoxigraph term that this N-Triples spelling stands for."""
    if spelling.startswith("<") and "\\" not in spelling:
        return NamedNode(spelling[1:-1])
    if spelling.startswith("_:"):
        return BlankNode(spelling[2:])  # a parser would rename it
    found: Term = next(iter(parse(f"<x:s> <x:p> {spelling} .", format=RdfFormat.N_TRIPLES, lenient=True))).object
    return found
