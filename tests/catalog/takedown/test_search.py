"""What is looked for is found however it is written, and only where it stands whole."""

from __future__ import annotations

import gzip
import html
import json
import sqlite3
import zlib
from pathlib import Path

import brotli
import pytest
from pyoxigraph import Literal

from catalog.packing import Packer
from catalog.takedown import search
from catalog.takedown.search import Needle, Search

LONGER = 'Il y a « ceci », & "cela" :\n\tdes deux côtés/partout \\ ici'
NAME = "Zoé"


@pytest.mark.parametrize(
    "written",
    [
        LONGER,
        str(Literal(LONGER)),
        json.dumps({"x": f"avant {LONGER} après"}),
        json.dumps({"x": LONGER}, ensure_ascii=False).replace("/", "\\/"),
        json.dumps({"x": LONGER}).replace("/", "\\/"),
        f"<p>{html.escape(LONGER)}</p>",
        f"<p>{html.escape(LONGER, quote=False)}</p>",
    ],
)
def test_a_text_is_found_as_each_format_writes_it(written: str) -> None:
    assert Needle.text(LONGER).within(written.encode())
    assert not Needle.text(LONGER).within(written.replace("cela", "celui").encode())


def test_a_short_text_is_the_whole_of_a_value() -> None:
    needle = Needle.text(NAME)
    for whole in (f'"{NAME}"@fr', f'{{"x": "{NAME}"}}', f"<name>{NAME}</name>", f"\0{NAME}\0", json.dumps([NAME])):
        assert needle.within(whole.encode())
    for part in (f'"{NAME} est là"', f"{NAME}", '"Zoéline"', "Zoe"):
        assert not needle.within(part.encode())


def test_an_address_does_not_go_on() -> None:
    needle = Needle.address("https://a.example/f1")
    for there in (
        "<https://a.example/f1>",
        '"https://a.example/f1"',
        "voir https://a.example/f1.",
        "https://a.example/f1",
    ):
        assert needle.within(there.encode())
    for other in (
        "https://a.example/f10",
        "https://a.example/f1/x",
        "https://a.example/f1.csv",
        "xhttps://a.example/f1",
    ):
        assert not needle.within(other.encode())
    mail = Needle.address("zoe@v.example")
    assert mail.within(b"mailto:zoe@v.example?") is False
    assert mail.within(b"<mailto:zoe@v.example>")
    assert not mail.within(b"anne-zoe@v.example")


def test_rows_are_unpacked_and_told_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "PIECE", 100)
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE t (slug TEXT, body BLOB, other TEXT)")
    bodies = [Packer().pack(LONGER.encode()), zlib.compress(LONGER.encode()), b"\x78raw" + LONGER.encode(), b"", None]
    db.executemany("INSERT INTO t VALUES (?, ?, 'x')", [(f"s{n}", body) for n, body in enumerate(bodies)])
    looking = Search({"it": [Needle.text(LONGER)], "no": [Needle.text("nowhere at all, never")]})
    assert list(looking.rows(db, "SELECT * FROM t")) == [("it", "s0"), ("it", "s1"), ("it", "s2")]
    assert list(looking.rows(db, "SELECT * FROM t", once=True)) == [("it", "s0")]
    assert list(looking.rows(db, "SELECT * FROM t")) == []


@pytest.mark.parametrize("packed", ["plain", "gz", "zst", "answer", "br"])
def test_files_are_decompressed(tmp_path: Path, packed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "PIECE", 1000)
    data = b"x" * 970 + LONGER.encode() + b"y" * 970
    head = b'{"form": "page"}\n'
    written = {
        "plain": data,
        "gz": gzip.compress(data),
        "zst": Packer().pack(data),
        "answer": head.strip().ljust(1023) + b"\n" + gzip.compress(data),
        "br": head + brotli.compress(data),
    }[packed]
    file = tmp_path / f"file{packed if packed == 'br' else ''}"
    file.write_bytes(written)
    looking = Search({"it": [Needle.text(LONGER)], "no": [Needle.text("nowhere at all, never")]})
    assert looking.in_file(file) == {"it"}
    file.write_bytes(written[:-30] if packed != "plain" else data[:900])
    looking.in_file(file)  # what is cut is searched as far as it goes


def test_what_is_passed_over(tmp_path: Path) -> None:
    for name in ("a/b/c", "a/d", "e"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "link").symlink_to("e")
    assert list(search.files(tmp_path, [tmp_path / "a" / "b", tmp_path / "e"])) == [tmp_path / "a" / "d"]
