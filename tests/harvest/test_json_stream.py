"""JSON arrays read element by element while they arrive."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import ResponseInvalid
from harvest.json_stream import elements, members

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[i : i + size] for i in range(0, len(data), size))


def read(data: bytes, size: int = 7, limit: int = 10_000) -> list[tuple[str, object]]:
    return list(elements(cut(data, size), what="the list", limit=limit))


@given(st.lists(JSON, max_size=6), st.integers(1, 40), st.sampled_from([None, 1]), st.booleans())
def test_any_array_in_any_pieces(values: list[object], size: int, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(values, indent=indent, ensure_ascii=ascii_only)
    found = list(elements(cut(text.encode("utf-8", "replace"), size), what="x", limit=100_000))
    wanted = json.loads(text.encode("utf-8", "replace"))
    assert [v for _, v in found] == wanted
    assert [json.loads(t) for t, _ in found] == wanted


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_the_text_is_what_the_source_said(size: int) -> None:
    data = '\ufeff [ {"é" : 1.0e+1 ,"b":"]"} ,-1.50,12,1e5 , "a,\\u00e9" ,null]\n'.encode()
    found = read(data, size)
    assert [t for t, _ in found] == ['{"é" : 1.0e+1 ,"b":"]"}', "-1.50", "12", "1e5", '"a,\\u00e9"', "null"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "nothing came"),
        (b"   ", "nothing came"),
        (b"<!DOCTYPE html><html>", "a web page came instead of JSON"),
        (b'{"error_code": "x"}', 'a JSON list was expected; it begins with «{"error_code": "x"}»'),
        (b"[", "record 1: the document ends"),
        (b'[{"a": 1}', "record 2: the document ends"),
        (b'[{"a": 1},', "record 2: the document ends in the middle of it"),
        (b'[{"a": 1}, {"b": "xxxxxxxx', "record 2: the document ends in the middle of it"),
        (b'[{"a": 1} {"b": 2}]', "record 2: `{` stands where `,` or `]` should"),
        (b"[1,]", "record 2"),
        (b"[,1]", "record 1"),
        (b"[1] x", "something follows the end"),
        (b'[{"a": NaN}]', "NaN is not JSON"),
        (b"[Infinity]", "not JSON"),
        (b'["\xe9"]', "it is not UTF-8"),
        (b'["\xc3', "it is not UTF-8"),
        (b"[" * 100_000, "record 1"),
        (b"[12", "record 2: the document ends"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("size", [1, 4096])
def test_anything_else_is_refused_with_its_place(data: bytes, said: str, size: int) -> None:
    size = max(size, len(data) // 50)
    with pytest.raises(ResponseInvalid) as e:
        read(data, size)
    assert said in str(e.value)
    if not said.endswith("JSON") or "record" in said:
        assert "the list" in str(e.value)


def test_records_before_a_cut_are_given() -> None:
    found: list[object] = []
    with pytest.raises(ResponseInvalid):
        found.extend(v for _, v in elements(cut(b'[{"a": 1}, {"b": 2}, {"c"', 4), what="x", limit=1000))
    assert found == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize("size", [10, 100_000])
def test_an_element_beyond_the_limit_is_refused(size: int) -> None:
    data = json.dumps(["x" * 50, "y" * 5000]).encode()
    with pytest.raises(ResponseInvalid, match=r"record 2: .*larger than 1,000 characters"):
        read(data, size, 1000)


def test_it_reads_no_further_than_it_must() -> None:
    def endless() -> Iterator[bytes]:
        yield b"["
        while True:
            yield b'{"a": 1},'

    found = elements(endless(), what="x", limit=100)
    assert [next(found)[1] for _ in range(1000)] == [{"a": 1}] * 1000


def _members(text: str, size: int = 1) -> list[tuple[str, Any]]:
    body = text.encode()
    chunks = [body[i : i + size] for i in range(0, len(body), size)]
    return [(n, v) for n, _, v in members(chunks, what="test", limit=1000, names=("dataset",))]


def test_every_early_end_of_an_object_is_noticed() -> None:
    body = '{"type": "x", "dataset": [1, {"a": []}], "more": {"dataset": [2]}, "dataset": 3, "z": []}'
    assert _members(body)[-2:] == [("dataset", 3), ("z", [])]
    for end in range(len(body)):
        with pytest.raises(ResponseInvalid):
            _members(body[:end])


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_members_of_an_object(size: int) -> None:
    text = ' { "a" : 12, "dataset": [ {"x": [1]} , 2 ], "dataset": [], "b": {"dataset": [3]} } '
    assert _members(text, size) == [("a", 12), ("dataset", {"x": [1]}), ("dataset", 2), ("b", {"dataset": [3]})]
    assert _members("[1, 2]", size) == [("", 1), ("", 2)]
    assert _members("{}", size) == []
    assert _members('{"dataset": "x"}', size) == [("dataset", "x")]


@pytest.mark.parametrize(
    "text", ['{"a"', '{"a" 1}', "{1: 2}", '{"a": 1', '{"a": 1]', '{"a": 1} x', '{"dataset": [1', "x", ""]
)
def test_what_is_no_object(text: str) -> None:
    with pytest.raises(ResponseInvalid):
        _members(text)
