"""A small HTTP server on a free loopback port, for one test: it answers as it is told."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """What is sent. `announced` is a false Content-Length; `chunks` sends chunked, `end` False leaves them open."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "application/json; charset=utf-8"
    announced: int | None = None
    chunks: list[bytes] | None = None
    end: bool = True
    stall: float = 0.0


@dataclass
class Asked:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes = b""


Reply = Callable[[str], Answer]
Post = Callable[[str, bytes], Answer]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, reply: Reply, post: Post | None, at: tuple[str, int], *, tagged: bool = False) -> None:
        super().__init__(at, _Handler)
        self.tagged = tagged
        self.reply = reply
        self.post = post
        self.asked: list[Asked] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves early is part of many tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  as the library names it
        """Tests are silent."""

    def do_GET(self) -> None:
        self.server.asked.append(Asked(self.path, dict(self.headers)))
        answer = self.server.reply(self.path)
        if self.server.tagged and answer.status == 200:
            tag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
            same = self.headers.get("If-None-Match") == tag
            answer = Answer(status=304) if same else replace(answer, headers={**answer.headers, "ETag": tag})
        self._answer(answer)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append(Asked(self.path, dict(self.headers), body))
        self._answer(self.server.post(self.path, body) if self.server.post else Answer(status=405))

    def _answer(self, answer: Answer) -> None:
        if answer.stall:
            time.sleep(answer.stall)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.chunks is not None:
            self._chunked(answer)
        else:
            self.send_header("Content-Length", str(len(answer.body) if answer.announced is None else answer.announced))
            self.end_headers()
            self.wfile.write(answer.body)
            if answer.announced is not None:
                self._hang_up()

    def _chunked(self, answer: Answer) -> None:
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for chunk in answer.chunks or ():
            self.wfile.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
        if answer.end:
            self.wfile.write(b"0\r\n\r\n")
        else:
            self._hang_up()

    def _hang_up(self) -> None:
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


@dataclass
class Running:
    """A server that runs: its address, and what it was asked."""

    address: str
    asked: list[Asked]


@contextmanager
def serving(
    reply: Reply, post: Post | None = None, *, tagged: bool = False, at: tuple[str, int] = ("127.0.0.1", 0)
) -> Iterator[Running]:
    """Runs a server whose answers `reply` gives, path and query in, answer out; `post` answers what is posted.

    It listens `at` this address and port; 0 is a free one. When `tagged`, answers bear the tag of their body, and one
    that is asked for on its condition is not sent again.
    """
    server = _Server(reply, post, at, tagged=tagged)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield Running(f"http://{at[0]}:{server.server_address[1]}", server.asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def in_turn(*answers: Answer) -> Reply:
    """Gives these answers one after the other; the last one from then on."""
    left = list(answers)
    return lambda _path: left.pop(0) if len(left) > 1 else left[0]
