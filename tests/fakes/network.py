"""A network of a test's own: public and private addresses that are all on this machine, and names that mean them.

What is started within it (servers, commands) is in it, and reaches nothing else. Only root can make one.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import re
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

PUBLIC, OTHER, PRIVATE = "11.22.33.44", "11.22.33.55", "10.0.0.5"
"""Addresses that there are: two of the public network, and one that is not."""
_NEWNET = 0x40000000
_SET_ADDRESS, _SET_FLAGS, _UP = 0x8916, 0x8914, 0x41


class Names:
    """A name server: `known` has the addresses that a name means, one after the other; the last from then on.

    `asked` counts how often each was looked up.
    """

    def __init__(self, known: Mapping[str, Sequence[str]], at: str) -> None:
        self.known = {name: list(addresses) for name, addresses in known.items()}
        self.asked: Counter[str] = Counter()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((at, 53))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                question, sender = self._socket.recvfrom(4096)
                if not question:
                    return
                self._socket.sendto(self._answer(question), sender)

    def _answer(self, question: bytes) -> bytes:
        """The address where one is asked for (RFC 1035, 4.1), else that there is none of that type."""
        at, labels = 12, []
        while size := question[at]:
            labels.append(question[at + 1 : at + 1 + size].decode("ascii", "replace"))
            at += size + 1
        name, (kind,) = ".".join(labels).lower(), struct.unpack("!H", question[at + 1 : at + 3])
        known = self.known.get(name)
        records = b""
        if known and kind == 1:
            self.asked[name] += 1
            address = known.pop(0) if len(known) > 1 else known[0]
            records = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 0, 4) + socket.inet_aton(address)
        flags = 0x8180 if known else 0x8183
        return question[:2] + struct.pack("!HHHHH", flags, 1, bool(records), 0, 0) + question[12 : at + 5] + records

    def close(self) -> None:
        """Ends it."""
        port = self._socket.getsockname()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", port)
        self._thread.join(5)
        self._socket.close()


@contextmanager
def network(known: Mapping[str, Sequence[str]]) -> Iterator[Names]:
    """Makes it, and puts this thread and whatever it starts into it; the test is skipped where that may not be."""
    found = re.search(r"^nameserver\s+([\d.]+)", Path("/etc/resolv.conf").read_text(), re.MULTILINE)
    if found is None:
        pytest.skip("this machine asks no name server whose place could be taken")
    system = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    if system.unshare(_NEWNET):
        os.close(before)
        pytest.skip(f"a network of its own cannot be made here: {os.strerror(ctypes.get_errno())}")
    names: Names | None = None
    try:
        _addresses([PUBLIC, OTHER, PRIVATE, found[1]])
        names = Names(known, found[1])
        yield names
    finally:
        if names is not None:
            names.close()
        system.setns(before, 0)
        os.close(before)


def _addresses(wanted: Sequence[str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        fcntl.ioctl(asking, _SET_FLAGS, struct.pack("16sH22s", b"lo", _UP, b""))
        for number, address in enumerate(dict.fromkeys(wanted)):
            name, ip = f"lo:{number}".encode(), socket.inet_aton(address)
            fcntl.ioctl(asking, _SET_ADDRESS, struct.pack("16sH2s4s8s", name, socket.AF_INET, b"", ip, b""))
