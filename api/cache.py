"""Whole answers, by what they answer. Releases do not change, so an answer is good as long as there is room.

Small ones are in memory. Those that took long or are large are on disk, where a file is a line of JSON (what the answer
is) and its bytes, packed when they are many and not compressed already. Of both, those used least recently go first.
"""

from __future__ import annotations

import io
import json
import logging
import os
from collections import OrderedDict
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import IO, cast

import zstandard

from api.keeping import Keeping
from api.process import Job
from catalog.scanner import normalised

log = logging.getLogger("garonne.cache")

SHARE = 4
"""The part of all room that one answer may take: a quarter; a larger one is streamed and forgotten."""
SMALL = 32 << 10
"""Bytes of an answer that is kept in memory…"""
MEMORY = 16 << 20
"""…and bytes of all of them together."""
QUICK = 0.02
"""Seconds of query time of a small answer that is not worth a file."""
NORMALISED = 4_000
"""Characters of a query up to which white space and comments make no difference."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a kept answer is: as `api.evaluation.Answer` says it, its size as sent, and its receipt's name.

    `stored` are its bytes in the file where it is `packed`.
    """

    form: str
    format: str
    encoding: str
    rows: int
    bytes: int
    sha256: str
    size: int
    receipt: str
    seconds: float
    stored: int = 0
    packed: bool = False

    @property
    def room(self) -> int:
        """The bytes of it in a file."""
        return self.stored if self.packed else self.size


def question_of(job: Job) -> str:
    """The name of what is asked, of whatever release: the query without white space and comments, data set, format."""
    query = normalised(job.query) if len(job.query) <= NORMALISED else job.query
    about = (query, job.default_graphs, job.named_graphs, job.results, job.graph, job.encoding)
    return sha256(repr(about).encode(errors="surrogatepass")).hexdigest()


def key_of(question: str, store: Path) -> str:
    """The name of an answer: of what is asked, and of the snapshot that is asked."""
    return sha256(f"{question}{store}".encode()).hexdigest()


class Cache:
    """The kept answers of one folder, at most so many bytes together; none with 0.

    Without `near` small ones are on disk too: beside work that takes much memory and gives it back, each that stayed
    in memory would hold on to what lies around it.
    """

    def __init__(self, folder: Path, limit: int, *, near: bool = True) -> None:
        self.folder = folder
        self.limit = limit
        self.near = near
        self.size = 0
        self.counts = dict.fromkeys(("hits", "joined", "misses", "evicted"), 0)
        """For whoever watches the service: answers found, answers shared with one on its way, others."""
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._near: OrderedDict[str, tuple[Kept, bytes]] = OrderedDict()
        self._near_size = 0

    def open(self) -> None:
        """Find what an earlier run has kept; what cannot be read is dropped. A disk that is read-only keeps none."""
        if not self.limit:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            found = sorted(self.folder.iterdir(), key=lambda f: f.stat().st_mtime)
        except OSError as e:
            log.warning("no answer can be kept: %s", e)
            return
        for file in found:
            kept = _read(file)
            if kept is None:
                with suppress(OSError):
                    file.unlink(missing_ok=True)
                continue
            self._kept[file.name] = kept
            self.size += kept.room
        self._shrink()

    def __len__(self) -> int:
        return len(self._kept)

    def has(self, key: str) -> bool:
        """Whether an answer is kept."""
        return key in self._near or key in self._kept

    def kept(self, key: str) -> Kept | None:
        """What a kept answer is, without its bytes; None for one that is not kept."""
        near = self._near.get(key)
        return near[0] if near is not None else self._kept.get(key)

    def find(self, key: str) -> tuple[Kept, IO[bytes]] | None:
        """A kept answer and its file, read from the answer's first byte; it may be read on when it is evicted."""
        near = self._near.get(key)
        if near is not None:
            self._near.move_to_end(key)
            return near[0], io.BytesIO(near[1])
        kept = self._kept.get(key)
        if kept is None:
            return None
        try:
            file: IO[bytes] = (self.folder / key).open("rb")
            file.readline()
            if kept.packed:
                file = cast("IO[bytes]", zstandard.ZstdDecompressor().stream_reader(file, closefd=True))
        except OSError:
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return kept, file

    def keeping(self, encoding: str) -> Keeping:
        """What an answer in this encoding is gathered in on its way."""
        return Keeping(self.folder, self.limit // SHARE, pack=not encoding)

    def keep(self, key: str, kept: Kept, passed: Keeping) -> None:
        """Keep an answer that has passed; `kept` has what it is, without how it is stored."""
        body = passed.body
        if body is not None:
            self.put(key, kept, body)
            return
        passed.flush()
        kept = replace(kept, stored=passed.stored, packed=passed.packed)
        if passed.finish(_head(kept)):
            self._adopt(key, kept, passed.path)

    def put(self, key: str, kept: Kept, body: bytes) -> None:
        """Keep an answer. A disk that is full keeps none, and says so in the log."""
        if not self.limit or kept.size > self.limit // SHARE:
            return
        if self.near and kept.size <= SMALL:
            self._put_near(key, kept, body)
            if kept.seconds < QUICK:
                return
        partial = self.folder / f"{key}.part"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)  # it may not have been possible at the start
            partial.write_bytes(_head(kept) + b"\n" + body)
        except OSError as e:
            log.warning("an answer cannot be kept: %s", e)
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            return
        self._adopt(key, kept, partial)

    def _adopt(self, key: str, kept: Kept, partial: Path) -> None:
        try:
            os.replace(partial, self.folder / key)
        except OSError as e:
            log.warning("an answer cannot be kept: %s", e)
            return
        self._forget(key)
        self._kept[key] = kept
        self.size += kept.room
        self._shrink()

    def _put_near(self, key: str, kept: Kept, body: bytes) -> None:
        before = self._near.pop(key, None)
        self._near[key] = kept, body
        self._near_size += kept.size - (before[0].size if before else 0)
        while self._near_size > MEMORY:
            _, (old, _) = self._near.popitem(last=False)
            self._near_size -= old.size

    def drop(self, key: str) -> None:
        """Forget one answer, wherever it is kept."""
        near = self._near.pop(key, None)
        self._near_size -= near[0].size if near else 0
        self._drop(key)

    def let_go(self) -> None:
        """Forget the answers in memory, and those whose files somebody has removed."""
        self._near.clear()
        self._near_size = 0
        for key in [name for name in self._kept if not (self.folder / name).exists()]:
            self._forget(key)

    def _shrink(self) -> None:
        while self.size > self.limit and self._kept:
            self._drop(next(iter(self._kept)))
            self.counts["evicted"] += 1

    def _drop(self, key: str) -> None:
        self._forget(key)
        with suppress(OSError):
            (self.folder / key).unlink(missing_ok=True)

    def _forget(self, key: str) -> None:
        kept = self._kept.pop(key, None)
        self.size -= kept.room if kept else 0


def _head(kept: Kept) -> bytes:
    return json.dumps(asdict(kept)).encode()


def _read(file: Path) -> Kept | None:
    """What a file says of its answer; None for one that is not whole."""
    try:
        with file.open("rb") as f:
            kept = Kept(**json.loads(f.readline()))
            whole = file.stat().st_size == f.tell() + kept.room
    except (OSError, ValueError, TypeError):
        return None
    return kept if whole and not file.suffix else None
