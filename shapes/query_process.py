"""The process that answers the queries of a validation: shut in, with a store in its memory."""

from __future__ import annotations

import ctypes
import fcntl
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import orjson
from pyoxigraph import NamedNode, QueryBoolean, QuerySolutions, RdfFormat, Store, Triple, parse

from shapes.graph import World
from shapes.prebinding import DATATYPE, FOCUS, OWN, SHAPES, STR, TABLE
from shapes.spellings import Spellings, stored_forms

HEAD = struct.Struct("!Q")
"""What goes before each question and each answer: its length in bytes."""
LOADED = 20_000
"""Statements that are loaded in a second at the very least: what the first question may take beyond its own time."""
_MIB = 1 << 20
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Limits:
    """What queries may use: `seconds` for one question, `total` for those of a validation, MiB of `memory` beyond what
    the data take, `rows` in an answer; after `failures` children have died no other is started.
    """

    seconds: float = 30
    total: float = 300
    memory: int = 1024
    rows: int = 1_000_000
    failures: int = 5


def live(reader: int, writer: int, world: World, shapes: Iterable[Triple], limits: Limits, parent: int) -> NoReturn:
    """The whole life of the child; whatever happens, it does not return into the parent's program."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted too, and ends us
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _die_with_parent()
        reader, writer = (fcntl.fcntl(one, fcntl.F_DUPFD, 3) for one in (reader, writer))  # a daemon's may be 0 or 1
        _shut_in(reader, writer, limits, len(world.data) + len(world.background))
        evaluator = _Evaluator(world, shapes, limits.rows)
        with os.fdopen(reader, "rb") as requests, os.fdopen(writer, "wb") as replies:
            while os.getppid() == parent and len(head := requests.read(HEAD.size)) == HEAD.size:
                reply = orjson.dumps(evaluator.reply(orjson.loads(requests.read(HEAD.unpack(head)[0]))))
                replies.write(HEAD.pack(len(reply)) + reply)
                replies.flush()
    finally:
        os._exit(0)


def _shut_in(reader: int, writer: int, limits: Limits, statements: int) -> None:
    """No other descriptor, no new one, nothing on the terminal, bounded time and memory."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    for descriptor in [int(one.name) for one in Path("/dev/fd").iterdir()]:
        if descriptor not in (0, 1, 2, reader, writer):
            with suppress(OSError):  # that of the listing itself is gone already
                os.close(descriptor)
    memory = _address_space() + limits.memory * _MIB + 2048 * statements
    _lower(resource.RLIMIT_AS, memory)
    _lower(resource.RLIMIT_CPU, int(limits.total) + 60 + statements // LOADED)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, 0)


def _die_with_parent() -> None:
    """Have the kernel end this process when its parent is killed; elsewhere the limit on processor time does."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL))


def _lower(which: int, most: int) -> None:
    _, hard = resource.getrlimit(which)
    if hard == resource.RLIM_INFINITY or most < hard:
        with suppress(OSError, ValueError):  # macOS bounds no address space
            resource.setrlimit(which, (most, most))


def _address_space() -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:  # only Linux has it
        return 1024 * _MIB


_Row = tuple[str, dict[str, str]]


class _Evaluator:
    """The store in the child's memory."""

    def __init__(self, world: World, shapes: Iterable[Triple], rows: int) -> None:
        self._rows = rows
        self._world = world
        self._shapes = shapes
        self._store = Store()
        for graph in (world.data, world.background):
            self._store.bulk_extend(parse(graph.ntriples(), format=RdfFormat.N_TRIPLES, lenient=True))
        self._spellings = Spellings(world)
        self._functions: dict[NamedNode, Callable[..., Any]] = {
            NamedNode(STR[1:-1]): self._spellings.lexical,
            NamedNode(DATATYPE[1:-1]): self._spellings.datatype,
        }
        self._shapes_loaded = False

    def reply(self, request: dict[str, Any]) -> dict[str, Any]:
        self._spellings.ambiguous.clear()
        try:
            answers = self._answers(request)
        except (SyntaxError, ValueError, RuntimeError, OSError, MemoryError) as error:
            return {"error": str(error).splitlines()[0] if str(error) else type(error).__name__}
        return {"answers": answers, "ambiguous": sorted(self._spellings.ambiguous)}

    def _answers(self, request: dict[str, Any]) -> list[_Row]:
        constants, asked, about = request["constants"], request["asked"], request["about"]
        if "shapesGraph" in constants and not self._shapes_loaded:
            lines = "".join(f"{t.subject} {t.predicate} {t.object} {SHAPES} .\n" for t in self._shapes)
            self._store.extend(parse(lines, format=RdfFormat.N_QUADS, lenient=True))
            self._shapes_loaded = True
        if not asked:
            self._bind(constants, "", ())
            return self._solutions(request, {})
        if request["together"]:
            self._bind(constants, asked, about)
            return self._solutions(request, self._by_form(about))
        found: list[_Row] = []
        for one in about:
            self._bind(constants, asked, (one,))
            found += self._solutions(request, {"": [one]})
            self._bounded(len(found))
        return found

    def _bind(self, constants: Mapping[str, str], asked: str, about: Sequence[str]) -> None:
        """Makes FOCUS the table of these values."""
        self._store.remove_graph(NamedNode(FOCUS[1:-1]))
        lines = [f"{TABLE} <{OWN}{name}> {value} {FOCUS} .\n" for name, value in constants.items()]
        lines += [f"{TABLE} <{OWN}{asked}> {value} {FOCUS} .\n" for value in about]
        self._store.extend(parse("".join(lines), format=RdfFormat.N_QUADS, lenient=True))

    def _by_form(self, about: Sequence[str]) -> dict[str, list[str]]:
        """The terms asked about, by the form in which the store gives them back."""
        forms = stored_forms(one for one in about if one[0] == '"')
        found: dict[str, list[str]] = {}
        for one in about:
            found.setdefault(forms.get(one, one), []).append(one)
        return found

    def _solutions(self, request: dict[str, Any], by_form: Mapping[str, list[str]]) -> list[_Row]:
        result = self._store.query(
            request["text"], prefixes=dict(request["prefixes"]), custom_functions=self._functions
        )
        if isinstance(result, QueryBoolean):
            return [(one, {}) for found in by_form.values() for one in found] if result else []
        assert isinstance(result, QuerySolutions)  # noqa: S101 - only SELECT and ASK are prepared
        names = [variable.value for variable in result.variables]
        found: list[_Row] = []
        for solution in result:
            values = {name: str(value) for name, value in zip(names, solution, strict=True) if value is not None}
            for focus in self._asked(values, request["asked"], by_form):
                found.append((focus, {name: self._restored(value, focus) for name, value in values.items()}))
            self._bounded(len(found))
        return found

    def _asked(self, values: Mapping[str, str], asked: str, by_form: Mapping[str, list[str]]) -> Sequence[str]:
        """Which of the terms asked about a solution is for."""
        if not asked:
            return (values["this"],) if "this" in values else ()
        return by_form.get("") or by_form[values[asked]]

    def _restored(self, form: str, focus: str) -> str:
        return self._spellings.restored(form, focus) if form[-1] == ">" and form[0] == '"' else form

    def _bounded(self, count: int) -> None:
        if count > self._rows:
            raise ValueError(f"more than {self._rows} results")
