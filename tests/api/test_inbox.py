"""The front's end of a worker's socket: frames however they are cut, and nothing read ahead without end."""

from __future__ import annotations

import asyncio
import random
import socket

import pytest

from api.frames import DATA, LAST, frame
from api.inbox import READ_AHEAD, Inbox


@pytest.mark.parametrize("size", [1, 3, 5, 700, 1 << 20])
def test_frames_are_whole_however_they_come(size: int) -> None:
    dice = random.Random(size)  # noqa: S311  repeatable, not secret
    sent = [(DATA, dice.randbytes(dice.choice((0, 1, 400, 3000)))) for _ in range(30)] + [(LAST, b"")]
    data = b"".join(frame(*one) for one in sent)
    inbox = Inbox()
    for at in range(0, len(data), size):
        inbox.data_received(data[at : at + size])
    found = []
    while (one := inbox.take()) is not None:
        found.append(one)
    assert found == sent


def test_of_a_worker_in_haste_no_more_is_read_than_is_taken() -> None:
    async def scene() -> None:
        inbox, theirs = await connected()
        piece = frame(DATA, bytes(60_000))
        sent = 0
        for _ in range(200):
            try:
                sent += theirs.send(piece)
            except BlockingIOError:
                break
            await asyncio.sleep(0)
        assert sent < 12_000_000, "the socket never filled: everything was read ahead"
        taken = 0
        while taken + 10 * READ_AHEAD < sent:
            await inbox.arrival(5)
            one = inbox.take()
            assert one is not None
            taken += len(one[1])
        inbox.close()
        theirs.close()

    asyncio.run(scene())


def test_what_was_sent_before_the_end_is_there_after_it() -> None:
    async def scene() -> None:
        inbox, theirs = await connected()
        theirs.send(frame(DATA, b"a") + frame(LAST, b"b"))
        theirs.close()
        while not inbox.ended:
            await asyncio.sleep(0.01)
        await inbox.arrival(60)  # at once: there is something
        assert inbox.take() == (DATA, b"a")
        assert inbox.take() == (LAST, b"b")
        await inbox.arrival(60)  # at once: nothing will come
        assert inbox.take() is None
        inbox.write(b"nobody takes this")

    asyncio.run(scene())


def test_one_waits_no_longer_than_it_wants_to() -> None:
    async def scene() -> None:
        inbox, theirs = await connected()
        async with asyncio.timeout(10):
            await inbox.arrival(0.01)
        assert inbox.take() is None
        assert not inbox.ended
        inbox.close()
        theirs.close()

    asyncio.run(scene())


async def connected() -> tuple[Inbox, socket.socket]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    _, inbox = await asyncio.get_running_loop().create_unix_connection(Inbox, sock=ours)
    return inbox, theirs
