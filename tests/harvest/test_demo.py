"""Two demos that start together get two ports, and each can serve on its own."""

from __future__ import annotations

import socket

import pytest

from catalog.errors import UsageError
from harvest.commands.demo import reserved
from tests.fakes.server import Answer, in_turn, serving


def free() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def test_a_port_is_given_once_and_can_be_served() -> None:
    wanted = free()
    with reserved(wanted) as one, reserved(wanted) as two:
        assert one != two
        for port in (one, two):
            with socket.socket() as listener:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as `serve` does
                listener.bind(("127.0.0.1", port))
                listener.listen()
                socket.create_connection(("127.0.0.1", port)).close()


def test_a_port_that_is_served_is_passed_over() -> None:
    with serving(in_turn(Answer())) as server:
        taken = int(server.address.rpartition(":")[2].strip("/"))
        with reserved(taken) as port:
            assert port != taken


def test_no_port_at_all() -> None:
    with pytest.raises((UsageError, OverflowError)), reserved(65_536):
        pass
