"""An engine elsewhere that does not do as it should: queries, statements and the password go nowhere but to it."""

from __future__ import annotations

import pytest

from catalog.access import Access
from catalog.errors import StoreError
from catalog.remote import Remote
from tests.fakes.server import Answer, Running, serving

SECRET = "hidden"
STATUSES = (301, 302, 303, 307, 308)


def remote(engine: Running) -> Remote:
    access = Access(*(f"{engine.address}/{name}" for name in ("query", "update", "graphs")), "user", SECRET, "basic")
    return Remote(access, patience=5)


@pytest.mark.parametrize("status", STATUSES)
def test_no_redirect_is_followed(status: int) -> None:
    with serving(lambda _: Answer(b"{}"), lambda _path, _body: Answer(b"{}")) as other:

        def elsewhere(path: str, _body: bytes = b"") -> Answer:
            return Answer(status=status, headers={"Location": f"{other.address}{path}"})

        with serving(elsewhere, elsewhere) as engine:
            spoken = remote(engine)
            with pytest.raises(StoreError, match=f"the engine answered {status} at /query") as refused:
                spoken.rows("SELECT * { ?s ?p ?o }")
            assert "[store] query, update and graphs" in refused.value.hint
            with pytest.raises(StoreError, match=f"the engine answered {status} at /update"):
                spoken.update("CLEAR DEFAULT")
            with pytest.raises(StoreError, match=f"the engine answered {status} at /graphs"):
                spoken.add("https://data.example.org/graph/x", ["<x:a> <x:b> <x:c> ."])
            assert len(engine.asked) == 3
            assert all(asked.headers["Authorization"] for asked in engine.asked)
        assert other.asked == []


def test_no_message_has_the_password() -> None:
    with serving(lambda _: Answer(status=401), lambda _path, _body: Answer(status=401)) as engine:
        spoken = remote(engine)
        with pytest.raises(StoreError) as refused:
            spoken.rows("ASK {}")
    assert SECRET not in f"{refused.value} {refused.value.hint} {spoken.access!r}"
