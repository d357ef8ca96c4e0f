"""Checks of documents that anybody sends: so many at a time, each in a process that is killed at its limits."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any

from api import visitors
from api.checker import RESULT
from api.errors import CHECK, BadRequest, TooBusy, Unreadable, out_of_memory, timed_out
from api.lanes import Lane
from catalog import sandbox
from catalog.settings import Settings
from vocab.errors import GaronneError
from vocab.text import Text

log = logging.getLogger("garonne.checks")

_IN_PARTS = Text("Vérifiez une partie à la fois.", "Check one part at a time.")
_IN_PARTS_OR_HERE = Text(
    "Vérifiez une partie à la fois, ou installez Garonne\u00a0: garonne validate n’a pas cette limite.",
    "Check one part at a time, or install Garonne: `garonne validate` has no such limit.",
)

POLL = 0.1
"""Seconds between two looks at a process's memory."""
_MIB = 1 << 20
_HEAD = 64 * 1024


@dataclass
class Result:
    """What a process wrote: the head as read, and the file, which stands at the beginning of the body."""

    head: dict[str, Any]
    file: IO[bytes]
    size: int


class Checks:
    """At most `[check] at_once` processes, `[check] queue` more requests that wait; the rest is refused."""

    def __init__(self, settings: Settings, *, confined: bool = True) -> None:
        self.limits = settings.check
        self.engine = settings.validation.engine
        self.noise = settings.validation.noise
        self.confined = confined
        self.lane = Lane(max(1, self.limits.at_once), max(1, self.limits.queue))
        self._inside: Counter[str] = Counter()
        self._processes: set[asyncio.subprocess.Process] = set()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place for one request, from before its document is read. Raises `TooBusy`.

        The last half of the places is not for a client that has some already.
        """
        places, client = self.limits.at_once + self.limits.queue, _client()
        most = places if client not in self._inside else places // 2
        if self._inside.total() >= most:
            raise TooBusy(
                Text("Trop de vérifications sont en cours.", "Too many checks are under way."),
                Text("Réessayez dans une minute.", "Try again in a minute."),
            )
        self._inside[client] += 1
        try:
            yield
        finally:
            self._inside -= Counter([client])

    def pids(self) -> list[int]:
        """The processes that live at this moment."""
        return [p.pid for p in self._processes]

    async def fetch(self, url: str) -> Result:
        """The document at an address. The process that gets it has the network, and does not look into it."""
        job = {"kind": "fetch", "url": url, "private": self.limits.allow_private}
        return await self._run(job, None, self.limits.max_bytes + 65536)

    async def check(self, job: dict[str, Any], document: IO[bytes]) -> Result:
        """The report on a document, whose file stands at its beginning."""
        mine = {"kind": "check", "engine": self.engine, "noise": self.noise, "confined": self.confined}
        return await self._run({**mine, **job}, document, RESULT)

    async def close(self) -> None:
        """End what is still running."""
        for process in list(self._processes):
            _kill(process)

    async def _run(self, job: dict[str, Any], document: IO[bytes] | None, most: int) -> Result:
        limits = {"seconds": self.limits.timeout, "memory": self.limits.memory * _MIB, "most": most}
        out = tempfile.TemporaryFile()  # noqa: SIM115  goes with the result
        try:
            visitor = visitors.current.get()
            await self.lane.enter(_client(), None, visitor.used() if visitor else 0.0)
            try:
                await self._ended({**job, **limits}, document, out)
            finally:
                self.lane.leave()
            return _result(out)
        except BaseException:
            out.close()
            raise

    async def _ended(self, job: dict[str, Any], document: IO[bytes] | None, out: IO[bytes]) -> None:
        """Run a process to its good end; raises why there was none."""
        with tempfile.TemporaryFile() as words:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "api.checker", json.dumps(job)),
                stdin=document or asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=words,
                start_new_session=True,  # shapes may ask queries in a process of their own: all end together
            )
            verdict = await self._watched(process)
            if verdict or process.returncode != 0:
                raise self._failure(verdict, process.returncode or 0, _last(words))

    async def _watched(self, process: asyncio.subprocess.Process) -> str:
        """Wait for the end; why it was killed, if it was. Leaving kills it."""
        self._processes.add(process)
        end = asyncio.get_running_loop().time() + self.limits.timeout
        try:
            while process.returncode is None:
                try:
                    async with asyncio.timeout(POLL):
                        await process.wait()
                except TimeoutError:
                    if asyncio.get_running_loop().time() > end:
                        return "time"
                    if sandbox.resident(process.pid) > self.limits.memory * _MIB:
                        return "memory"
            return ""
        finally:
            _kill(process)
            await asyncio.shield(process.wait())
            self._processes.discard(process)

    def _failure(self, verdict: str, code: int, words: str) -> GaronneError:
        last = words.strip().rpartition("\n")[2]
        reason: dict[str, Any] = json.loads(last) if code == 1 and last.startswith("{") else {}
        if verdict == "time" or code == -24:  # SIGXCPU
            return timed_out(CHECK, self.limits.timeout, _IN_PARTS_OR_HERE)
        if verdict == "memory" or reason.get("kind") == "memory" or "memory allocation of" in words:
            return out_of_memory(CHECK, self.limits.memory, _IN_PARTS)
        if reason.get("kind") == "output":
            return _too_long()
        if reason.get("status"):
            return _heard(reason)
        log.warning("a check ended with code %d: %s", code, words[-300:])
        return Unreadable(
            Text("Ce document a mis fin à la vérification.", "This document ended the check."),
            Text("Il est peut-être trop imbriqué\u00a0; simplifiez-le.", "It may be nested too deeply; simplify it."),
        )


def _client() -> str:
    visitor = visitors.current.get()
    return visitor.name if visitor else ""


def _kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _last(words: IO[bytes]) -> str:
    words.seek(max(0, words.seek(0, os.SEEK_END) - 8000))
    return words.read().decode(errors="replace")


def _result(out: IO[bytes]) -> Result:
    out.seek(0)
    head = json.loads(out.readline(_HEAD))
    start = out.tell()
    size = out.seek(0, os.SEEK_END) - start
    out.seek(start)
    return Result(head, out, size)


def _heard(reason: dict[str, Any]) -> GaronneError:
    """What the process said in words. Where it has none in French, the English ones are introduced as such."""
    said = f"{reason['what']}: {reason['message']}" if reason.get("what") else str(reason["message"])
    told = reason.get("french") or f"en anglais\u00a0: {said}"
    text = Text(f"Ce document ne peut pas être vérifié\u00a0: {told}", said)
    hint = str(reason.get("hint", ""))
    advice = Text(str(reason["french_hint"]) if reason.get("french") else hint, hint)
    return BadRequest(text, advice) if reason["status"] == 400 else Unreadable(text, advice)


def _too_long() -> Unreadable:
    return Unreadable(
        Text("Le rapport serait trop long pour être envoyé.", "The report would be too long to be sent."),
        Text(
            "Demandez-le en page (format=html), ou vérifiez une partie à la fois.",
            "Ask for a page (format=html), or check one part at a time.",
        ),
    )
