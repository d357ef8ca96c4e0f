"""Places and the queue for them."""

from __future__ import annotations

import asyncio

import pytest

from api.errors import TooBusy
from api.lanes import Lane


def test_clients_take_turns_however_much_each_has_asked() -> None:
    async def scene() -> list[str]:
        lane, served = Lane(1, 20), []
        await lane.enter("first", 1)

        async def wait(client: str) -> None:
            await lane.enter(client, 5)
            served.append(client)
            lane.leave()

        tasks = [asyncio.create_task(wait("greedy")) for _ in range(5)]
        await asyncio.sleep(0)
        tasks += [asyncio.create_task(wait("modest"))]
        await asyncio.sleep(0)
        lane.leave()
        await asyncio.gather(*tasks)
        assert (lane.taken, lane.waiting) == (0, 0)
        return served

    assert asyncio.run(scene()).index("modest") <= 1


def test_a_full_queue_refuses_the_one_that_waits_most() -> None:
    async def scene() -> None:
        lane = Lane(1, 3)
        await lane.enter("first", 1)
        greedy = [asyncio.create_task(lane.enter("greedy", 5)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(TooBusy):
            await lane.enter("greedy", 5)
        modest = asyncio.create_task(lane.enter("modest", 5))
        await asyncio.sleep(0)
        refused = await asyncio.gather(*greedy[2:], return_exceptions=True)
        assert isinstance(refused[0], TooBusy)
        lane.leave()
        await greedy[0]
        lane.leave()
        await modest

    asyncio.run(scene())


def test_who_gives_up_leaves_no_trace() -> None:
    async def scene() -> None:
        lane = Lane(1, 5)
        await lane.enter("a", 1)
        with pytest.raises(TooBusy):
            await lane.enter("b", 0.01)
        left = asyncio.create_task(lane.enter("c", None))
        await asyncio.sleep(0)
        left.cancel()
        await asyncio.sleep(0)
        assert (lane.taken, lane.waiting) == (1, 0)
        late = asyncio.create_task(lane.enter("d", None))
        await asyncio.sleep(0)
        lane.leave()
        late.cancel()  # it was given the place in the same moment
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert (lane.taken, lane.waiting) == (0, 0)
        assert lane.try_enter()

    asyncio.run(scene())


def test_a_full_queue_makes_room_for_who_has_used_less() -> None:
    async def scene() -> None:
        lane = Lane(1, 2)
        await lane.enter("first", 1)
        heavy = [asyncio.create_task(lane.enter(f"heavy{n}", 5, used=n + 3.0)) for n in range(2)]
        await asyncio.sleep(0)
        light = asyncio.create_task(lane.enter("light", 5, used=0.1))
        await asyncio.sleep(0)
        assert isinstance((await asyncio.gather(heavy[1], return_exceptions=True))[0], TooBusy)
        lane.leave()
        await light
        lane.leave()
        await heavy[0]

    asyncio.run(scene())


def test_who_has_used_much_leaves_a_place_to_others() -> None:
    lane = Lane(2, 2)
    assert lane.try_enter(used=5.0)
    assert not lane.try_enter(used=5.0)
    assert lane.try_enter(used=0.1)


def test_only_somebody_else_who_has_used_less_urges() -> None:
    async def scene() -> None:
        lane = Lane(1, 5)
        await lane.enter("a", 1)
        waiting = asyncio.create_task(lane.enter("a", 5, used=0.0))
        await asyncio.sleep(0)
        assert not lane.urged("a", 9.0)
        assert lane.urged("b", 9.0)
        assert not lane.urged("b", 0.1)
        lane.leave()
        await waiting

    asyncio.run(scene())
