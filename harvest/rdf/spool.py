"""A catalogue in RDF, spooled to a temporary store on disk, and given back one resource at a time.

A store of triples would rewrite literals; this one keeps each statement as a line, found by its subject.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from harvest.graph.model import Node, Value, parts, quotes
from harvest.rdf.closure import CLASSES, LISTS, Closure, closure
from harvest.rdf.lines import node, read, term
from vocab.namespaces import FOAF, HYDRA, RDF

_BATCH = 20_000
_NEXT = (HYDRA.next, HYDRA.nextPage)
_TOTAL = (HYDRA.totalItems,)


class Spool:
    """The statements of one catalogue, of any number of pages. Its files vanish with `close`."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="garonne-spool-")
        self.folder = Path(self._folder.name)
        self.db = sqlite3.connect(self.folder / "statements.sqlite", isolation_level=None)
        self.db.execute("PRAGMA journal_mode = OFF")
        self.db.execute("PRAGMA synchronous = OFF")
        self.db.execute("PRAGMA cache_size = -32000")
        self.db.execute("CREATE TABLE statements (page INTEGER, subject TEXT, line TEXT)")
        self.db.execute("CREATE TABLE roots (subject TEXT PRIMARY KEY, typed INTEGER, listed INTEGER, page INTEGER)")
        self.db.execute("CREATE TABLE topics (topic TEXT, record TEXT, page INTEGER)")
        self.next: list[str] = []
        self.total: int | None = None
        self.page = 0
        self._indexed = False

    def close(self) -> None:
        """Removes everything."""
        self.db.close()
        self._folder.cleanup()

    # ── filling ──────────────────────────────────────────────────────────────────────────────────────────────────

    def begin_page(self) -> None:
        """What comes now belongs to another document: its blank nodes are its own."""
        self.page += 1
        self.next = []

    def forget_page(self) -> None:
        """Takes back what came of the present document."""
        for table in ("statements", "roots", "topics"):
            self.db.execute(f"DELETE FROM {table} WHERE page = ?", (self.page,))  # noqa: S608  constant names
        self.next = []

    def add(self, triples: Iterable[Triple]) -> int:
        """Takes the statements of a document; returns how many they were."""
        batch: list[tuple[int, str, str]] = []
        count = 0
        for t in triples:
            if quotes(t):
                continue
            count += 1
            about, predicate, value = parts(t)
            subject = self._term(about)
            batch.append((self.page, subject, f"{subject} {term(predicate)} {self._term(value)} .\n"))
            self._look(subject, predicate, value)
            if len(batch) >= _BATCH:
                self._write(batch)
        self._write(batch)
        return count

    def _write(self, batch: list[tuple[int, str, str]]) -> None:
        self.db.execute("BEGIN")
        self.db.executemany("INSERT INTO statements VALUES (?, ?, ?)", batch)
        self.db.execute("COMMIT")
        batch.clear()

    def _term(self, value: NamedNode | BlankNode | Literal) -> str:
        return f"_:p{self.page}x{value.value}" if isinstance(value, BlankNode) else term(value)

    def _look(self, subject: str, predicate: NamedNode, value: Value) -> None:
        """Notes what makes resources, records and pages."""
        if predicate == RDF.type:
            if isinstance(value, NamedNode) and value.value in CLASSES:
                self._root(subject, typed=1, listed=0)
        elif isinstance(value, Literal):
            if predicate in _TOTAL and value.value.isdigit():
                self.total = int(value.value)
            elif predicate in _NEXT:
                self.next.append(value.value)
        elif predicate.value in LISTS:
            self._root(self._term(value), typed=0, listed=1)
        elif predicate == FOAF.primaryTopic:
            self.db.execute("INSERT INTO topics VALUES (?, ?, ?)", (self._term(value), subject, self.page))
        elif predicate in _NEXT and isinstance(value, NamedNode):
            self.next.append(value.value)

    def _root(self, subject: str, *, typed: int, listed: int) -> None:
        self.db.execute(
            "INSERT INTO roots VALUES (?1, ?2, ?3, ?4)"
            " ON CONFLICT DO UPDATE SET typed = typed | ?2, listed = listed | ?3",
            (subject, typed, listed, self.page),
        )

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _index(self) -> None:
        if not self._indexed:
            self.db.execute("CREATE INDEX by_subject ON statements (subject)")
            self.db.execute("CREATE INDEX by_topic ON topics (topic)")
            self._indexed = True

    def closures(self) -> Iterator[Closure]:
        """Each resource with what belongs to it, in the order of the documents.

        A resource is what is typed as one and described at all, or listed by a catalogue. What is only listed comes
        without statements; what is only typed and neither described nor listed is a mere mention.
        """
        self._index()
        cursor = self.db.execute("SELECT subject, typed, listed FROM roots ORDER BY rowid")
        while rows := cursor.fetchmany(500):
            for subject, _typed, listed in rows:
                root = node(subject)
                said = self.about(root)
                if all(t.predicate == RDF.type for t in said) and not listed:
                    continue
                yield closure(root, self.about, self._is_root, self._records(subject))

    def about(self, one: Node) -> list[Triple]:
        """The statements whose subject is this node."""
        rows = self.db.execute("SELECT line FROM statements WHERE subject = ?", (_written(one),)).fetchall()
        return list(dict.fromkeys(read("".join(r[0] for r in rows).encode()))) if rows else []

    def _is_root(self, one: Node) -> bool:
        if isinstance(one, BlankNode):
            return False
        row = self.db.execute("SELECT typed, listed FROM roots WHERE subject = ?", (_written(one),)).fetchone()
        return row is not None

    def _records(self, subject: str) -> list[Node]:
        rows = self.db.execute("SELECT DISTINCT record FROM topics WHERE topic = ? LIMIT 5", (subject,)).fetchall()
        return [node(r[0]) for r in rows]

    def count(self) -> int:
        """How many resources were met."""
        (found,) = self.db.execute("SELECT COUNT(*) FROM roots").fetchone()
        return int(found)


def _written(one: Node) -> str:
    return f"_:{one.value}" if isinstance(one, BlankNode) else term(one)
