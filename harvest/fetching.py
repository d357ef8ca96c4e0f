"""The guarded HTTP client as sources use it."""

from __future__ import annotations

import time
from collections.abc import Callable

from catalog.settings import HarvestSettings, SourceSettings
from catalog.web import Client


def client_of(settings: SourceSettings, harvest: HarvestSettings, notify: Callable[[str], None]) -> Client:
    """A client with the manners of the settings; it announces each pause."""

    def wait(seconds: float, why: str) -> None:
        notify(f"{why} Trying again in {round(seconds, 1):g} s.")
        time.sleep(seconds)

    return Client(
        timeout=harvest.timeout,
        retries=harvest.retries,
        backoff=harvest.backoff,
        patience=harvest.patience,
        max_wait=harvest.max_wait,
        max_bytes=harvest.max_bytes,
        allow_private=settings.allow_private,
        wait=wait,
    )
