"""A reader of event streams written from the specifications of TREE and LDES alone: rdflib, and no code of ours."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

import rdflib
from rdflib import Dataset, Graph, Namespace, URIRef
from rdflib.namespace import RDF

AS = Namespace("https://www.w3.org/ns/activitystreams#")
LDES = Namespace("https://w3id.org/ldes#")
TREE = Namespace("https://w3id.org/tree#")
TYPES = {"application/trig": "trig", "application/ld+json": "json-ld", "application/n-quads": "nquads"}


@contextmanager
def exact() -> Iterator[None]:
    """rdflib leaves literals as they are written."""
    rdflib.NORMALIZE_LITERALS = False
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS = True


@dataclass(frozen=True)
class Member:
    """One activity."""

    iri: str
    type: str
    object: str
    published: datetime
    graph: Graph


@dataclass
class Walker:
    """Follows a stream: each `read` gives the members that the one before did not.

    A node that says it is immutable is fetched once; of the others those whose relations allow for anything newer than
    what was read are fetched again, with their entity tags.
    """

    root: str
    accept: str = "application/trig"
    asked: list[str] = field(default_factory=list)
    replica: dict[str, Graph] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    _closed: set[str] = field(default_factory=set)
    _kept: dict[str, tuple[str, Dataset]] = field(default_factory=dict)
    _latest: datetime | None = None

    def read(self) -> list[Member]:
        """The new members, in the order of their times; `replica` then has the latest of everything that is there."""
        self.asked.clear()
        found: list[Member] = []
        queue, met = [self.root], {self.root}
        while queue:
            address = queue.pop()
            if address in self._closed:
                continue
            page = self._fetch(address)
            found += self._members(page)
            for target in self._relations(page, address) - met:
                met.add(target)
                queue.append(target)
        found.sort(key=lambda m: m.published)
        for member in found:
            self._latest = max(member.published, self._latest or member.published)
            if member.type == AS.Delete:
                self.replica.pop(member.object, None)
            else:
                self.replica[member.object] = member.graph
        return found

    def _fetch(self, address: str) -> Dataset:
        parts = urlsplit(address)
        connection = http.client.HTTPConnection(parts.netloc, timeout=30)
        headers = {"Accept": self.accept}
        if address in self._kept:
            headers["If-None-Match"] = self._kept[address][0]
        connection.request("GET", parts.path, headers=headers)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        self.asked.append(parts.path)
        if response.status == 304:
            return self._kept[address][1]
        assert response.status == 200, (address, response.status, body)
        page = Dataset()
        kind = (response.headers["Content-Type"] or "").partition(";")[0]
        with exact():
            page.parse(data=body, format=TYPES[kind], publicID=address)
        immutable = "immutable" in response.headers["Cache-Control"]
        assert immutable == bool(page.value(URIRef(address), LDES.immutable)), address
        if immutable:
            self._closed.add(address)
        self._kept[address] = (response.headers["ETag"] or "", page)
        return page

    def _members(self, page: Dataset) -> list[Member]:
        found = []
        for member in page.objects(None, TREE.member):
            if str(member) in self.seen:
                continue
            self.seen.add(str(member))
            published = page.value(member, AS.published).toPython()  # type: ignore[union-attr]
            graph = Graph()
            for triple in page.graph(URIRef(str(member))):
                graph.add(triple)
            kind, about = page.value(member, RDF.type), page.value(member, AS.object)
            found.append(Member(str(member), str(kind), str(about), published, graph))
        return found

    def _relations(self, page: Dataset, address: str) -> set[str]:
        """The nodes that can have something new: all relations to a node must hold (TREE, section 3.1).

        One that ends at the latest time there is may have more of that time, if a release came while this was read.
        """
        bounds: dict[str, list[datetime]] = {}
        for relation in page.objects(URIRef(address), TREE.relation):
            assert page.value(relation, TREE.path) == AS.published
            value = page.value(relation, TREE.value).toPython()  # type: ignore[union-attr]
            until = bounds.setdefault(str(page.value(relation, TREE.node)), [])
            if page.value(relation, RDF.type) == TREE.LessThanOrEqualToRelation:
                until.append(value)
        return {n for n, until in bounds.items() if self._latest is None or all(self._latest <= u for u in until)}
