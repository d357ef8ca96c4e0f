"""The guarded HTTP client as sources use it."""

from __future__ import annotations

import time
from collections.abc import Callable

from catalog.settings import HarvestSettings, SourceSettings
from catalog.web import Client
from vocab.text import Text


def client_of(settings: SourceSettings, harvest: HarvestSettings, notify: Callable[[Text], None]) -> Client:
    """A client with the manners of the settings; it announces each pause."""

    def wait(seconds: float, why: Text) -> None:
        pause = f"{round(seconds, 1):g}"
        notify(Text(f"{why.fr} Nouvel essai dans {pause} s.", f"{why.en} Trying again in {pause} s."))
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
