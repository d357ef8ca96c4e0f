"""The ways that messages go: SMTP, and a JSON document posted to an address. Each tries again, none for ever."""

from __future__ import annotations

import hashlib
import hmac
import json
import smtplib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from catalog.errors import GaronneError, SourceUnavailable
from catalog.settings import NotifySettings
from catalog.web import Client
from harvest.notify.messages import Message

TRIES = 3
PAUSE = 1.0
"""Seconds before the second try; doubled each time."""
SIGNATURE = "X-Garonne-Signature"
_MOST_ANSWER = 65_536


class NotSent(Exception):
    """A message did not get through; `final` when trying again would be in vain."""

    def __init__(self, why: str, *, final: bool = False) -> None:
        super().__init__(why)
        self.final = final


def trying(send: Callable[[], None], until: float) -> None:
    """Sends, again after a pause where that may help, never beyond the moment `until` (monotonic). Raises `NotSent`."""
    for turn in range(TRIES):
        try:
            send()
        except NotSent as e:
            pause = PAUSE * 2**turn
            if e.final or turn + 1 == TRIES or time.monotonic() + pause > until:
                raise
            time.sleep(pause)
        else:
            return


@dataclass(frozen=True)
class Mail:
    """An SMTP server, and who writes."""

    settings: NotifySettings

    def send(self, message: Message) -> None:
        """One mail, to all its addresses. Raises `NotSent`."""
        addresses = list(message.to or self.settings.mail_to)
        try:
            mail = self._made(message, addresses)
        except ValueError as e:  # an address that none can be written to
            raise NotSent(str(e), final=True) from e
        try:
            self._hand_over(mail, addresses)
        except smtplib.SMTPResponseException as e:
            said = e.smtp_error.decode("utf-8", "replace") if isinstance(e.smtp_error, bytes) else str(e.smtp_error)
            raise NotSent(f"{self._place} answered {e.smtp_code} {said[:200]}", final=e.smtp_code >= 500) from e
        except smtplib.SMTPRecipientsRefused as e:
            codes = [code for code, _ in e.recipients.values()]
            raise NotSent(f"{self._place} takes no mail for {', '.join(addresses)}", final=min(codes) >= 500) from e
        except smtplib.SMTPNotSupportedError as e:
            raise NotSent(f"{self._place}: {e}", final=True) from e
        except ssl.SSLCertVerificationError as e:
            raise NotSent(f"{self._place}: its certificate is not accepted ({e.verify_message})", final=True) from e
        except (smtplib.SMTPException, OSError) as e:
            raise NotSent(f"{self._place}: {e}") from e

    @property
    def _place(self) -> str:
        return f"{self.settings.mail_host}:{self.settings.mail_port}"

    def _made(self, message: Message, addresses: list[str]) -> EmailMessage:
        mail = EmailMessage()
        mail["Subject"] = message.subject
        mail["From"] = self.settings.mail_from
        mail["To"] = ", ".join(addresses)
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = make_msgid(domain=self.settings.mail_from.rpartition("@")[2].strip("> ") or None)
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834, 5: nobody's absence is answered to it
        mail.set_content(message.body)
        return mail

    def _hand_over(self, mail: EmailMessage, addresses: list[str]) -> None:
        s = self.settings
        secure = ssl.create_default_context(cafile=str(s.mail_ca) if s.mail_ca else None)
        if s.mail_security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(s.mail_host, s.mail_port, timeout=s.timeout, context=secure)
        else:
            server = smtplib.SMTP(s.mail_host, s.mail_port, timeout=s.timeout)
        with server:
            if s.mail_security == "starttls":
                server.starttls(context=secure)
            if s.mail_user:
                server.login(s.mail_user, s.mail_password)
            server.send_message(mail, to_addrs=addresses)


@dataclass(frozen=True)
class Webhook:
    """An address of the operator's, which may be on a private network."""

    settings: NotifySettings

    def send(self, message: Message) -> None:
        """One document in JSON. Raises `NotSent`."""
        told = {"subject": message.subject, "text": message.body, "sent": datetime.now(UTC).isoformat(), **message.data}
        body = json.dumps(told, ensure_ascii=False).encode()
        timeout = self.settings.timeout
        client = Client(timeout=timeout, patience=timeout, allow_private=True, max_bytes=_MOST_ANSWER)
        try:
            with client.post(
                self.settings.webhook, body, content_type="application/json", accept="*/*", headers=self._signed(body)
            ) as (status, _, answer):
                for _ in answer:
                    pass
        except SourceUnavailable as e:
            raise NotSent(str(e)) from e
        except GaronneError as e:
            raise NotSent(str(e), final=True) from e
        if not 200 <= status < 300:
            final = 300 <= status < 500 and status not in {408, 425, 429}
            raise NotSent(f"{self.settings.webhook} answered {status}", final=final)

    def _signed(self, body: bytes) -> dict[str, str]:
        """HMAC-SHA256 of the body with the secret, as its receiver reckons it too."""
        if not self.settings.webhook_secret:
            return {}
        digest = hmac.new(self.settings.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
        return {SIGNATURE: f"sha256={digest}"}
