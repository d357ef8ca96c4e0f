"""The service as its users meet it: started by its own command on a free port, asked over a socket."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from catalog.settings import Settings
from catalog.settings_table import ServeSettings


@dataclass
class Answer:
    """One response, read to its end."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def type(self) -> str:
        return self.headers.get("content-type", "")


class Server:
    """`garonne serve`, in a folder with its garonne.toml; stopped by SIGTERM.

    It listens on the port that the settings name, on a free one where they leave it as it is by default.
    `within` is a command that runs the one that follows it, in its own place.
    """

    def __init__(
        self, settings: Settings, folder: Path, *arguments: str, more: str = "", within: Sequence[str] = ()
    ) -> None:
        config = folder / "garonne.toml"
        config.write_text(toml(settings) + more)
        program = Path(sys.executable).parent / "garonne"
        port = ["--port", "0"] if settings.serve.port == ServeSettings().port else []
        self.log = (folder / "serve.log").open("wb+")
        self.process = subprocess.Popen(
            [*within, str(program), "--config", str(config), "serve", *port, *arguments],
            stderr=self.log,
            stdout=subprocess.DEVNULL,
        )
        self.address = self._wait(folder / "serve.log")
        self.host = urlsplit(self.address).netloc

    def _wait(self, log: Path) -> str:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            lines = log.read_text().splitlines()
            if lines and lines[0].startswith("http") and self._answers(lines[0]):
                return lines[0]
            if self.process.poll() is not None:
                raise AssertionError(log.read_text())
            time.sleep(0.02)
        self.stop(signal.SIGKILL)  # else it would go on beside the tests that follow
        raise AssertionError("the server did not come up: " + log.read_text())

    def _answers(self, address: str) -> bool:
        self.host = urlsplit(address).netloc
        try:
            return self.get("/health/live").status == 200
        except OSError:
            return False

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        timeout: float = 30,
    ) -> Answer:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection(self.host, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            data = response.read()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, data)
        finally:
            connection.close()

    def get(self, path: str, accept: str | None = None, **headers: str) -> Answer:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if accept is not None:
            given["Accept"] = accept
        return self.ask("GET", path, headers=given)

    def sparql(self, query: str, accept: str | None = None, **parameters: str) -> Answer:
        return self.get("/sparql?" + urlencode({"query": query, **parameters}, quote_via=quote), accept)

    def sparql_post(self, query: str, accept: str = "*/*") -> Answer:
        return self.ask(
            "POST", "/sparql", query.encode(), {"Content-Type": "application/sparql-query", "Accept": accept}
        )

    def rows(self, query: str) -> list[dict[str, str]]:
        """The rows of a SELECT, values only."""
        answer = self.sparql(query)
        assert answer.status == 200, answer.text
        return [{k: v["value"] for k, v in row.items()} for row in answer.json()["results"]["bindings"]]

    def workers(self) -> set[int]:
        """The process ids of the query workers."""
        return {pid for child in children(self.process.pid) for pid in children(child) if name(pid) == "garonne-query"}

    def stop(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            os.kill(self.process.pid, number)
        code = self.process.wait(20)
        self.log.close()
        return code

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()


CLIENTS = ("work", "requests", "at_once", "trusted_proxies")


def toml(settings: Settings) -> str:
    """The settings file that gives these settings; only what the tests set."""
    lines: list[str] = []
    for table, names in {
        "catalog": ("base", "languages"),
        "store": ("path", "engine", "query", "update", "graphs", "user", "password", "auth"),
        "query": ("timeout", "memory", "budget", "errors", "requests", "at_once", "max_bytes", "rewriting", "standing"),
        "serve": ("host", "port", "workers", "queue", "long", "checksums", "dumps", *CLIENTS),
        "write": ("tokens", "timeout", "max_bytes"),
    }.items():
        lines.append(f"[{table}]")
        values = getattr(settings, table)
        lines += [f"{name} = {json.dumps(_plain(getattr(values, name)))}" for name in names]
    lines += ["[catalog.title]", *(f"{k} = {json.dumps(v)}" for k, v in settings.catalog.title.items())]
    return "\n".join(lines) + "\n"


def _plain(value: Any) -> Any:
    return str(value.resolve()) if isinstance(value, Path) else value


def children(pid: int) -> list[int]:
    """The processes that a process has started and that live."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def name(pid: int) -> str:
    """What a process is called."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""
