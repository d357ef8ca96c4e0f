"""The collector of cycles is put off for large data only, and is then as it was, whatever threads do meanwhile."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import ExitStack
from threading import Event, Thread

import pytest

from shapes import collector
from shapes.collector import LARGE, postponed
from shapes.graph import Graph
from shapes.profiles import profile
from shapes.set_engine import SetEngine
from tests.shapes.catalogues import CORRECT, triples


@pytest.fixture(autouse=True)
def _enabled() -> Iterator[None]:
    assert gc.isenabled()
    yield
    gc.enable()


def test_small_data_leave_it_alone() -> None:
    with postponed(LARGE - 1):
        assert gc.isenabled()


def test_it_is_on_again_after_an_error() -> None:
    def fail() -> None:
        with postponed(LARGE):
            assert not gc.isenabled()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert gc.isenabled()


def test_off_stays_off() -> None:
    gc.disable()
    with postponed(LARGE):
        pass
    assert not gc.isenabled()


@pytest.mark.parametrize("first_to_end", [0, 1])
def test_two_at_once_in_any_order(first_to_end: int) -> None:
    stacks = [ExitStack(), ExitStack()]
    for stack in stacks:
        stack.enter_context(postponed(LARGE))
    stacks[first_to_end].close()
    assert not gc.isenabled(), "one of them still runs"
    stacks[1 - first_to_end].close()
    assert gc.isenabled()


def test_threads_that_overlap() -> None:
    inside = [Event() for _ in range(4)]
    leave = [Event() for _ in range(4)]

    def validate(number: int) -> None:
        with postponed(LARGE):
            inside[number].set()
            assert leave[number].wait(10)

    threads = [Thread(target=validate, args=(number,)) for number in range(4)]
    for thread, met in zip(threads, inside, strict=True):
        thread.start()
        assert met.wait(10)
    for number in (2, 0, 3, 1):
        assert not gc.isenabled()
        leave[number].set()
        threads[number].join(10)
    assert gc.isenabled()


def test_a_validation_puts_it_off_by_the_size_of_its_data(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    judge = SetEngine()
    plan = judge.plan

    def watched(profiles):  # type: ignore[no-untyped-def]  # the engine's own signature
        seen.append(gc.isenabled())
        return plan(profiles)

    monkeypatch.setattr(judge, "plan", watched)
    data = Graph.from_triples(triples(CORRECT))
    judge.validate(data, [profile("garonne")])
    monkeypatch.setattr(collector, "LARGE", len(data))
    judge.validate(data, [profile("garonne")])
    assert seen == [True, False]
