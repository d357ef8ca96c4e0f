"""The guarded HTTP client, against real servers on loopback."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from catalog import connections
from catalog.errors import ResponseInvalid, SourceRefused, SourceUnavailable
from catalog.web import Client
from tests.fakes.server import Answer, in_turn, serving

OK = Answer(b'{"a": 1}')


def client(**given: object) -> tuple[Client, list[float]]:
    waits: list[float] = []
    values: dict[str, object] = {"allow_private": True, "timeout": 5.0, "wait": lambda s, _why: waits.append(s)}
    return Client(**{**values, **given}), waits  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost:1/",
        "http://[::1]/",
        "http://10.1.2.3/",
        "http://169.254.169.254/latest/meta-data",
        "http://192.168.0.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://0.0.0.0/",
        "http://[fe80::1]/",
    ],
)
def test_private_addresses_are_refused(url: str) -> None:
    with pytest.raises(SourceRefused, match=r"private.*allow_private = true"):
        Client().get_bytes(url)


def test_a_refused_address_is_never_asked() -> None:
    with serving(in_turn(OK)) as server, pytest.raises(SourceRefused):
        Client().get_bytes(server.address)
    assert server.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/",
        "example.org",
        "http://",
        "",
        "http://[oops/",
        "http://host:99999/",
        "gopher:x",
    ],
)
def test_only_http_addresses(url: str) -> None:
    for allowed in (False, True):
        with pytest.raises(SourceRefused, match="no http"):
            Client(allow_private=allowed).get_bytes(url)


def test_a_host_that_cannot_be_a_name() -> None:
    with pytest.raises(SourceRefused, match="cannot be the name of a host"):
        Client().get_bytes(f"http://{'a' * 70}.fr/")


def test_unknown_host_is_transient_and_says_so() -> None:
    web, waits = client(allow_private=False, retries=2, backoff=0.5)
    with pytest.raises(SourceUnavailable, match=r"the name `nowhere\.invalid` is not known"):
        web.get_bytes("http://nowhere.invalid/")
    assert waits == [0.5, 1.0]


def test_nobody_listens() -> None:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    web, waits = client(retries=1)
    with pytest.raises(SourceUnavailable, match="cannot be reached") as e:
        web.get_bytes(f"http://127.0.0.1:{port}/")
    assert "refused" in str(e.value)
    assert "0x" not in str(e.value)
    assert len(waits) == 1


def test_body_and_kind_and_user_agent() -> None:
    web, _ = client()
    with serving(in_turn(OK)) as server:
        body, kind = web.get_bytes(server.address + "/x", accept="application/json", params={"q": "é a"})
    assert body == OK.body
    assert kind == OK.kind
    (asked,) = server.asked
    assert asked.path == "/x?q=%C3%A9+a"
    assert asked.headers["User-Agent"].startswith("Garonne/")
    assert asked.headers["Accept"] == "application/json"


def test_gzip_is_decoded() -> None:
    body = b"x" * 10_000
    answer = Answer(gzip.compress(body), headers={"Content-Encoding": "gzip"})
    web, _ = client()
    with serving(in_turn(answer)) as server:
        assert web.get_bytes(server.address)[0] == body


def test_broken_gzip_is_reported() -> None:
    answer = Answer(b"no gzip at all", headers={"Content-Encoding": "gzip"})
    web, _ = client(retries=0)
    with serving(in_turn(answer)) as server, pytest.raises(SourceUnavailable):
        web.get_bytes(server.address)


def test_redirect_on_the_same_host_is_followed() -> None:
    def reply(path: str) -> Answer:
        return OK if path == "/new" else Answer(status=301, headers={"Location": "/new"})

    web, _ = client()
    with serving(reply) as server:
        assert web.get_bytes(server.address + "/old")[0] == OK.body


@pytest.mark.parametrize("target", ["http://localhost:{port}/", "https://example.org/elsewhere"])
def test_redirect_to_another_host_is_refused(target: str) -> None:
    def reply(_path: str) -> Answer:
        return Answer(status=302, headers={"Location": target.format(port=80)})

    web, _ = client()
    with (
        serving(reply) as server,
        pytest.raises(SourceRefused, match=r"to another host, (localhost|example)"),
    ):
        web.get_bytes(server.address)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://[oops", ""])
def test_redirect_to_nonsense_is_refused(target: str) -> None:
    web, _ = client()
    answer = Answer(status=302, headers={"Location": target})
    with serving(in_turn(answer)) as server, pytest.raises(SourceRefused):
        web.get_bytes(server.address)


@pytest.mark.parametrize(
    ("status", "said"), [(401, "login"), (403, "refuses access"), (404, "portal's root"), (410, "410"), (204, "204")]
)
def test_permanent_answers_are_not_tried_again(status: int, said: str) -> None:
    web, waits = client()
    answer = Answer(b"" if status == 204 else b"not here", status)
    with serving(in_turn(answer)) as server, pytest.raises(SourceRefused, match=said):
        web.get_bytes(server.address)
    assert waits == []
    assert len(server.asked) == 1


def test_the_servers_own_words_are_quoted_unless_they_are_a_page() -> None:
    web, _ = client()
    with serving(in_turn(Answer(b"quota\n exceeded", 403), Answer(b"<html><p>no", 403))) as server:
        with pytest.raises(SourceRefused, match="«quota exceeded»"):
            web.get_bytes(server.address)
        with pytest.raises(SourceRefused) as e:
            web.get_bytes(server.address)
    assert "<" not in str(e.value)


def later(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("headers", "low", "high"),
    [
        ({"Retry-After": "7"}, 7, 7),
        ({"Retry-After": "0"}, 0, 0),
        ({"x-ratelimit-reset": "3"}, 3, 3),
        ({"x-ratelimit-reset": "in 500 s"}, 400, 500),
        ({"x-ratelimit-reset": "2001-01-01T00:00:00+00:00"}, 0, 0),
        ({"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"}, 0, 0),
        ({"Retry-After": "soon"}, 1.5, 1.5),
        ({"Retry-After": "²"}, 1.5, 1.5),
        ({}, 1.5, 1.5),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_waits_as_the_server_asks(status: int, headers: dict[str, str], low: float, high: float) -> None:
    web, waits = client(backoff=1.5, max_wait=600.0)
    sent = {k: str(time.time() + 500) if v == "in 500 s" else v for k, v in headers.items()}  # the clock as it is now
    with serving(in_turn(Answer(status=status, headers=sent), OK)) as server:
        assert web.get_bytes(server.address)[0] == OK.body
    assert len(waits) == 1
    assert low <= waits[0] <= high


def test_retry_after_as_a_date() -> None:
    web, waits = client()
    moment = format_datetime(later(30), usegmt=True)
    with serving(in_turn(Answer(status=429, headers={"Retry-After": moment}), OK)) as server:
        web.get_bytes(server.address)
    assert 20 < waits[0] <= 30


def test_a_longer_wait_than_allowed_is_given_up() -> None:
    web, waits = client(max_wait=10.0)
    answer = Answer(status=429, headers={"Retry-After": "3600"})
    refused = pytest.raises(SourceUnavailable, match=r"asks to wait 3600 s, more than the 10 s")
    with serving(in_turn(answer)) as server, refused:
        web.get_bytes(server.address)
    assert waits == []


def test_back_off_doubles_then_gives_up_with_the_last_reason() -> None:
    web, waits = client(retries=3, backoff=0.25)
    with serving(in_turn(Answer(status=503))) as server, pytest.raises(SourceUnavailable, match="answered 503"):
        web.get_bytes(server.address)
    assert waits == [0.25, 0.5, 1.0]
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    "answer",
    [Answer(b"[1, 2", announced=1000), Answer(chunks=[b"[1,", b"2"], end=False)],
    ids=["Content-Length", "chunked"],
)
def test_a_body_cut_short_is_noticed(answer: Answer) -> None:
    web, _ = client(retries=0)
    with serving(in_turn(answer)) as server:
        with pytest.raises(SourceUnavailable, match="broke off"):
            web.get_bytes(server.address)
        with pytest.raises(SourceUnavailable, match="broke off"), web.stream(server.address) as (chunks, _kind):
            b"".join(chunks)


def test_a_cut_body_is_fetched_again_when_read_whole() -> None:
    web, waits = client()
    with serving(in_turn(Answer(b"[1", announced=50), OK)) as server:
        assert web.get_bytes(server.address)[0] == OK.body
    assert len(waits) == 1


def test_size_cap_counts_what_comes_out_of_gzip() -> None:
    bomb = Answer(gzip.compress(b"0" * 3_000_000), headers={"Content-Encoding": "gzip"})
    web, _ = client(max_bytes=100_000)
    with serving(in_turn(bomb, Answer(b"y" * 100_001))) as server:
        for _ in range(2):
            with pytest.raises(ResponseInvalid, match="larger than the 100,000 bytes"):
                web.get_bytes(server.address)
        with pytest.raises(ResponseInvalid, match="larger than the 9 bytes"):
            web.get_bytes(server.address, max_bytes=9)


def test_a_stalled_answer_times_out() -> None:
    web, _ = client(timeout=0.2, retries=0)
    with serving(in_turn(Answer(b"{}", stall=1.0))) as server, pytest.raises(SourceUnavailable, match=r"within 0\.2 s"):
        web.get_bytes(server.address)


DRIPS = {
    "head": b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 60,
    "sized body": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 60,
    "endless body": b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 60,
    "chunked body": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100\r\n" + b"x" * 60,
}


@contextmanager
def dripping(text: bytes) -> Iterator[str]:
    """A server that never goes silent and never ends: a byte every 50 ms."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            with suppress(OSError):
                taken, _ = listening.accept()
                with taken:
                    taken.recv(4096)
                    for n in range(len(text)):
                        taken.sendall(text[n : n + 1])
                        time.sleep(0.05 if n > 40 else 0)
                    time.sleep(5)

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    thread.join(10)


@pytest.mark.parametrize("part", DRIPS)
def test_a_byte_now_and_then_is_not_waited_for_without_end(part: str) -> None:
    web, _ = client(timeout=1.0, patience=0.6, retries=0)
    with dripping(DRIPS[part]) as address, pytest.raises(SourceUnavailable) as raised:
        web.get_bytes(address)
    assert "0.6 s" in str(raised.value), str(raised.value)
    assert "patience" in raised.value.hint


def test_patience_counts_the_waiting_only() -> None:
    web, _ = client(patience=1.0, retries=0)
    answer = Answer(chunks=[b"x" * (1 << 18)] * 6)
    with serving(in_turn(answer)) as server, web.stream(server.address) as (chunks, _):
        total = 0
        for chunk in chunks:
            total += len(chunk)
            time.sleep(0.3)
    assert total == 6 << 18


def test_a_name_is_looked_up_once_and_that_address_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name means a public address when it is checked, and loopback when it is asked again."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def answers(host: str, port: object, *rest: object, **named: object) -> object:
        if host != "rebinding.example":
            return real(host, port, *rest, **named)  # type: ignore[arg-type]
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("203.0.113.1" if len(asked) == 1 else "127.0.0.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", answers)
    monkeypatch.setattr(connections, "is_public", lambda address: address == "203.0.113.1")
    web = Client(timeout=0.3, retries=0)
    with serving(in_turn(OK)) as server, pytest.raises(SourceUnavailable):
        web.get_bytes(server.address.replace("127.0.0.1", "rebinding.example"))
    assert (asked, server.asked) == (["rebinding.example"], [])


def test_every_address_of_a_name_must_be_public(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in ("1.1.1.1", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(SourceRefused, match=r"127\.0\.0\.1 is private"):
        Client().get_bytes("http://two.example/")


def test_stream_tries_again_only_before_the_first_byte() -> None:
    web, waits = client()
    with serving(in_turn(Answer(status=503), OK)) as server, web.stream(server.address) as (chunks, kind):
        assert b"".join(chunks) == OK.body
        assert kind == OK.kind
    assert len(waits) == 1


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    web, _ = client()
    with serving(in_turn(OK)) as server:
        assert web.get_bytes(server.address)[0] == OK.body


def test_a_question_in_a_body_is_tried_again_and_never_redirected() -> None:
    answers = in_turn(Answer(status=503), Answer(b"<a/>", kind="application/xml"), Answer(status=302))
    with serving(in_turn(Answer()), lambda path, _body: answers(path)) as server:
        web, waits = client()
        found = web.post_bytes(server.address, b"<q/>", content_type="application/xml")
        assert found == (b"<a/>", "application/xml")
        assert len(waits) == 1
        assert [a.body for a in server.asked] == [b"<q/>"] * 2
        assert server.asked[0].headers["Content-Type"] == "application/xml"
        with pytest.raises(SourceRefused, match="302"):
            web.post_bytes(server.address, b"<q/>", content_type="application/xml")
        assert len(server.asked) == 3
