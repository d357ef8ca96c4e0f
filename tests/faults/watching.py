"""The service under fire: asked while something is killed, killed itself, started again."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from dataclasses import replace
from http.client import HTTPException
from pathlib import Path

from catalog.settings import Settings
from tests.api.server import Server
from tests.faults.promises import digest

FEED = "/catalog.ttl?page=1"
ASK = "SELECT (COUNT(DISTINCT ?d) AS ?n) { ?d a <http://www.w3.org/ns/dcat#Dataset> }"
AGAIN = 10.0
"""Seconds within which a query must be answered after the worker of an earlier one was killed."""


class Watch:
    """One service; `feeds` has the digest of the first feed page of each release that it has shown."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        serve = replace(settings.serve, port=0, workers=1)
        self.settings = replace(settings, serve=serve, query=replace(settings.query, standing=False))
        self.folder = folder
        self.folder.mkdir()
        self.feeds: dict[int, str] = {}
        self.asked = 0
        self.last = 0
        self.wrong: list[str] = []
        self.server = self._started()

    def _started(self) -> Server:
        return Server(self.settings, self.folder)

    def ask(self) -> int:
        """Asks for the feed; returns the number of the release that was shown, 0 before the first."""
        self.asked += 1
        try:
            answer = self.server.get(FEED)
        except (OSError, HTTPException) as e:
            self.wrong.append(f"the service does not answer: {e!r}")
            return 0
        if answer.status != 200:
            self.wrong.append(f"the feed answers {answer.status}: {answer.text[:200]}")
            return 0
        number = int(answer.headers["garonne-release"])
        said = digest(answer.body)
        if self.feeds.setdefault(number, said) != said:
            self.wrong.append(f"the feed of release {number} is not byte for byte what it was")
        if number < self.last:
            self.wrong.append(f"the service went back from release {self.last} to {number}")
        self.last = max(number, self.last)
        return number

    def query(self) -> int:
        """How many datasets there are by SPARQL; a query that met a killed worker is put again."""
        deadline = time.monotonic() + AGAIN
        while True:
            answer = self.server.sparql(ASK, "application/sparql-results+json")
            if answer.status == 200:
                return int(answer.json()["results"]["bindings"][0]["n"]["value"])
            if time.monotonic() > deadline:
                self.wrong.append(f"queries are answered {answer.status}: {answer.text[:200]}")
                return -1
            time.sleep(0.1)

    def kill_worker(self) -> None:
        """Kills a query worker; the service must not notice."""
        for pid in sorted(self.server.workers())[:1]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def kill(self) -> None:
        """Kills the service itself and starts another: its workers must end with it."""
        workers = self.server.workers()
        self.server.stop(signal.SIGKILL)
        deadline = time.monotonic() + 5
        while any(_alive(pid) for pid in workers) and time.monotonic() < deadline:
            time.sleep(0.02)
        self.wrong += [f"worker {pid} outlives its service" for pid in workers if _alive(pid)]
        self.server = self._started()

    def forget(self) -> None:
        """What older releases said may change now: a dataset is taken down."""
        self.feeds.clear()

    def close(self) -> None:
        """Stops the service."""
        self.server.stop()


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
