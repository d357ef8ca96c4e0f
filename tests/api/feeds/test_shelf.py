"""Rendered pages on disk: made once, also when many ask at once, and no more of them than there is room for."""

from __future__ import annotations

import os
import threading
import zlib
from pathlib import Path

import brotli
import pytest

from api.feeds.shelf import AT_ONCE, Shelf

BODY = "Une page, avec ses accents : é, à, ç. ".encode() * 5000


class Maker:
    """Renders, and counts how often and how many at a time."""

    def __init__(self, body: bytes = BODY) -> None:
        self.body = body
        self.made = 0
        self.now = self.most = 0
        self.lock = threading.Lock()

    def __call__(self) -> bytes:
        with self.lock:
            self.made += 1
            self.now += 1
            self.most = max(self.most, self.now)
        threading.Event().wait(0.02)
        with self.lock:
            self.now -= 1
        return self.body


def test_made_once_and_found_again_also_after_a_restart(tmp_path: Path) -> None:
    maker = Maker()
    first = Shelf(tmp_path / "feeds", 1 << 20)
    assert first.about("a" * 64) is None
    digest, size, body = first.take("a" * 64, maker)
    assert size == len(BODY)
    for shelf in (first, Shelf(tmp_path / "feeds", 1 << 20)):
        again, _, body = shelf.take("a" * 64, maker)
        assert again == digest
        assert body("") == BODY
        assert zlib.decompress(body("gzip"), 31) == brotli.decompress(body("br")) == BODY
        assert shelf.about("a" * 64) == (digest, len(BODY))
    assert maker.made == 1
    assert sum(f.stat().st_size for f in (tmp_path / "feeds").iterdir()) < len(BODY) / 10


@pytest.mark.parametrize("coding", ["", "gzip", "br"])
def test_many_who_ask_at_once_get_one_rendering(tmp_path: Path, coding: str) -> None:
    shelf, maker, got = Shelf(tmp_path, 1 << 20), Maker(), []
    threads = [threading.Thread(target=lambda: got.append(shelf.take("k", maker)[2](coding))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert maker.made == 1
    assert len(set(got)) == 1
    assert len(got) == 16


def test_few_are_rendered_at_a_time(tmp_path: Path) -> None:
    shelf, maker = Shelf(tmp_path, 1 << 20), Maker()
    threads = [threading.Thread(target=shelf.take, args=(f"k{n}", maker)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert maker.made == 8
    assert maker.most <= AT_ONCE


def test_no_more_than_there_is_room_for(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, 300_000)
    for n in range(20):
        random = os.urandom(40_000)
        assert shelf.take(f"k{n}", Maker(random))[2]("") == random
    assert sum(f.stat().st_size for f in tmp_path.iterdir()) < 340_000
    assert shelf.about("k0") is None
    assert shelf.about("k19") is not None


def test_without_room_every_page_is_rendered_anew(tmp_path: Path) -> None:
    shelf, maker = Shelf(tmp_path / "none", 0), Maker()
    for _ in range(2):
        assert zlib.decompress(shelf.take("k", maker)[2]("gzip"), 31) == BODY
    assert maker.made == 2
    assert not (tmp_path / "none").exists()


def test_a_rendering_that_fails_is_tried_again(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, 1 << 20)

    def fails() -> bytes:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        shelf.take("k", fails)
    assert shelf.take("k", Maker())[2]("") == BODY


def test_a_page_that_is_evicted_while_it_is_sent_is_rendered_again(tmp_path: Path) -> None:
    shelf, maker = Shelf(tmp_path, 1 << 20), Maker()
    shelf.take("k", maker)
    _, _, body = shelf.take("k", maker)
    for file in tmp_path.iterdir():
        file.unlink()
    assert body("") == BODY
    assert maker.made == 2


def test_nothing_stays_in_memory(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, 1 << 20)
    assert shelf.take("k", Maker(b"small"))[2]("gzip")
    assert not shelf.cache._near
    assert {f.name for f in tmp_path.iterdir()} == {"k", "kgzip"}
