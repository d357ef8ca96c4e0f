"""The writer: one process, off the network unless the engine is elsewhere, that changes the store and publishes it.

Started by `api.writing` as `python -m api.writer FD CONFINED BARE`. The settings come first, pickled, from the process
that started it; then jobs, one at a time. A job is a frame of JSON (`op`, `graph`, `text`, `default`, `named`,
`documents`: the media type and size of each) and a frame with the bodies of its documents. The answer is L with what
became of it, or X with `kind` and `message`. In a catalogue the write lock is held for the time of a job; a plain store
keeps it, and its files open.
"""

from __future__ import annotations

import json
import pickle
import sys
from contextlib import ExitStack
from typing import Any, NoReturn

from api.frames import FAILURE, LAST, frame
from api.worker import Channel
from catalog import lock, sandbox
from catalog.dataset import Dataset
from catalog.errors import StoreLocked
from catalog.graph_store import Change, Document, GraphStore, NotWritable
from catalog.local import LocalGraphs
from catalog.plain import PlainStore
from catalog.settings import Settings
from catalog.update import DatasetConflict, operations, with_dataset
from vocab.errors import GaronneError


class Writer:
    """Does jobs on one store folder."""

    def __init__(self, settings: Settings, *, bare: bool) -> None:
        self.settings = settings
        self.bare = bare
        self.plain: PlainStore | None = None
        self.held = ExitStack()

    def do(self, job: dict[str, Any], bodies: bytes) -> dict[str, Any]:
        """One job, published. Raises what went wrong; nothing has changed then."""
        documents = list(_documents(job.get("documents", ()), bodies))
        if self.bare:
            return self._plainly(job, documents)
        with lock.writing(self.settings.store.path):
            store = LocalGraphs(self.settings)
            return _outcome(_apply(store, job, documents), store.publish())

    def _plainly(self, job: dict[str, Any], documents: list[Document]) -> dict[str, Any]:
        try:
            if self.plain is None:
                self.held.enter_context(lock.writing(self.settings.store.path))
                self.plain = PlainStore(self.settings)
            load = job["op"] == "load"
            change = self.plain.replace_all(documents) if load else _apply(self.plain, job, documents)
            return _outcome(change, self.plain.publish())
        except BaseException:
            if self.plain is None or self.plain.dirty:  # else it is as it was: the request was refused as it was read
                self._let_go()
            raise

    def _let_go(self) -> None:
        if self.plain is not None:
            self.plain.close()
        self.plain = None
        self.held.close()


def _documents(described: list[list[Any]], bodies: bytes) -> list[Document]:
    found, at = [], 0
    for media_type, size in described:
        found.append(Document(media_type, bodies[at : at + size]))
        at += size
    return found


def _apply(store: GraphStore, job: dict[str, Any], documents: list[Document]) -> Change:
    match job["op"]:
        case "update":
            return store.update(job["text"], Dataset(tuple(job["default"]), tuple(job["named"])))
        case "put":
            return store.put(job["graph"], documents)
        case "post":
            return store.post(job["graph"], documents)
        case "delete":
            return store.delete(job["graph"])
        case _:
            return Change(existed=True, changed=False)


def _outcome(change: Change, release: int) -> dict[str, Any]:
    return {"existed": change.existed, "changed": change.changed, "release": release}


def _failure(error: Exception, job: dict[str, Any]) -> tuple[str, str]:
    """What to tell of a failed job: its kind, and a message."""
    if isinstance(error, NotWritable):
        return "target", error.target
    if isinstance(error, DatasetConflict):
        return "conflict", ""
    if isinstance(error, StoreLocked):
        return "locked", error.message
    if isinstance(error, GaronneError):
        return "store", str(error)
    if isinstance(error, MemoryError):
        return "memory", ""
    if isinstance(error, SyntaxError):
        return ("document", str(error.msg)) if job["op"] != "update" else ("syntax", _placed(error, job))
    if isinstance(error, OSError) and any(found.verb == "LOAD" for found in operations(job.get("text", ""))):
        return "network", ""
    if isinstance(error, ValueError):
        return ("document" if job.get("documents") else "graph"), str(error)
    return "engine", str(error)


def _placed(error: SyntaxError, job: dict[str, Any]) -> str:
    """What the engine says of an update; without the place where that is one in a text that we changed."""
    asked = Dataset(tuple(job["default"]), tuple(job["named"]))
    return str(error.msg) if with_dataset(job["text"], asked) == job["text"] else ""


def main(arguments: list[str]) -> NoReturn:
    """Do jobs until the front hangs up."""
    descriptor, confined, bare = arguments
    sandbox.die_with_parent()
    channel = Channel(int(descriptor))
    _, given = channel.frame() or sys.exit(0)
    settings: Settings = pickle.loads(given)  # noqa: S301  written by the process that started this one
    sandbox.limit(sandbox.address_space(settings.query.memory))
    if confined == "1" and settings.store.engine == "oxigraph":  # another engine is told of each release
        sandbox.confine()
    writer = Writer(settings, bare=bare == "1")
    while (asked := channel.frame()) is not None:
        job = json.loads(asked[1])
        _, bodies = channel.frame() or sys.exit(0)
        try:
            answer = frame(LAST, json.dumps(writer.do(job, bodies)).encode())
        except Exception as e:  # told to the front, which decides what the client hears
            kind, message = _failure(e, job)
            answer = frame(FAILURE, json.dumps({"kind": kind, "message": message}).encode())
        channel.send(answer)
    sys.exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
