"""What the front and a query worker say to each other: frames on a stream socket.

A frame is one byte that names its kind, the length of its payload (four bytes, big-endian), and the payload.

    J  front → worker   a job, JSON: the list of what `Told` names
    W  worker → front   a whole result, where it is there at once: the length of what it is (two bytes), what it is
                        (JSON: what H and R say), and its bytes
    H  worker → front   the head of a result, JSON: form (select, ask, graph), format (a suffix) and encoding
    D  worker → front   a piece of the serialised result
    R  worker → front   what the whole was, JSON: rows, bytes and sha256 before any encoding
    L  worker → front   the last piece, empty or not: the result is complete
    X  worker → front   it failed, JSON: kind (syntax, graph, format, service, update, memory, engine, store), message

The answer to a job is W, or H D* R L, or X at any point.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

HEADER = struct.Struct(">cI")

JOB, WHOLE, HEAD, DATA, RECEIPT, LAST, FAILURE = b"J", b"W", b"H", b"D", b"R", b"L", b"X"
_LENGTH = struct.Struct(">H")


class Told(NamedTuple):
    """What a worker is told of a job (`api.process.Job`); `link` is an address to name in the head of a table."""

    query: str
    results: str | None
    graph: str | None
    default_graphs: list[str]
    named_graphs: list[str]
    encoding: str
    link: str
    unseen: bool


def whole(about: bytes, body: bytes) -> bytes:
    """The frame of a whole result, and of what it is."""
    return HEADER.pack(WHOLE, _LENGTH.size + len(about) + len(body)) + _LENGTH.pack(len(about)) + about + body


def parted(payload: bytes) -> tuple[bytes, bytes]:
    """What a whole result is, and its bytes."""
    end = _LENGTH.size + _LENGTH.unpack_from(payload)[0]
    return payload[_LENGTH.size : end], payload[end:]


def frame(kind: bytes, payload: bytes = b"") -> bytes:
    """The bytes of one frame."""
    return HEADER.pack(kind, len(payload)) + payload
