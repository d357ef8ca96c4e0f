"""How an engine elsewhere is reached and what may come of asking it; `catalog.remote` speaks to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.errors import QueryFailed, QueryTimeout, SettingsInvalid
from catalog.settings import StoreSettings

PIECE = 20_000
"""Statements that are sent in one request at most."""


@dataclass(frozen=True)
class Access:
    """Where an engine is and how it is spoken to; `secret` is in no message and no `repr`."""

    query: str
    update: str
    graphs: str
    user: str
    secret: str
    auth: str

    def __repr__(self) -> str:
        return f"Access({self.query!r})"

    @classmethod
    def of(cls, store: StoreSettings) -> Access:
        """That of the settings; raises `SettingsInvalid` when the file with the secret cannot be read."""
        secret = store.password
        if store.password_file is not None:
            try:
                secret = store.password_file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as e:
                raise SettingsInvalid(
                    f"[store] password_file cannot be read ({getattr(e, 'strerror', e)}).",
                    what=str(store.password_file),
                ) from e
        return cls(store.query, store.update, store.graphs, store.user, secret, store.auth)


class Late(QueryTimeout):
    """The engine stopped the query at its time limit."""


class Refused(QueryFailed):
    """The engine understood the request and did not do it; its word is in the message."""


def boolean(document: Mapping[str, Any]) -> bool | None:
    """The answer to ASK in SPARQL JSON; Virtuoso 7 gives a table of one value. None for a table of something else."""
    if "boolean" in document:
        return bool(document["boolean"])
    if document.get("head", {}).get("vars") == ["__ASK_RETVAL"]:
        return any(str(row["__ASK_RETVAL"]["value"]) in {"1", "true"} for row in document["results"]["bindings"])
    return None
