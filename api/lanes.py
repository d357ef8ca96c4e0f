"""A number of places, and a bounded queue for them in which those who have used least come first.

A client that has used much of late finds one place fewer than there are, so that the others seldom wait; so does one
that is not known yet, as long as some are about that are known to ask for little (they have used less than nothing).
When the queue is full, a newcomer takes the place of the client that has used clearly more, or that has more waiting
than the newcomer would have; else the newcomer is refused.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque

from api.errors import TooBusy
from catalog.model import Text

HEAVY = 1.0
"""Seconds of query time of late from which a client has used much."""

RESERVED = 5.0
"""Seconds for which a place is kept after a client that is known to ask for little has asked."""

MARGIN = 0.5
"""Seconds that make a difference between two clients."""

Turn = asyncio.Future[None]


class Lane:
    """`places` at a time, at most `queue` waiting. `used` is what a client has used of late, in seconds."""

    def __init__(self, places: int, queue: int) -> None:
        self.places = places
        self.queue = queue
        self.taken = 0
        self.waiting = 0
        self._reserved = 0.0
        self._turns: OrderedDict[str, deque[Turn]] = OrderedDict()
        self._used: dict[str, float] = {}

    def try_enter(self, used: float = 0.0) -> bool:
        """Take a place if one is free for such a client and nobody waits for it that comes first."""
        if used < 0:
            self._reserved = time.monotonic() + RESERVED
        first = not self._turns or not any(self._used[name] <= used for name in self._turns)
        if first and self.taken < self._open_to(used):
            self.taken += 1
            return True
        return False

    def _open_to(self, used: float) -> int:
        kept = used >= HEAVY or (used >= 0 and time.monotonic() < self._reserved)
        return self.places - 1 if kept and self.places > 1 else self.places

    async def enter(self, client: str, patience: float | None, used: float = 0.0) -> None:
        """Take a place, after at most `patience` seconds. Raises `TooBusy`."""
        if self.try_enter(used):
            return
        if self.waiting >= self.queue and not self._displace(client, used):
            raise too_busy()
        turn: Turn = asyncio.get_running_loop().create_future()
        self._turns.setdefault(client, deque()).append(turn)
        self._used[client] = used
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

    def urged(self, client: str, used: float) -> bool:
        """Whether somebody else waits who has used clearly less."""
        return any(name != client and other < used - MARGIN for name, other in self._used.items())

    def leave(self) -> None:
        """Give the place back to whoever has used least, among equals to the one that has waited longest for a turn."""
        self.taken -= 1
        while self._turns:
            client = min(self._turns, key=self._rank)
            if self.taken >= self._open_to(self._used[client]):
                return
            turn = self._turns[client].popleft()
            self.waiting -= 1
            self._turns.move_to_end(client)
            self._tidy(client)
            if not turn.done():
                self.taken += 1
                turn.set_result(None)

    def _rank(self, client: str) -> int:
        return int(self._used[client] / MARGIN)

    def _displace(self, client: str, used: float) -> bool:
        """Refuse the last of the client that has used most, or that waits most, if that is fair to it."""
        if not self._turns:
            return False
        found = max(self._turns, key=self._used.__getitem__)
        if self._used[found] <= used + MARGIN:
            found = max(self._turns, key=lambda name: len(self._turns[name]))
            if len(self._turns[found]) <= len(self._turns.get(client, ())) + 1:
                return False
        last = self._turns[found].pop()
        self.waiting -= 1
        self._tidy(found)
        if not last.done():
            last.set_exception(too_busy())
        return True

    def _forget(self, client: str, turn: Turn) -> None:
        """Take a turn that is no longer wanted out of the queue, or give back the place that it was given."""
        turns = self._turns.get(client)
        if turns is not None and turn in turns:
            turns.remove(turn)
            self.waiting -= 1
            self._tidy(client)
        elif turn.done() and not turn.cancelled() and turn.exception() is None:
            self.leave()

    def _tidy(self, client: str) -> None:
        if not self._turns[client]:
            del self._turns[client], self._used[client]


def too_busy() -> TooBusy:
    """The error for a query that nobody is free for."""
    return TooBusy(
        Text(
            "Trop de requêtes attendent déjà\u00a0; celle-ci n’a pas été menée à bien.",
            "Too many queries are waiting already; this one was not carried out.",
        ),
        Text("Réessayez dans quelques secondes.", "Try again in a few seconds."),
    )
