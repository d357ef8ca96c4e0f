"""Readers of the feed, written from what the aggregators' harvesters do, not from what ours sends.

Each pages as its harvester pages, decodes as it decodes, and reads what makes a dataset there. They read with rdflib.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import rdflib
from rdflib.namespace import DCAT, DCTERMS, RDF

from tests.api.server import Answer, Server

HYDRA = rdflib.Namespace("http://www.w3.org/ns/hydra/core#")
CKAN_LIMIT = 50_000_000
"""Bytes of a page beyond which ckanext-dcat gives up."""
UDATA_FORMATS = {
    "application/rdf+xml": "xml",
    "text/turtle": "turtle",
    "application/n-triples": "nt",
    "application/ld+json": "json-ld",
    "application/trig": "trig",
}


@dataclass
class Copy:
    """What a harvester holds after a run: the title of each dataset by its identifier, in the order of meeting."""

    titles: dict[str, str] = field(default_factory=dict)
    pages: int = 0
    stated: set[int] = field(default_factory=set)

    def take(self, graph: rdflib.Graph) -> None:
        """The datasets of one page; one that is met twice, or without what makes it one, ends the run."""
        self.pages += 1
        for node in sorted(set(graph.subjects(RDF.type, DCAT.Dataset))):
            assert isinstance(node, rdflib.URIRef), "a dataset without an IRI"
            identifiers = list(graph.objects(node, DCTERMS.identifier))
            titles = [o for o in graph.objects(node, DCTERMS.title) if getattr(o, "language", "") == "fr"]
            assert len(identifiers) == len(titles) == 1, node
            key = str(identifiers[0])
            assert key not in self.titles, f"Identifier '{key}' already exists"
            self.titles[key] = str(titles[0])


Between = Callable[[], None]
"""What happens at the source between two pages."""


def nothing() -> None:
    """Nothing."""


class Reader:
    """Asks a server for addresses below the catalogue's base, never following a redirect."""

    def __init__(self, server: Server, base: str, between: Between = nothing) -> None:
        self.server = server
        self.base = base
        self.between = between

    def fetch(self, url: str, method: str = "GET") -> Answer:
        assert url.startswith(self.base), f"{url} leads elsewhere"
        answer = self.server.ask(method, "/" + url.removeprefix(self.base), headers={"Accept": "*/*"})
        assert answer.status == 200, f"{url}: {answer.status}"
        return answer


class Udata(Reader):
    """data.gouv.fr: the type of the first address counts for all; `response.text` decodes by the charset stated."""

    def read(self, url: str) -> Copy:
        found = Copy()
        head = self.fetch(url, "HEAD")
        fmt = UDATA_FORMATS[head.type.partition(";")[0]]
        following = url
        while following:
            answer = self.fetch(following)
            charset = answer.type.partition("charset=")[2] or "iso-8859-1"
            graph = rdflib.Graph() if fmt != "trig" else rdflib.Dataset(default_union=True)
            graph.parse(data=answer.body.decode(charset), format=fmt)
            found.take(graph)
            self.between()
            following = self.next(graph)
        return found

    def next(self, graph: rdflib.Graph) -> str:
        for kind, link in ((HYDRA.PartialCollectionView, HYDRA.next), (HYDRA.PagedCollection, HYDRA.nextPage)):
            node = graph.value(predicate=RDF.type, object=kind)
            if node is not None:
                return str(graph.value(node, link) or "")
        return ""


class OldCkan(Reader):
    """A CKAN of before 2023: it knows `PagedCollection` and `nextPage` only, and has a limit."""

    def read(self, url: str) -> Copy:
        found, first, following = Copy(), "", url
        while following:
            body = self.fetch(following).body
            assert len(body) < CKAN_LIMIT
            digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
            if digest == first:
                break
            first = first or digest
            graph = rdflib.Graph().parse(data=body.decode("utf-8"), format="turtle")
            found.take(graph)
            self.between()
            (node,) = graph.subjects(RDF.type, HYDRA.PagedCollection)
            following = str(graph.value(node, HYDRA.nextPage) or "")
        return found


class Piveau(Reader):
    """data.europa.eu: `PagedCollection` first, its total on the same node and a number; with `broken`, only the query
    of the next address is kept, and put behind the address that was configured."""

    broken = False

    def read(self, url: str) -> Copy:
        found, following = Copy(), url
        while following:
            graph = rdflib.Graph().parse(data=self.fetch(following).body, format="xml")
            found.take(graph)
            self.between()
            (node,) = graph.subjects(RDF.type, HYDRA.PagedCollection)
            total = graph.value(node, HYDRA.totalItems)
            assert isinstance(total, rdflib.Literal)
            found.stated.add(int(total))
            following = str(graph.value(node, HYDRA.nextPage) or "")
            if following and self.broken:
                following = f"{url}?{urlsplit(following).query}"
        return found


class BrokenPiveau(Piveau):
    broken = True
