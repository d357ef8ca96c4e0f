"""Mail by a real SMTP server, documents to a real HTTP server: taken, refused, tried again, secured, signed."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest

from catalog.settings import NotifySettings
from harvest.notify import ways
from harvest.notify.messages import Message, subject
from harvest.notify.ways import Mail, NotSent, Webhook, trying
from tests.fakes.server import Answer, serving
from tests.fakes.smtp import mailbox

MESSAGE = Message("held toulouse", "Toulouse\u00a0: retenue", "Élagage\n", {"event": "held"})


def settings(**given: object) -> NotifySettings:
    values: dict[str, object] = {
        "mail_host": "127.0.0.1",
        "mail_security": "none",
        "mail_from": "Catalogue <garonne@ville.example>",
        "mail_to": ["ops@ville.example", "nuit@ville.example"],
        "timeout": 2.0,
    }
    return NotifySettings(**{**values, **given})  # type: ignore[arg-type]


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's certificate for the loopback address, and where to find it to trust it."""
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context, cert


def test_a_mail_arrives_as_it_was_written() -> None:
    with mailbox() as box:
        Mail(settings(mail_port=box.port)).send(MESSAGE)
    (mail,) = box.mails
    assert mail["Subject"] == MESSAGE.subject
    assert mail.get_content().splitlines() == MESSAGE.body.splitlines()
    assert box.to == [["ops@ville.example", "nuit@ville.example"]]
    assert mail["From"] == "Catalogue <garonne@ville.example>"
    assert (mail["Auto-Submitted"], mail["Message-ID"].endswith("@ville.example>")) == ("auto-generated", True)


def test_by_starttls_and_with_a_login(certificate: tuple[ssl.SSLContext, Path]) -> None:
    context, cert = certificate
    with mailbox(tls=context, login=True) as box:
        given = {"mail_port": box.port, "mail_security": "starttls", "mail_user": "garonne", "timeout": 20.0}
        Mail(settings(**given, mail_ca=cert, mail_password="secret")).send(MESSAGE)
        assert (box.secure, box.logins) == ([True], [("garonne", "secret")])
        with pytest.raises(NotSent, match="answered 535") as refused:
            Mail(settings(**given, mail_ca=cert, mail_password="wrong")).send(MESSAGE)
        assert refused.value.final
        with pytest.raises(NotSent, match="certificate is not accepted") as untrusted:
            Mail(settings(**given, mail_password="secret")).send(MESSAGE)
        assert untrusted.value.final
    assert len(box.mails) == 1


def test_a_server_that_has_no_starttls_is_sent_nothing() -> None:
    with mailbox() as box, pytest.raises(NotSent, match="STARTTLS"):
        Mail(settings(mail_port=box.port, mail_security="starttls")).send(MESSAGE)
    assert box.mails == []


def test_what_may_pass_is_tried_again_and_what_cannot_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ways, "PAUSE", 0.01)
    with mailbox() as box:
        way, until = Mail(settings(mail_port=box.port)), time.monotonic() + 10
        box.refusing = ["451 later"]
        trying(lambda: way.send(MESSAGE), until)
        assert len(box.mails) == 1
        box.refusing = ["554 never"]
        with pytest.raises(NotSent, match="554 never"):
            trying(lambda: way.send(MESSAGE), until)
        box.refusing = ["451 later"] * 9
        with pytest.raises(NotSent, match="451"):
            trying(lambda: way.send(MESSAGE), until)
        assert len(box.refusing) == 9 - ways.TRIES
        with pytest.raises(NotSent):
            trying(lambda: way.send(MESSAGE), time.monotonic())
        assert len(box.refusing) == 9 - ways.TRIES - 1, "no time is left for a second try"


def test_a_server_that_does_not_answer_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        with pytest.raises(NotSent, match="timed out"):
            Mail(settings(mail_port=silent.getsockname()[1], timeout=0.2)).send(MESSAGE)
        assert time.monotonic() - began < 5


@pytest.mark.parametrize("wild", ["a\r\nBcc: victim@example.org", "a\nBcc: x", "a\x00b\u202ec", "é" * 400, "a\u2028b"])
def test_no_header_can_be_begun_in_a_subject(wild: str) -> None:
    with mailbox() as box:
        Mail(settings(mail_port=box.port)).send(Message("x", subject(f"[Garonne] {wild}"), "x\n"))
    (mail,) = box.mails
    assert mail["Bcc"] is None
    assert mail["Subject"].startswith("[Garonne] ")
    assert len(mail["Subject"]) <= 150
    assert str(mail["Subject"]).isprintable()


def test_a_document_is_posted_and_signed() -> None:
    with serving(lambda _path: Answer(), lambda _path, _body: Answer(status=204)) as server:
        Webhook(settings(webhook=f"{server.address}/hook?a=1", webhook_secret="clé")).send(MESSAGE)
    (asked,) = server.asked
    assert asked.path == "/hook?a=1"
    told = json.loads(asked.body)
    assert (told["event"], told["subject"], told["text"]) == ("held", MESSAGE.subject, MESSAGE.body)
    digest = hmac.new("clé".encode(), asked.body, hashlib.sha256).hexdigest()
    assert asked.headers["X-Garonne-Signature"] == f"sha256={digest}"
    assert asked.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(("status", "final"), [(500, False), (429, False), (404, True), (302, True)])
def test_an_answer_that_is_not_yes_says_whether_to_try_again(status: int, final: bool) -> None:
    headers = {"Location": "http://127.0.0.1:1/"}
    with (
        serving(lambda _path: Answer(), lambda _path, _body: Answer(status=status, headers=headers)) as server,
        pytest.raises(NotSent, match=f"answered {status}") as refused,
    ):
        Webhook(settings(webhook=server.address)).send(MESSAGE)
    assert refused.value.final is final
    assert "X-Garonne-Signature" not in server.asked[0].headers


def test_nobody_at_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(NotSent, match="cannot be reached") as refused:
        Webhook(settings(webhook=f"http://127.0.0.1:{port}/")).send(MESSAGE)
    assert not refused.value.final
