"""What a client gets of a body: as it is, compressed, or the news that its copy is still good."""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest
from starlette.requests import Request
from starlette.responses import Response

from api.conditional import http_date
from api.delivery import SMALL, Compressed, Representation, compress, send
from api.published import Published
from catalog.releases import rewrite
from tests.api.city import City, settings_in

MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)
BODY = "Équipement, « accentué », répété. ".encode() * 200
DECODE = {"": bytes, "gzip": lambda b: zlib.decompress(b, 31), "br": brotli.decompress}


def asked(method: str = "GET", **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": method, "path": "/", "headers": raw, "query_string": b""})


def shown(body: bytes = BODY, vary: str = "") -> Representation:
    return Compressed().represent(body, "text/turtle; charset=utf-8", MOMENT, vary=vary)


def body(response: Response) -> bytes:
    return bytes(response.body)


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        (None, ""),
        ("", ""),
        ("identity", ""),
        ("gzip", "gzip"),
        ("br", "br"),
        ("gzip, br", "br"),
        ("gzip;q=1, br;q=0.5", "gzip"),
        ("gzip;q=0.3, br;q=0", "gzip"),
        ("*", "br"),
        ("*;q=0.1, identity;q=0.5", ""),
        ("deflate, zstd", ""),
        ("gzip;q=0", ""),
    ],
)
def test_compressed_as_the_client_likes_best(accepted: str | None, coding: str) -> None:
    given = {} if accepted is None else {"accept_encoding": accepted}
    response = send(asked(**given), shown())
    assert response.headers.get("content-encoding", "") == coding
    assert DECODE[coding](body(response)) == BODY
    assert int(response.headers["content-length"]) == len(body(response))
    assert response.headers["vary"] == "Accept-Encoding"
    assert response.headers["content-type"] == "text/turtle; charset=utf-8"


def test_a_tag_is_of_content_and_encoding() -> None:
    tags = {send(asked(accept_encoding=coding), shown()).headers["etag"] for coding in ("identity", "gzip", "br")}
    assert len(tags) == 3
    assert all(tag.startswith('"') for tag in tags)
    assert send(asked(), shown()).headers["etag"] == send(asked(), shown(BODY)).headers["etag"]
    assert send(asked(), shown()).headers["etag"] != send(asked(), shown(BODY + b".")).headers["etag"]


@pytest.mark.parametrize("coding", ["identity", "gzip", "br"])
def test_a_copy_that_is_good_is_not_sent_again(coding: str) -> None:
    first = send(asked(accept_encoding=coding), shown(vary="Accept"))
    tag = first.headers["etag"]
    again = send(asked(accept_encoding=coding, if_none_match=f'"x", {tag}'), shown(vary="Accept"))
    assert (again.status_code, body(again)) == (304, b"")
    for name in ("etag", "vary", "cache-control", "last-modified"):
        assert again.headers[name] == first.headers[name], name
    assert "content-type" not in again.headers
    assert "content-encoding" not in again.headers
    dated = send(asked(accept_encoding=coding, if_modified_since=http_date(MOMENT)), shown())
    assert dated.status_code == 304


def test_a_tag_of_another_encoding_is_another_representation() -> None:
    tag = send(asked(accept_encoding="gzip"), shown()).headers["etag"]
    assert send(asked(accept_encoding="br", if_none_match=tag), shown()).status_code == 200


def test_head_has_the_headers_of_get_and_reads_nothing() -> None:
    def unread(coding: str) -> bytes:
        raise AssertionError(coding)

    given = shown()
    lazy = Representation(given.type, given.digest, given.size, unread, given.modified)
    assert dict(send(asked("HEAD"), lazy).headers) == dict(send(asked(), given).headers)
    head = send(asked("HEAD", accept_encoding="gzip"), given)
    assert dict(head.headers) == dict(send(asked(accept_encoding="gzip"), given).headers)


def test_what_is_small_is_sent_as_it_is() -> None:
    response = send(asked(accept_encoding="gzip"), shown(b"x" * (SMALL - 1)))
    assert "content-encoding" not in response.headers
    assert "vary" not in response.headers


def test_each_body_is_compressed_once_as_long_as_there_is_room() -> None:
    kept = Compressed(limit=2000)
    bodies = [f"{n} ".encode() * 2000 for n in range(100)]
    first = [kept.represent(b, "text/plain", None).body("gzip") for b in bodies]
    assert kept.size <= 2000
    last = kept.represent(bodies[-1], "text/plain", None).body("gzip")
    assert last is first[-1], "found, not made again"
    assert kept.represent(bodies[0], "text/plain", None).body("gzip") == first[0], "made again, the same"
    assert compress(bodies[0], "gzip") == first[0]


def test_another_edition_is_newer_than_the_release_it_shows(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    first = Published(settings_in(tmp_path))
    assert first.changed(MOMENT) == MOMENT
    assert Published(settings_in(tmp_path)).changed(MOMENT) == MOMENT, "the same edition, started again"
    begun = datetime.now(UTC)
    other = Published(settings_in(tmp_path, catalog={"title": {"fr": "Un autre titre"}}))
    since = other.changed(MOMENT)
    assert begun <= since <= datetime.now(UTC)
    again = Published(settings_in(tmp_path, catalog={"title": {"fr": "Un autre titre"}}))
    assert again.changed(MOMENT) == since
    later = datetime(2126, 1, 1, tzinfo=UTC)
    assert again.changed(later) == later


def test_a_release_that_was_rewritten_has_changed_since_it_was_published(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    release = City(settings).publish({"a": "A", "b": "B"})
    published = Published(settings)
    assert published.last_changed(release) == release.manifest.published
    begun = datetime.now(UTC).replace(microsecond=0)
    rewrite(release, replace(release.manifest, without=["b"]))
    rewritten = published.releases.get(release.number)
    assert begun <= published.last_changed(rewritten) <= datetime.now(UTC)
