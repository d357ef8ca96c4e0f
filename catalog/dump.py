"""A whole release in three compressed files, made from the exact descriptions: N-Quads, N-Triples, Turtle.

    {release}/dumps/dump.nq.gz        every statement in the named graph of its origin
    {release}/dumps/dump.nt.gz        every statement once, without graphs
    {release}/dumps/dump.ttl.gz       the same
    {release}/dumps/dump.nq.gz.sha256 …   what `sha256sum -c` reads

They go when the release goes. Statements are sorted and the compression bears no time, so that the same release gives
the same bytes wherever it is dumped (with the same compression library).
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import IO, cast

from pyoxigraph import RdfFormat, parse, serialize

from catalog import schema
from catalog.archive import Archive
from catalog.assembly import release_lines
from catalog.errors import StoreLocked
from catalog.formats import FORMATS
from catalog.releases import Release, sync_tree
from catalog.sorting import unique
from vocab.namespaces import PREFIXES

FOLDER = "dumps"
LOCK = "dumps.lock"
SUFFIXES = ("nq", "nt", "ttl")
_LEVEL = 6
_BATCH = 4096
"""Lines that are compressed at a time."""


@dataclass(frozen=True, slots=True)
class Dump:
    """One file of a release's dumps, and its SHA-256 in hexadecimal."""

    path: Path
    sha256: str


def find(release: Release, suffix: str) -> Dump | None:
    """A dump of a release; None where it has not been made."""
    path = release.path / FOLDER / f"dump.{suffix}.gz"
    try:
        return Dump(path, checksum(path).read_text().partition(" ")[0])
    except OSError:
        return None


def checksum(path: Path) -> Path:
    """The file that has a dump's SHA-256."""
    return path.with_name(f"{path.name}.sha256")


def build(folder: Path, base: str, release: Release) -> bool:
    """Makes the dumps of a release of this store folder, all or none; False where they are there already.

    Raises `StoreLocked` while another process makes dumps here, `StoreFull`, `StoreDamaged`.
    """
    target = release.path / FOLDER
    try:
        with alone(folder):
            if target.exists():
                return False
            pending = target.with_name(f"{FOLDER}.tmp")
            shutil.rmtree(pending, ignore_errors=True)
            pending.mkdir()
            try:
                _write(folder, base, release.number, pending)
                sync_tree(pending)
                os.replace(pending, target)
            finally:
                shutil.rmtree(pending, ignore_errors=True)
            return True
    except OSError as e:
        raise schema.explained(e, target) from e


@contextmanager
def alone(folder: Path, *, wait: bool = False) -> Iterator[None]:
    """Lets no other process make dumps here; `wait` until one that does has ended. Raises `StoreLocked` otherwise."""
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as e:
            raise StoreLocked("another process makes dumps.", what=str(folder)) from e
        yield
    finally:
        os.close(descriptor)


def _write(folder: Path, base: str, number: int, pending: Path) -> None:
    quads = unique(release_lines(base, Archive(folder).at(number)), pending)
    with _compressed(pending / "dump.nq.gz") as nq, _compressed(pending / "dump.nt.gz") as nt:
        last = b""
        while batch := list(islice(quads, _BATCH)):
            nq.write(_document(batch))
            triples = [triple for triple, _ in groupby(map(_without_graph, batch))]
            nt.write(_document(triples[triples[0] == last :]))
            last = triples[-1]
    with gzip.open(pending / "dump.nt.gz") as read, _compressed(pending / "dump.ttl.gz") as ttl:
        statements = parse(cast("IO[bytes]", read), format=RdfFormat.N_TRIPLES)
        out = _PrefixesInOrder(ttl)
        serialize(statements, cast("IO[bytes]", out), format=FORMATS["ttl"].rdf, prefixes=PREFIXES)
        out.finish()
    for suffix in SUFFIXES:
        path = pending / f"dump.{suffix}.gz"
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        checksum(path).write_text(f"{digest}  {path.name}\n")


def _without_graph(line: bytes) -> bytes:
    """The statement of a line of N-Quads whose graph is an IRI. Lines in order have those of one statement together:
    between two of them stands nothing, because a term that goes on does not go on with a space."""
    return line[: line.rindex(b" <")] + b" ."


def _document(lines: Iterable[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


@contextmanager
def _compressed(path: Path) -> Iterator[gzip.GzipFile]:
    """A gzip file that says neither its name nor the time: RFC 1952, section 2.3."""
    with path.open("wb") as file, gzip.GzipFile("", "wb", _LEVEL, file, mtime=0) as out:
        yield out


class _PrefixesInOrder:
    """Sorts the prefix declarations at the head of Turtle: the serialiser gives them in another order each time."""

    def __init__(self, out: IO[bytes] | gzip.GzipFile) -> None:
        self.out = out
        self._head: bytes | None = b""

    def write(self, data: bytes) -> int:
        if self._head is None:
            self.out.write(data)
        else:
            self._head += data
            if self._head.count(b"\n") > len(PREFIXES):
                self.finish()
        return len(data)

    def flush(self) -> None:
        """Nothing: what is written is compressed when there is enough of it."""

    def finish(self) -> None:
        """Write the head as far as it goes."""
        if self._head is not None:
            lines = self._head.split(b"\n", len(PREFIXES))
            self.out.write(b"\n".join([*sorted(lines[:-1]), lines[-1]]))
            self._head = None
