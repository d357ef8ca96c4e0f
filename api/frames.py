"""What the front and a query worker say to each other: frames on a stream socket.

A frame is one byte that names its kind, the length of its payload (four bytes, big-endian), and the payload.

    J  front → worker   a job, JSON: query, default_graphs, named_graphs, results, graph, encoding, link, unseen
    H  worker → front   the head of a result, JSON: form (select, ask, graph), format (a suffix) and encoding
    D  worker → front   a piece of the serialised result
    R  worker → front   what the whole was, JSON: rows, bytes and sha256 before any encoding
    L  worker → front   the last piece, empty or not: the result is complete
    X  worker → front   it failed, JSON: kind (syntax, graph, format, service, update, memory, engine, store), message

The answer to a job is H D* R L, or X at any point.
"""

from __future__ import annotations

import struct

HEADER = struct.Struct(">cI")

JOB, HEAD, DATA, RECEIPT, LAST, FAILURE = b"J", b"H", b"D", b"R", b"L", b"X"


def frame(kind: bytes, payload: bytes = b"") -> bytes:
    """The bytes of one frame."""
    return HEADER.pack(kind, len(payload)) + payload
