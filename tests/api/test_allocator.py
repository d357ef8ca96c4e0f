"""Query workers have the allocator that the machine offers, unless its operator says otherwise."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pyoxigraph import Store

from api import allocator
from api.process import Job, Terms, Worker, Zygote
from catalog import sandbox


def test_the_word_of_the_operator_stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(allocator, "library", lambda: tmp_path / "lib.so")
    assert allocator.environment({"A": "b"}) == {"A": "b", "LD_PRELOAD": str(tmp_path / "lib.so")}
    for given in ("", "/other.so"):
        assert allocator.environment({"LD_PRELOAD": given}) == {"LD_PRELOAD": given}
    monkeypatch.setattr(allocator, "library", lambda: None)
    assert allocator.environment({"A": "b"}) == {"A": "b"}


def test_a_worker_has_it_and_answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = allocator.library()
    if found is None:
        pytest.skip("neither libjemalloc2 nor garonne[allocator] is installed")
    monkeypatch.delenv("LD_PRELOAD", raising=False)
    Store(str(tmp_path / "store")).flush()

    async def asked() -> tuple[str, bytes]:
        zygote = Zygote()
        try:
            terms = Terms("http://b/", sandbox.address_space(64), confined=True, rewriting=True)
            worker = await Worker.start(zygote, tmp_path / "store", terms)
            worker.send(Job("ASK { FILTER(CONTAINS('abc', 'b')) }", "json", None, 5))
            await worker.inbox.arrival(10)
            answered = worker.inbox.take()
            assert answered is not None
            maps = Path(f"/proc/{worker.pid}/maps").read_text()
            await worker.bury()
            return maps, answered[1]
        finally:
            zygote.close()

    maps, answer = asyncio.run(asked())
    assert str(found.resolve()) in maps
    assert answer.endswith(b'"boolean":true}')
