"""Requests with a long body: few at a time, whoever has used least first, so that their bodies never fill the memory.

A body counts as long when `LARGE` bytes of it have come; the rest stays with its client until there is a place, which
is kept until the request is answered. Nothing goes through a long text where all requests are answered: queries are
looked at by their worker, and forms are taken apart in a thread.
"""

from __future__ import annotations

from api import budgets
from api.lanes import Lane

LARGE = 64 * 1024
"""Bytes from which a body is long."""
PLACES = 4
"""Long requests at a time…"""
QUEUE = 64
"""…and more that wait for as long as `PATIENCE` seconds."""
PATIENCE = 10.0
WITHIN = 20.0
"""Seconds that the rest of a long body may take once it has its place."""


class Place:
    """What one request with a body needs: a place, as soon as the body is long. Used as a context."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.taken = False

    async def enter(self) -> None:
        """Wait for it. Raises `TooBusy`."""
        client = budgets.current.get()
        await self.lane.enter(client.name if client else "", PATIENCE, client.used() if client else 0.0)
        self.taken = True

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *_: object) -> None:
        if self.taken:
            self.lane.leave()


def lane() -> Lane:
    """The places of one service."""
    return Lane(PLACES, QUEUE)
