"""What holds for every test."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_configure() -> None:
    """Commands that tests start can be interrupted, also where the shell that started the tests ignores it (`&`)."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a module share a worker, so that each server and release of a module is made once."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            module = item.path.relative_to(HERE).with_suffix("")
            item.add_marker(pytest.mark.xdist_group("-".join(module.parts)))


@pytest.fixture
def logs_as_before() -> Iterator[None]:
    """What a test does to the root logger is undone after it."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
