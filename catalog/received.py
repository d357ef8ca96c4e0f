"""Answers of other hosts as they come: what their status means, how long they ask to wait, their body in pieces."""

from __future__ import annotations

import email.utils
import os
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

import requests

from catalog import connections
from catalog.errors import ResponseInvalid, SourceRefused, SourceUnavailable
from vocab.text import Text

TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
CHUNK = 1 << 18


def check(response: requests.Response, url: str) -> None:
    """Raises `SourceUnavailable` or `SourceRefused` for every status but 200, with what the answer says."""
    status = response.status_code
    if status == 200:
        return
    detail = _detail(response)
    response.close()
    if status in TRANSIENT:
        raise SourceUnavailable(
            f"it answered {status}{detail}.",
            what=url,
            retry_after=_retry_after(response),
            french=f"l’adresse a répondu {status}{detail}.",
        )
    hints = {
        401: Text(
            "Elle demande une identification\u00a0; seuls les catalogues publics sont moissonnés.",
            "It wants a login; only public catalogues are harvested.",
        ),
        403: Text("Elle refuse l’accès\u00a0; demandez à qui l’exploite.", "It refuses access; ask its operator."),
        404: Text(
            "Vérifiez l’adresse\u00a0: donnez la racine du portail, sans le chemin de son API.",
            "Check the address: give the portal's root, without the path of its API.",
        ),
    }
    advice = hints.get(status, Text("", ""))
    raise SourceRefused(
        f"it answered {status}{detail}.",
        what=url,
        hint=advice.en,
        french=f"l’adresse a répondu {status}{detail}.",
        french_hint=advice.fr,
    )


def _detail(response: requests.Response) -> str:
    try:
        text = next(response.iter_content(300), b"").decode("utf-8", "replace")
    except requests.exceptions.RequestException:
        return ""
    one_line = " ".join(text.split())[:120]
    return f" («{one_line}»)" if one_line and not one_line.startswith("<") else ""


def _retry_after(response: requests.Response) -> float | None:
    """The seconds that `Retry-After` (seconds or a date, RFC 9110, 10.2.3) or `x-ratelimit-reset` ask to wait."""
    for name in ("Retry-After", "x-ratelimit-reset"):
        value = response.headers.get(name, "").strip()
        if not value:
            continue
        if value.isascii() and value.replace(".", "", 1).isdigit():
            seconds = float(value)
            return max(0.0, seconds - time.time()) if seconds > 1e9 else seconds
        for read in (email.utils.parsedate_to_datetime, datetime.fromisoformat):  # resets come as ISO dates too
            with suppress(ValueError):
                return max(0.0, read(value).timestamp() - time.time())
    return None


def body(response: requests.Response, limit: int, patience: float) -> Iterator[bytes]:
    """The decoded body, chunk by chunk; raises when it is cut, stalls or grows beyond `limit` bytes.

    Also when it takes more than `patience` seconds to come, a byte now and then.
    """
    expected = response.headers.get("Content-Length", "")
    total, left = 0, patience
    pieces = response.iter_content(CHUNK)
    try:
        while True:
            began = time.monotonic()
            with _ended(response, left):
                chunk = next(pieces, b"")
            left -= time.monotonic() - began
            if left <= 0:
                raise connections.too_slow(response.url, patience, f"its answer, {total:,} bytes so far,")
            if not chunk:
                break
            total += len(chunk)
            if total > limit:
                raise ResponseInvalid(
                    f"the body is larger than the {limit:,} bytes allowed.",
                    what=response.url,
                    hint="Raise [harvest] max_bytes if it is right.",
                    french=f"la réponse dépasse les {limit} octets permis.",
                    french_hint="Augmentez [harvest] max_bytes si c’est juste.",
                )
            yield chunk
    except requests.exceptions.RequestException as e:
        if time.monotonic() - began >= left:
            raise connections.too_slow(response.url, patience, f"its answer, {total:,} bytes so far,") from e
        raise SourceUnavailable(
            f"the body broke off after {total:,} bytes ({cause(e)}).",
            what=response.url,
            french=f"la réponse s’est interrompue après {total} octets.",
        ) from e
    got = response.raw.tell() if hasattr(response.raw, "tell") else total
    if expected.isdigit() and got < int(expected):
        raise SourceUnavailable(
            f"the body broke off: {got:,} of {int(expected):,} bytes came.",
            what=response.url,
            french=f"la réponse s’est interrompue\u00a0: {got} octets sur {expected} sont venus.",
        )


@contextmanager
def _ended(response: requests.Response, seconds: float) -> Iterator[None]:
    """Reading the body fails after so many seconds, however often a byte comes."""
    try:
        number = os.dup(response.raw.fileno())
    except (OSError, ValueError, AttributeError):  # it has been read to its end
        yield
        return
    with socket.socket(fileno=number) as same, connections.deadline(same, seconds):
        yield


def cause(error: BaseException) -> str:
    """The innermost reason, without the objects' addresses."""
    reason: BaseException = error
    while True:
        inner = getattr(reason, "reason", None) or next((a for a in reason.args if isinstance(a, BaseException)), None)
        if not isinstance(inner, BaseException):
            break
        reason = inner
    text = str(reason)
    return (
        re.sub(r"^\w+\(host=.*?\): ", "", text.split(">: ")[-1].split("object at")[0]).strip() or type(reason).__name__
    )
