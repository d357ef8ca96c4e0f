"""A SPARQL endpoint as a source of statements: what is asked of it (SPARQL 1.1 Protocol, 2.1), and how much there is.

Blank nodes have no name from one answer to the next, so that whatever hangs on one comes with the node that it belongs
to, in the same answer. How many statements an answer must have is asked too: endpoints cut answers without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from urllib.parse import urlencode

from pyoxigraph import Literal

from catalog.errors import ResponseInvalid
from catalog.web import Client
from harvest.documents import json as json_document
from harvest.rdf.closure import CLASSES, LISTS, UPWARDS
from vocab.namespaces import DCAT, FOAF, RDF, SKOS

FORM = "application/x-www-form-urlencoded"
RESULTS = "application/sparql-results+json"
GRAPH = "application/n-triples, text/turtle;q=0.8, application/rdf+xml;q=0.6"
"""Lines first: they are what servers write correctly, also where their data are faulty."""
LONGEST = 6000
"""Characters of an address that every server takes."""
_RESOURCE = "{ ?d a ?class VALUES ?class { %s } } UNION { ?catalog ?lists ?d VALUES ?lists { %s } }" % (  # noqa: UP031
    " ".join(f"<{c}>" for c in sorted(CLASSES)),
    " ".join(f"<{p}>" for p in sorted(LISTS)),
)
_MEMBERS = (SKOS.hasTopConcept, SKOS.member, DCAT.dataset, DCAT.service, DCAT.catalog, DCAT.record)
"""What lists of others are long with; none of it is taken."""
_REST = f"<{RDF.rest.value}>"
NOT_FOLLOWED = frozenset(p.value for p in UPWARDS)


class Endpoint:
    """One endpoint. `graphs` are those that are read, all that it takes for its default one where there are none."""

    def __init__(self, client: Client, url: str, graphs: Sequence[str], *, get: bool = False) -> None:
        self.client = client
        self.url = url
        self.get = get
        self.dataset = " ".join(f"FROM <{g}>" for g in graphs)

    # ── the protocol ─────────────────────────────────────────────────────────────────────────────────────────────

    def ask(self, query: str, accept: str) -> tuple[bytes, str]:
        """The answer and its type. Raises `SourceUnavailable` after the last try, else `SourceRefused`."""
        if self.get and not self.too_long(query):
            return self.client.get_bytes(self.url, accept=accept, params={"query": query})
        return self.client.post_bytes(self.url, urlencode({"query": query}).encode(), content_type=FORM, accept=accept)

    def too_long(self, query: str) -> bool:
        """Whether the query does not fit in an address, although it should: it is posted then."""
        return self.get and len(urlencode({"query": query})) > LONGEST

    def select(self, query: str) -> list[dict[str, str]]:
        """The solutions, each variable's value as a text."""
        body, kind = self.ask(query, RESULTS)
        if "html" in kind:
            raise ResponseInvalid(
                "a web page came instead of an answer.",
                what=self.url,
                hint="Is this the address of the endpoint itself?",
            )
        data = json_document.load(body, what=self.url)
        try:
            rows = data["results"]["bindings"]
            return [{name: str(value["value"]) for name, value in row.items()} for row in rows]
        except (KeyError, TypeError, AttributeError) as e:
            raise ResponseInvalid("this is JSON, but no result of a SPARQL query.", what=self.url) from e

    def number(self, query: str) -> int:
        """The only number of an answer, under the name `n`."""
        rows = self.select(query)
        try:
            return int(rows[0]["n"])
        except (IndexError, KeyError, ValueError) as e:
            raise ResponseInvalid("it does not count.", what=self.url) from e

    # ── which resources there are ────────────────────────────────────────────────────────────────────────────────

    def count(self, *, blank: bool = False) -> int:
        """How many resources there are that have an IRI, or that have none."""
        test = "isBlank" if blank else "isIRI"
        return self.number(
            f"SELECT (COUNT(DISTINCT ?d) AS ?n) {self.dataset} WHERE {{ {_RESOURCE} FILTER({test}(?d)) }}"
        )

    def after(self, last: str, most: int) -> list[str]:
        """The next IRIs of resources after this one, in their order."""
        rows = self.select(
            f"SELECT DISTINCT ?d {self.dataset} WHERE {{ {_RESOURCE} FILTER(isIRI(?d))"
            f" FILTER(STR(?d) > {Literal(last)}) }} ORDER BY STR(?d) LIMIT {most}"
        )
        return [row["d"] for row in rows if row.get("d")]

    def graphs(self) -> list[str]:
        """Some named graphs that hold datasets."""
        rows = self.select(f"SELECT DISTINCT ?g WHERE {{ GRAPH ?g {{ ?d a <{DCAT.Dataset.value}> }} }} LIMIT 5")
        return [row["g"] for row in rows if row.get("g")]

    # ── what is said of them ─────────────────────────────────────────────────────────────────────────────────────

    def statements(self, start: Start, depth: int, *, lists: bool) -> tuple[str, str]:
        """Two queries: for the statements about what `start` binds, and about the blank nodes that hang on it up to so
        many steps away; and for how many there are. `lists` leaves out what lists of others are long with."""
        left_out = f" FILTER(?q NOT IN ({', '.join(f'<{p.value}>' for p in _MEMBERS)}))" if lists else ""
        return self._both([f"{start('?x')} ?x ?q ?y{left_out}", *_deeper(start, depth)])

    def hanging(self, start: Start, depth: int) -> tuple[str, str]:
        """As `statements`, for what hangs on blank nodes alone, and the statements that lead to them."""
        return self._both([f"{start('?x')} ?x ?q ?y FILTER(isBlank(?y))", *_deeper(start, depth)])

    def listings(self, named: Sequence[str]) -> tuple[str, str]:
        """As `statements`, for those by which catalogues list these."""
        lists = " ".join(f"<{p}>" for p in sorted(LISTS))
        return self._both([f"{values(named)('?y')} VALUES ?q {{ {lists} }} ?x ?q ?y"])

    def slice(self, start: Start, offset: int, most: int) -> str:
        """A query for some of the statements about a thing whose values are no blank nodes, in a stable order."""
        return (
            f"CONSTRUCT {{ ?x ?q ?y }} {self.dataset} WHERE {{ {{ SELECT DISTINCT ?x ?q ?y WHERE {{ {start('?x')}"
            f" ?x ?q ?y FILTER(!isBlank(?y)) }} ORDER BY ?q ?y LIMIT {most} OFFSET {offset} }} }}"
        )

    def slices(self, start: Start) -> str:
        """A query for how many of those there are."""
        return self._counting(self._distinct(f"{start('?x')} ?x ?q ?y FILTER(!isBlank(?y))"))

    def _both(self, ways: Sequence[str]) -> tuple[str, str]:
        found = self._distinct(" UNION ".join(f"{{ {way} }}" for way in ways))
        return f"CONSTRUCT {{ ?x ?q ?y }} {self.dataset} WHERE {found}", self._counting(found)

    def _distinct(self, where: str) -> str:
        """Each statement once, so that what is counted is what an answer has before it is cut."""
        return f"{{ {{ SELECT DISTINCT ?x ?q ?y WHERE {{ {where} }} }} }}"

    def _counting(self, found: str) -> str:
        return f"SELECT (COUNT(*) AS ?n) {self.dataset} WHERE {found}"


Start = Callable[[str], str]
"""Binds a variable to the things that are asked about."""


def values(named: Sequence[str]) -> Start:
    """To these."""
    return lambda variable: f"VALUES {variable} {{ {' '.join(f'<{i}>' for i in named)} }}"


def records(named: Sequence[str]) -> Start:
    """To the catalogue records about these."""
    return lambda variable: f"{values(named)('?topic')} {variable} <{FOAF.primaryTopic.value}> ?topic ."


def unnamed() -> Start:
    """To the resources without an IRI."""
    return lambda variable: f"{{ SELECT DISTINCT (?d AS {variable}) WHERE {{ {_RESOURCE} FILTER(isBlank(?d)) }} }}"


def _deeper(start: Start, depth: int) -> Iterator[str]:
    """The statements about blank nodes one step away, two steps away, and so on; a list is one step."""
    for level in range(1, depth + 1):
        way = ["?s", *(f"?b{k}" for k in range(1, level)), "?x"]
        steps = (
            f"{a} ?p{k} ?a{k} FILTER(isBlank(?a{k}) && ?p{k} != {_REST}) ?a{k} {_REST}* {b} FILTER(isBlank({b}))"
            for k, (a, b) in enumerate(pairwise(way))
        )
        yield f"{start('?s')} {' '.join(steps)} ?x ?q ?y"
