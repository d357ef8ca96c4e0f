"""Datasets that a source calls otherwise without saying so: known by their content, which is the same.

A record that is new in a complete listing, and a dataset that this listing lacks, are one dataset when all that is said
of them is the same but for their names: every statement, with the names taken out of the IRIs in it. It has to be
unmistakable: no other dataset of the source, there or gone, and no other new record may have the same content, and what
is left without the names must be more than a title. Whatever is in doubt is a withdrawal and a new dataset.
"""

from __future__ import annotations

import hashlib
import json
import pickle
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import IO, Protocol
from urllib.parse import quote

from catalog import schema
from catalog.archive import description
from catalog.draft import Draft
from catalog.identifiers import slugify
from catalog.model import Description, Identity, Record
from harvest.identity import last_part
from vocab.namespaces import ADMS, DCAT, DCT, XSD

DEPTH = 4
"""How far below a dataset its distributions, and what they name, are told apart by what is said of them."""
_NAMES = frozenset(f"<{p.value}>".encode() for p in (DCT.identifier, ADMS.identifier))
_DATES = frozenset(f"<{p.value}>".encode() for p in (DCT.issued, DCT.modified))
_ADDRESSES = frozenset(f"<{p.value}>".encode() for p in (DCAT.downloadURL, DCAT.accessURL))
_TITLE = f"<{DCT.title.value}>".encode()
_DESCRIPTION = f"<{DCT.description.value}>".encode()
_MADE = re.compile(rb"/[a-z]+/[0-9a-f]{12}>\Z")
_URI = f"^^<{XSD.anyURI.value}>".encode()


class Hiding(Protocol):
    """What takes the names of a dataset out of a term."""

    def __call__(self, term: bytes, *, called: bool = False) -> bytes: ...


class Waiting:
    """New records, on disk until their source's listing has been read: only then is it known what it lacks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file: IO[bytes] | None = None
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def put(self, record: Record) -> None:
        """One more."""
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self.folder)  # noqa: SIM115  `close` does
            pickle.dump(record, self._file, pickle.HIGHEST_PROTOCOL)
        except OSError as e:
            raise schema.explained(e, self.folder) from e
        self._count += 1

    def __iter__(self) -> Iterator[Record]:
        """The records in the order in which they came, read again one by one."""
        if self._file is None:
            return
        self._file.seek(0)
        for _ in range(self._count):
            record: Record = pickle.load(self._file)  # noqa: S301  what this process wrote, in a file without a name
            yield record

    def close(self) -> None:
        """Lets go of the file; twice does no harm."""
        if self._file is not None:
            self._file.close()
        self._file, self._count = None, 0


def renamed(
    draft: Draft,
    source: str,
    gone: Collection[str],
    new: Iterable[Record],
    mapped: Callable[[Record, Identity], Description],
) -> dict[str, str]:
    """Of these new records those that are one of the datasets that are gone (slugs): record id to slug.

    `mapped` makes the description of a record under an identity; a record that it fails on is none.
    """
    before: dict[bytes, list[str]] = defaultdict(list)
    for key, slug in _known(draft, source, "s.slug IN (SELECT value FROM json_each(:names))", gone):
        before[key].append(slug)
    after: dict[bytes, list[str]] = defaultdict(list)
    for record in new:
        key = _key_of(draft, record, mapped)
        if key in before:
            after[key].append(record.id)
    pairs = {key: (ids[0], before[key][0]) for key, ids in after.items() if len(ids) == len(before[key]) == 1}
    if pairs:
        titles = _titles(draft, [slug for _, slug in pairs.values()])
        for key, slug in _known(draft, source, "d.title IN (SELECT value FROM json_each(:names))", titles):
            if key in pairs and pairs[key][1] != slug:
                del pairs[key]
    return dict(pairs.values())


def _key_of(draft: Draft, record: Record, mapped: Callable[[Record, Identity], Description]) -> bytes:
    slug = slugify(record.name or record.id)
    found = Identity(slug, draft.minter.dataset(slug), draft.minter.record(slug), record.identifier or record.id)
    names = (record.id, record.iri, record.identifier, record.name, slug)
    try:
        made = mapped(record, found)
    except Exception:  # whatever it is, it is told when the record is taken
        return b""
    return content(made, found.record_iri, names)


def _known(draft: Draft, source: str, which: str, names: Collection[str]) -> Iterator[tuple[bytes, str]]:
    """Content and slug of published datasets of a source."""
    sql = (
        "SELECT d.*, s.record, s.identifier AS called FROM descriptions d JOIN slugs s ON s.iri = d.iri"  # noqa: S608
        f" WHERE d.kind = 'dataset' AND d.until IS NULL AND d.source = :source AND {which}"
    )
    for row in draft.db.execute(sql, {"source": source, "names": json.dumps(list(names))}):
        given = (row["record"], row["iri"], row["called"], row["slug"])
        if key := content(description(row), draft.minter.record(row["slug"]), given):
            yield key, row["slug"]


def _titles(draft: Draft, slugs: list[str]) -> list[str]:
    sql = (
        "SELECT DISTINCT title FROM descriptions WHERE kind = 'dataset' AND until IS NULL"
        " AND slug IN (SELECT value FROM json_each(?))"
    )
    return [title for (title,) in draft.db.execute(sql, (json.dumps(slugs),))]


def content(dataset: Description, record: str, names: Iterable[str]) -> bytes:
    """A hash of all that is said of a dataset but its names; empty where that would be no more than a title.

    `record` is the IRI of its catalogue record, whose dates do not count, `names` what the dataset is called in IRIs.
    What is described with it (distributions, periods, checksums) counts for what is said of it, not for its own name.
    """
    root, entry = f"<{dataset.iri}>".encode(), f"<{record}>".encode()
    hide = _hiding(names)
    said: dict[bytes, list[tuple[bytes, bytes]]] = defaultdict(list)
    telling = False
    for line in dataset.canonical.split(b"\n")[:-1]:
        subject, predicate, thing = line[:-2].split(b" ", 2)
        if predicate not in _NAMES and (subject != entry or predicate not in _DATES):
            if predicate == _TITLE and subject != root and b" " not in thing:
                thing = hide(thing, called=True)  # what is called as its file is
            said[subject].append((predicate, thing))
            telling |= (predicate in _ADDRESSES and hide(thing) == thing) or (
                subject == root and predicate == _DESCRIPTION
            )
    return _digest(said, root, entry, hide) if telling else b""


def _digest(said: dict[bytes, list[tuple[bytes, bytes]]], root: bytes, entry: bytes, hide: Hiding) -> bytes:
    """Of what the dataset and its catalogue record say, with each thing below replaced by what is said of it.

    Names that this catalogue made for things below are left out: a blank node's, and one below the dataset's own IRI
    (which ends in a digest where that IRI is the source's).
    """
    minted = root.rpartition(b"/dataset/")[0] == entry.rpartition(b"/record/")[0]

    def ours(thing: bytes) -> bool:
        return thing.startswith(b"_:") or (thing.startswith(root[:-1] + b"/") and (minted or bool(_MADE.search(thing))))

    below = {s: b"" if ours(s) else hide(s) for s in said if s not in (root, entry)}
    marks = {**below, root: b"@", entry: b"@@"}

    def of(thing: bytes) -> bytes:
        lines = (p + b" " + (marks[o] if o in marks else hide(o)) for p, o in said.get(thing, ()))
        return hashlib.sha256(b"\n".join((below.get(thing, b""), *sorted(lines)))).digest()

    for _ in range(DEPTH):
        marks |= {thing: of(thing) for thing in below}
    return of(root) + of(entry)


def _hiding(names: Iterable[str]) -> Hiding:
    """Takes these names out of an IRI, wherever they stand as a word in it; out of a text only those that are IRIs.

    A text that is `called` like a file is taken for an IRI.
    """
    words = {word for name in names if name for word in (name, last_part(name)) if word}
    words |= {quote(word, safe=safe) for word in words for safe in ("", "/")}
    in_iris = sorted((word.encode() for word in words), key=len, reverse=True)
    in_texts = [word for word in in_iris if b"://" in word]

    def hide(term: bytes, *, called: bool = False) -> bytes:
        if called or term.startswith(b"<") or term.endswith(_URI):
            return _without(term, in_iris)
        return _without(term, in_texts) if b"://" in term else term

    return hide


def _without(term: bytes, words: list[bytes]) -> bytes:
    """The term with each of these words, where it is no part of a longer one, replaced by the same sign.

    An IRI may follow a letter: some write no space before it.
    """
    for word in words:
        at = term.find(word)
        while at >= 0:
            end = at + len(word)
            if not term[end : end + 1].isalnum() and (b"://" in word or not term[at - 1 : at].isalnum()):
                term = term[:at] + b"@" + term[end:]
            at = term.find(word, at + 1)
    return term
