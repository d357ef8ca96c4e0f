"""What holds for every test."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    """Commands that tests start can be interrupted, also where the shell that started the tests ignores it (`&`)."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
