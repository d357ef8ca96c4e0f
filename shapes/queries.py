"""The queries of one validation, answered over the data in a process of their own.

Shapes come from anybody, and the query engine can neither be interrupted nor survive every query. So a forked child
holds data, background and shapes in a store in memory, and answers one question after another. It can open no file and
no socket, and is killed when a question takes too long; what it could not answer is told, and the next question gets a
new child. Data and background together are the default graph; the shapes are a named graph.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, NamedTuple

import orjson
from pyoxigraph import Triple

from shapes.components import Unusable
from shapes.graph import World
from shapes.prebinding import Query
from shapes.query_process import HEAD, LOADED, Limits, live

_PIECE = 1 << 20  # bytes


class Answer(NamedTuple):
    """A solution for one of the terms asked about, and the projected variables in it, as N-Triples terms."""

    focus: str
    values: Mapping[str, str]


class Queries:
    """Asks about one world. Nothing is started before the first question; `close` ends what was.

    `ambiguous` are the values whose spelling the last question asked for while the data write them in several ways.
    """

    def __init__(self, world: World, shapes: Iterable[Triple] = (), limits: Limits | None = None) -> None:
        self._world = world
        self._shapes = shapes
        self._limits = limits or Limits()
        self._left = self._limits.total
        self._failures = 0
        self._child: _Child | None = None
        self.ambiguous: set[str] = set()

    def ask(
        self, query: Query, asked: str = "", about: Iterable[str] = (), constants: Mapping[str, str] | None = None
    ) -> list[Answer]:
        """The solutions for each term of `about` as the value of the variable `asked`, in any order.

        An ASK query answers with the terms for which it is true. `constants` are the other pre-bound variables.
        Raises `Unusable` where there is no answer: a wrong query, or one that takes too much time or memory.
        """
        request = {
            "text": query.text,
            "prefixes": query.prefixes,
            "together": query.together,
            "asked": asked,
            "about": list(about),
            "constants": dict(constants or {}),
        }
        reply = self._reply(orjson.dumps(request))
        self.ambiguous = set(reply.get("ambiguous", ()))
        if "error" in reply:
            raise Unusable(f"elle n’a pas pu être évaluée\u00a0: {reply['error']}", f"it failed: {reply['error']}")
        return [Answer(focus, values) for focus, values in reply["answers"]]

    def _reply(self, request: bytes) -> dict[str, Any]:
        if self._left <= 0:
            raise Unusable("le temps des requêtes est épuisé", "the time for queries is used up")
        if self._failures >= self._limits.failures:
            raise Unusable("trop de requêtes ont échoué", "too many queries have failed")
        if self._child is None:
            self._child = _Child(self._world, self._shapes, self._limits)
        begun = time.monotonic()
        try:
            return self._child.reply(request, min(self._limits.seconds, self._left))
        except Unusable:
            self._failures += 1
            self.close()
            raise
        finally:
            self._left -= time.monotonic() - begun

    def close(self) -> None:
        """End the child, if there is one."""
        child, self._child = self._child, None
        if child:
            child.end()

    def __enter__(self) -> Queries:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class _Child:
    """The process as its parent sees it."""

    def __init__(self, world: World, shapes: Iterable[Triple], limits: Limits) -> None:
        theirs, self._writer = os.pipe()
        self._reader, ours = os.pipe()
        self._loading = (len(world.data) + len(world.background)) / LOADED
        parent = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            live(theirs, ours, world, shapes, limits, parent)
        os.close(theirs)
        os.close(ours)

    def reply(self, request: bytes, seconds: float) -> dict[str, Any]:
        """The child's answer; raises `Unusable` when it takes too long or dies."""
        until = time.monotonic() + seconds + self._loading
        self._loading = 0.0
        try:
            self._send(HEAD.pack(len(request)) + request, until)
            body = self._read(HEAD.unpack(self._read(HEAD.size, until))[0], until)
        except TimeoutError:
            raise Unusable(
                f"elle a été arrêtée au bout de {seconds:g}\u00a0s", f"it was stopped after {seconds:g} s"
            ) from None
        except (EOFError, BrokenPipeError):
            raise Unusable(
                "le moteur de requêtes s’y est arrêté (mémoire, ou requête trop profonde)",
                "the query engine stopped on it (memory, or too deep a query)",
            ) from None
        reply: dict[str, Any] = orjson.loads(body)
        return reply

    def _send(self, piece: bytes, until: float) -> None:
        os.set_blocking(self._writer, False)
        while piece:
            _await(self._writer, select.POLLOUT, until)
            piece = piece[os.write(self._writer, piece) :]

    def _read(self, size: int, until: float) -> bytes:
        body = bytearray()
        while len(body) < size:
            _await(self._reader, select.POLLIN, until)
            piece = os.read(self._reader, min(size - len(body), _PIECE))
            if not piece:
                raise EOFError
            body += piece
        return bytes(body)

    def end(self) -> None:
        """Kill it and let go of what it held."""
        os.close(self._reader)
        os.close(self._writer)
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


def _await(descriptor: int, event: int, until: float) -> None:
    poll = select.poll()  # `select.select` knows no descriptor above 1023, and servers have them
    poll.register(descriptor, event)
    if not poll.poll(max(0, until - time.monotonic()) * 1000):
        raise TimeoutError
