"""CSV as offices export it."""

from __future__ import annotations

import pytest

from catalog.errors import ResponseInvalid
from harvest.documents.tables import encoding, rows

TEXT = "id;titre;thème\n1;Équipements « à vélo »;mobilité\n2;Marchés;économie\n"


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac_roman"])
def test_every_encoding(name: str) -> None:
    body = TEXT.encode(name)
    assert [r.cells for r in rows(body, what="t.csv")] == [line.split(";") for line in TEXT.splitlines()]


def test_a_letter_far_from_the_beginning() -> None:
    body = b"id;titre\n" + b"1;a\n" * 500_000 + "2;é\n".encode("cp1252")
    assert encoding(body) == "cp1252"
    assert encoding(body.decode("cp1252").encode()) == "utf-8"


@pytest.mark.parametrize("sign", [";", ",", "\t", "|"])
def test_every_separator(sign: str) -> None:
    body = f"a{sign}b{sign}c\n1 2{sign}2{sign}3\n".encode()
    assert [r.cells for r in rows(body, what="t.csv")] == [["a", "b", "c"], ["1 2", "2", "3"]]


def test_cells_with_lines_in_them() -> None:
    found = list(rows(b'a;b\n"x\ny";2\n3;4\n', what="t.csv"))
    assert [(r.line, r.cells) for r in found] == [(1, ["a", "b"]), (3, ["x\ny", "2"]), (4, ["3", "4"])]


def test_what_is_no_table() -> None:
    with pytest.raises(ResponseInvalid, match="zero bytes"):
        list(rows(b"PK\3\4;\0\0\0", what="t.csv"))
