"""A real SMTP server on a free loopback port, which keeps what it is given."""

from __future__ import annotations

import email
import email.policy
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


@dataclass
class Mailbox:
    """What came in: each mail with its envelope's addresses. `refusing` are answers given to the next mails instead."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    secure: list[bool] = field(default_factory=list)
    refusing: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  as the library calls it
        """Takes one mail."""
        if self.refusing:
            return self.refusing.pop(0)
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))  # type: ignore[arg-type]
        self.to.append(list(envelope.rcpt_tos))
        self.secure.append(session.ssl is not None)
        return "250 taken"

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        """Lets `garonne` in, with the password `secret`."""
        assert isinstance(given, LoginPassword)
        self.logins.append((given.login.decode(), given.password.decode()))
        return AuthResult(success=self.logins[-1] == ("garonne", "secret"), handled=False)


@contextmanager
def mailbox(*, tls: ssl.SSLContext | None = None, login: bool = False) -> Iterator[Mailbox]:
    """Runs the server; with `tls` it wants STARTTLS first, with `login` a name and a password."""
    box = Mailbox()
    options: dict[str, Any] = {"hostname": "127.0.0.1", "port": 0}
    if tls is not None:
        options |= {"tls_context": tls, "require_starttls": True}
    if login:
        options |= {"authenticator": box.authenticate, "auth_required": True, "auth_require_tls": tls is not None}
    controller = _Controller(box, **options)
    controller.start()
    try:
        box.port = controller.bound
        yield box
    finally:
        controller.stop()


class _Controller(Controller):
    """The library's, which does not tell which free port it took, and asks for it when it starts."""

    @property
    def bound(self) -> int:
        return int(self.server.sockets[0].getsockname()[1])

    def _trigger_server(self) -> None:
        """The library greets its own server once; it looks for it at the port that was asked for."""
        self.port = self.bound
        super()._trigger_server()
