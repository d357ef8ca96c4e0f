"""Bodies of forms: those that browsers send are read, any other is refused in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import BadRequest
from api.forms import MULTIPART, PARTS, URLENCODED, fields


def body(*parts: tuple[str, bytes]) -> bytes:
    return b"".join(b"--B\r\n" + head.encode() + b"\r\n\r\n" + value + b"\r\n" for head, value in parts) + b"--B--\r\n"


def test_a_form_with_a_file() -> None:
    found = fields(
        body(
            ('Content-Disposition: form-data; name="lang"', "fr é".encode()),
            (
                'content-disposition: form-data; name="file"; filename="a é.ttl"\r\nContent-Type: text/turtle',
                b"\r\n--x",
            ),
            ('Content-Disposition: form-data; filename="name=b.ttl"; name="f"', b""),
        ),
        f"{MULTIPART}; boundary=B",
    )
    assert [(f.name, f.value, f.file, f.type) for f in found] == [
        ("lang", "fr é".encode(), "", ""),
        ("file", b"\r\n--x", "a é.ttl", "text/turtle"),
        ("f", b"", "name=b.ttl", ""),
    ]


def test_a_plain_form() -> None:
    assert [(f.name, f.value) for f in fields(b"a=%C3%A9+b&a=&c=1", URLENCODED)] == [
        ("a", "é b".encode()),
        ("a", b""),
        ("c", b"1"),
    ]


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (b"", f"{MULTIPART}; boundary=B"),
        (b"--B\r\n\r\nx", f"{MULTIPART}; boundary=B"),
        (body(("X: y", b"no name")), f"{MULTIPART}; boundary=B"),
        (body(('Content-Disposition: form-data; name="a"', b"1")), MULTIPART),
        (body(*[('Content-Disposition: form-data; name="a"', b"1")] * (PARTS + 1)), f"{MULTIPART}; boundary=B"),
        (b"a=%FF", URLENCODED),
        (b"&".join(b"a=1" for _ in range(PARTS + 1)), URLENCODED),
    ],
)
def test_what_is_no_form_is_refused(data: bytes, content_type: str) -> None:
    with pytest.raises(BadRequest):
        fields(data, content_type)


@given(st.binary(max_size=200), st.sampled_from(["B", '"B"', "", "B; x=y"]))
def test_nothing_else_is_raised(data: bytes, boundary: str) -> None:
    for given_ in (data, b"--B\r\n" + data + b"\r\n--B--", b"--B" + data + b"--B--"):
        try:
            fields(given_, f"{MULTIPART}; boundary={boundary}")
        except BadRequest:
            continue
