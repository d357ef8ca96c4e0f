"""A number of places, and a bounded queue for them in which every client has the same right.

Waiting clients take turns, however much each has asked. When the queue is full, a newcomer takes the place of the last
of the client that waits most, if that one has more waiting than the newcomer would have; else the newcomer is refused.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque

from api.errors import TooBusy
from catalog.model import Text


class Lane:
    """`places` at a time, at most `queue` waiting."""

    def __init__(self, places: int, queue: int) -> None:
        self.places = places
        self.queue = queue
        self.taken = 0
        self.waiting = 0
        self._turns: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    def try_enter(self) -> bool:
        """Take a place if one is free and nobody waits for it."""
        if self.taken < self.places and not self.waiting:
            self.taken += 1
            return True
        return False

    async def enter(self, client: str, patience: float | None) -> None:
        """Take a place, after at most `patience` seconds. Raises `TooBusy`."""
        if self.try_enter():
            return
        if self.waiting >= self.queue and not self._displace(client):
            raise too_busy()
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._turns.setdefault(client, deque()).append(turn)
        self.waiting += 1
        try:
            async with asyncio.timeout(patience):
                await turn
        except TimeoutError:
            self._forget(client, turn)
            raise too_busy() from None
        except BaseException:
            self._forget(client, turn)
            raise

    def leave(self) -> None:
        """Give the place back; the next client's turn."""
        self.taken -= 1
        while self._turns and self.taken < self.places:
            client, turns = next(iter(self._turns.items()))
            turn = turns.popleft()
            self.waiting -= 1
            self._turns.move_to_end(client)
            if not turns:
                del self._turns[client]
            if not turn.done():
                self.taken += 1
                turn.set_result(None)

    def _displace(self, client: str) -> bool:
        """Refuse the last of the client that waits most, if that is fair to it."""
        if not self._turns:
            return False
        most = max(self._turns, key=lambda name: len(self._turns[name]))
        if len(self._turns[most]) <= len(self._turns.get(client, ())) + 1:
            return False
        last = self._turns[most].pop()
        self.waiting -= 1
        if not last.done():
            last.set_exception(too_busy())
        return True

    def _forget(self, client: str, turn: asyncio.Future[None]) -> None:
        """Take a turn that is no longer wanted out of the queue, or give back the place that it was given."""
        turns = self._turns.get(client)
        if turns is not None and turn in turns:
            turns.remove(turn)
            self.waiting -= 1
            if not turns:
                del self._turns[client]
        elif turn.done() and not turn.cancelled() and turn.exception() is None:
            self.leave()


def too_busy() -> TooBusy:
    """The error for a query that nobody is free for."""
    return TooBusy(
        Text(
            "Trop de requêtes attendent déjà ; celle-ci n’a pas été menée à bien.",
            "Too many queries are waiting already; this one was not carried out.",
        ),
        Text("Réessayez dans quelques secondes.", "Try again in a few seconds."),
    )
