"""Query workers as the front sees them: processes forked from a zygote, what they are told and what comes from them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import orjson

from api import allocator
from api.frames import JOB, frame
from api.inbox import Inbox
from catalog import sandbox


@dataclass(frozen=True, slots=True)
class Job:
    """One query and what its client accepts: `results` and `graph` are suffixes, None for no format of that kind.

    `offered` are the media types to name when none fits; `timeout` is in seconds; `encoding` is empty, gzip or br. A
    `volatile` one may be answered otherwise the next time, on the same data. An `unseen` one is too long for the front:
    its worker looks for words that are refused.
    """

    query: str
    results: str | None
    graph: str | None
    timeout: float
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    accept: str = ""
    offered: tuple[str, ...] = ()
    encoding: str = ""
    volatile: bool = False
    unseen: bool = False

    def encoded(self, link: str = "") -> bytes:
        """The job as its frame; `link` is named in the head of a table."""
        graphs = self.default_graphs, self.named_graphs
        told = (self.query, self.results, self.graph, *graphs, self.encoding, link, self.unseen)
        return frame(JOB, orjson.dumps(told))


@dataclass(frozen=True, slots=True)
class Terms:
    """What every worker is started with: base of relative IRIs, bytes of address space, network kept off, rewriting.

    `elsewhere` says where a release is asked that is on another engine (`catalog.elsewhere`), empty for here.
    """

    base: str
    space: int
    confined: bool
    rewriting: bool
    elsewhere: Callable[[Path], str] = lambda _: ""

    def on(self, store: Path) -> list[str]:
        """The arguments of a worker on this snapshot (`api.worker.main`)."""
        flags = [f"{self.confined:d}", f"{self.rewriting:d}"]
        return [str(store), self.base, str(self.space), *flags, self.elsewhere(store)]


class Zygote:
    """The process that workers are forked from, started when the first is wanted, anew when it has ended."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._hearing: asyncio.Task[None] | None = None
        self._forks: deque[asyncio.Future[int]] = deque()
        self._burials: dict[int, asyncio.Future[int]] = {}

    async def fork(self, arguments: list[str], channel: socket.socket, stderr: IO[bytes]) -> int:
        """A worker with these arguments on this end of its socket; its process id."""
        message = json.dumps({"fork": arguments}).encode()
        for _ in range(2):
            born: asyncio.Future[int] = asyncio.get_running_loop().create_future()
            try:
                self._order(message, [channel.fileno(), stderr.fileno()])
                self._forks.append(born)
                return await asyncio.shield(born)
            except OSError:  # it was killed from outside, or by the machine's want of memory
                self.close()
        raise ConnectionResetError("workers cannot be started")

    async def bury(self, pid: int) -> int:
        """The exit code of a worker that has ended or is about to; below 0 for a signal."""
        if self._control is None or pid in self._burials:
            return -signal.SIGKILL
        gone = self._burials[pid] = asyncio.get_running_loop().create_future()
        try:
            self._order(json.dumps({"bury": pid}).encode(), [])
            return await asyncio.shield(gone)
        except OSError:  # its zygote ended, and every worker with it
            return -signal.SIGKILL
        finally:
            self._burials.pop(pid, None)

    def _order(self, message: bytes, descriptors: list[int]) -> None:
        """Give an order. The socket takes hundreds of them before it would have to wait."""
        socket.send_fds(self._control or self._start(), [message], descriptors)

    async def _hear(self, control: socket.socket) -> None:
        """Take its answers until it has ended."""
        loop = asyncio.get_running_loop()
        with suppress(OSError):
            while heard := await loop.sock_recv(control, 1 << 16):
                answer: dict[str, int] = json.loads(heard)
                told = self._forks.popleft() if "pid" in answer else self._burials.get(answer["buried"])
                if told is not None and not told.done():
                    told.set_result(answer["pid"] if "pid" in answer else answer["code"])
        self._forget(ConnectionResetError("the zygote has ended"))

    def _forget(self, why: OSError) -> None:
        """Nobody is to wait for its answers any more."""
        for told in (*self._forks, *self._burials.values()):
            if not told.done():
                told.set_exception(why)
                told.exception()  # it may be that nobody waits
        self._forks.clear()
        self._burials.clear()

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-P", "-m", "api.zygote", str(theirs.fileno())]
            env = allocator.environment()
            self._process = subprocess.Popen(command, pass_fds=(theirs.fileno(),), stdin=subprocess.DEVNULL, env=env)
        ours.setblocking(False)
        self._control = ours
        self._hearing = asyncio.create_task(self._hear(ours))
        return ours

    def close(self) -> None:
        """End it, and with it every worker that still lives."""
        if self._hearing is not None:
            self._hearing.cancel()
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._control = self._process = self._hearing = None
        self._forget(ConnectionResetError("the zygote was ended"))


class Worker:
    """One process and the socket to it. `verdict` says why we killed it, if we did; `answered` counts its queries."""

    def __init__(self, zygote: Zygote, pid: int, inbox: Inbox, store: Path, stderr: IO[bytes]) -> None:
        self.zygote = zygote
        self.pid = pid
        self.inbox = inbox
        self.store = store
        self.stderr = stderr
        self.verdict = ""
        self.demoted = False
        self.answered = 0
        self._worked: float | None = None
        self._code: asyncio.Task[int] | None = None
        self._accounts = sandbox.Accounts(pid)

    @classmethod
    async def start(cls, zygote: Zygote, store: Path, terms: Terms) -> Worker:
        """Start a process on this snapshot; it takes jobs at once and opens the snapshot meanwhile."""
        ours, theirs = socket.socketpair()
        stderr = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the worker
        with theirs:
            pid = await zygote.fork(terms.on(store), theirs, stderr)
        ours.setblocking(False)
        _, inbox = await asyncio.get_running_loop().create_unix_connection(Inbox, sock=ours)
        return cls(zygote, pid, inbox, store, stderr)

    def alive(self) -> bool:
        """Whether its end of the socket is open."""
        return self._code is None and not self.inbox.ended

    def send(self, job: Job, link: str = "") -> None:
        """Hand over a job; only when the last one is answered. That the worker is dead shows when nothing comes."""
        self.inbox.write(job.encoded(link))

    def memory(self) -> int:
        """Bytes of resident memory of its own, without shared files; 0 when it has ended."""
        return self._accounts.resident()

    def worked(self) -> float:
        """Seconds of processor time that it has had; of one that has ended, that it had when last looked at.

        Those of the clock where the system keeps no such account.
        """
        found = self._accounts.worked()
        if found is not None:
            self._worked = found
        return time.monotonic() if self._worked is None else self._worked

    def worked_before(self) -> float:
        """The same of one that has had nothing to do since it was last looked at."""
        return self.worked() if self._worked is None else self._worked

    def kill(self, verdict: str = "") -> None:
        """End it now; the first verdict counts."""
        self.verdict = self.verdict or verdict
        self._signal(signal.SIGKILL)

    def demote(self) -> None:
        """Let every other process go first, from now on and for good."""
        self.demoted = True
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.pid, os.getpriority(os.PRIO_PROCESS, 0) + 5)

    def pause(self) -> None:
        """Have it do nothing until `resume`."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Have it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        if self._code is None:  # once it is being buried its number may become another's
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def last_words(self) -> str:
        """What it wrote to its standard error, at most the last 2,000 characters."""
        with suppress(OSError, ValueError):
            self.stderr.seek(max(0, self.stderr.seek(0, os.SEEK_END) - 2000))
            return self.stderr.read().decode(errors="replace").strip()
        return ""

    async def end(self) -> int:
        """Kill it if it lives and wait until it has gone; its exit code, its own where it was about to end."""
        if self._code is None:
            self.kill()
            self.worked()  # its account goes when it is buried
            self._code = asyncio.ensure_future(self.zygote.bury(self.pid))
        return await asyncio.shield(self._code)

    async def bury(self) -> None:
        """Kill it if it lives, wait until it has gone, and let go of what it held."""
        self.inbox.close()
        await self.end()
        self._accounts.close()
        self.stderr.close()
