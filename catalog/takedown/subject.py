"""What is taken down: one dataset, with all that only it names."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from catalog.errors import NotFound
from catalog.identifiers import Minter
from catalog.packing import unpack
from vocab.namespaces import XSD

LONG = 20
"""Characters from which on a text is taken to be the dataset's own, where no other dataset has it."""


@dataclass(frozen=True)
class Subject:
    """A dataset by its names. `since` is the first release that may have it.

    `shared` are the IRIs of agents, concepts and services that no other dataset names.
    """

    slug: str
    iri: str
    identifier: str
    source: str
    record: str
    since: int
    shared: tuple[str, ...]

    def graphs(self, base: str) -> tuple[str, str]:
        """The named graphs that are about it alone: its description, its quality."""
        return Minter(base).record(self.slug), Minter(base).quality(self.slug)


def find(db: sqlite3.Connection, name: str) -> Subject:
    """The dataset of this slug, alias, IRI or identifier, published now or ever. Raises `NotFound`."""
    sql = (
        "SELECT slug, iri, identifier, source, record, since FROM slugs WHERE ? IN (slug, iri, identifier)"
        " OR slug = (SELECT slug FROM aliases WHERE alias = ?)"
    )
    row = db.execute(sql, (name, name)).fetchone()
    if row is None:
        raise NotFound(
            f"no dataset has the name `{name}`.", hint="Give its slug, its IRI or its identifier, as its page has them."
        )
    alone = (
        "SELECT DISTINCT iri FROM mentions m WHERE dataset = ?"
        " AND NOT EXISTS (SELECT 1 FROM mentions o WHERE o.iri = m.iri AND o.dataset <> m.dataset)"
    )
    slug, iri, identifier, source, record, since = row
    return Subject(slug, iri, identifier, source, record, since, tuple(one for (one,) in db.execute(alone, (iri,))))


def texts(db: sqlite3.Connection, subject: Subject) -> set[Literal]:
    """The longer texts of its descriptions, names and dates apart: what gives away that something of it is left."""
    found: set[Literal] = set()
    for body in bodies(db, (subject.iri, *subject.shared)):
        for quad in parse(body, format=RdfFormat.N_TRIPLES, lenient=True):
            said = quad.object
            if isinstance(said, Literal) and (said.language or said.datatype == XSD.string) and len(said.value) >= LONG:
                found.add(said)
    names = {subject.identifier, subject.iri, subject.slug, subject.record}
    return {text for text in found if text.value not in names}


def bodies(db: sqlite3.Connection, iris: tuple[str, ...]) -> Iterator[bytes]:
    """Every kept version of these descriptions, canonical N-Triples."""
    for iri in iris:
        for (body,) in db.execute("SELECT body FROM descriptions WHERE iri = ?", (iri,)):
            yield unpack(body)


def nodes(iris: tuple[str, ...]) -> set[NamedNode]:
    """These IRIs as nodes."""
    return {NamedNode(iri) for iri in iris}
