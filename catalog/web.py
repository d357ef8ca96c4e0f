"""The guarded HTTP client: the only way out of the machine.

It goes only to hosts that the operator named or the user asked for, refuses private addresses unless allowed
(`catalog.connections`), follows no redirect to another host, tries transient failures again as the server asks
(`Retry-After`, `x-ratelimit-*`), and notices a body that was cut short or that never ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

import requests

from catalog import connections
from catalog.errors import SourceRefused, SourceUnavailable
from catalog.received import body as body_of
from catalog.received import cause, check
from catalog.validators import Address, Answers, Validator, validator_of
from vocab.text import Text

T = TypeVar("T")
CONNECT = 20.0
"""Seconds after which a host that does not even accept the connection is given up."""


@dataclass
class Client:
    """One conversation with one host. `wait` is told the seconds and the reason before each pause.

    `timeout` is the longest silence, `patience` the longest wait for one answer in all; what we do with its pieces
    while it comes is not waiting.
    """

    timeout: float = 60.0
    patience: float = 1800.0
    retries: int = 4
    backoff: float = 1.0
    max_wait: float = 120.0
    max_bytes: int = 2_000_000_000
    allow_private: bool = False
    wait: Callable[[float, Text], None] = lambda seconds, _why: time.sleep(seconds)
    requests_made: int = 0
    answers: Answers = field(default_factory=Answers)
    _ready: tuple[Address, requests.Response] | None = field(default=None, repr=False)
    _session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self._session.trust_env = False  # no proxy or netrc that the operator did not name here
        self._session.headers["User-Agent"] = f"Garonne/{version('garonne')} (open-data catalogue harvester)"
        self._session.headers["Accept-Encoding"] = "gzip, deflate"
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, connections.Adapter(private=self.allow_private, patience=self.patience))

    def get_bytes(
        self,
        url: str,
        *,
        accept: str = "*/*",
        params: dict[str, str] | None = None,
        max_bytes: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[bytes, str]:
        """The whole body and its `Content-Type`.

        An answer that depends on `headers` is never asked for on condition. Raises `SourceRefused`, `SourceUnavailable`
        (after the last try) or `ResponseInvalid`.
        """

        def whole() -> tuple[bytes, str]:
            with self._open(url, accept, params, headers) as response:
                limit = self.max_bytes if max_bytes is None else max_bytes
                return b"".join(body_of(response, limit, self.patience)), str(response.headers.get("Content-Type", ""))

        return self._retrying(url, whole)

    @contextmanager
    def stream(
        self, url: str, *, accept: str = "*/*", params: dict[str, str] | None = None
    ) -> Iterator[tuple[Iterator[bytes], str]]:
        """The body in chunks as it comes, and its `Content-Type`; tries again only before the first byte."""
        response = self._retrying(url, lambda: self._request(url, accept, params))
        with response:
            yield body_of(response, self.max_bytes, self.patience), str(response.headers.get("Content-Type", ""))

    def changed(self, address: Address, validator: Validator) -> bool:
        """Whether an address answers something else than when it gave this validator; raises as `get_bytes`.

        The other answer is then kept for the next request, if that is the same: it need not be sent twice.
        """

        def attempt() -> requests.Response:
            return self._request(address.url, address.accept, None, validator.condition())

        response = self._retrying(address.url, attempt)
        if response.status_code == 304:
            response.close()
            return False
        self._ready = (address, response)
        return True

    def post_bytes(
        self, url: str, body: bytes, *, content_type: str, accept: str = "*/*", max_bytes: int | None = None
    ) -> tuple[bytes, str]:
        """As `get_bytes`, for a question that is asked in a body and changes nothing there; follows no redirect."""
        _host(url)

        def whole() -> tuple[bytes, str]:
            with self._send(url, accept, None, body=body, content_type=content_type) as response:
                check(response, url)
                kind = str(response.headers.get("Content-Type", ""))
                limit = self.max_bytes if max_bytes is None else max_bytes
                return b"".join(body_of(response, limit, self.patience)), kind

        return self._retrying(url, whole)

    @contextmanager
    def post(
        self, url: str, body: bytes, *, content_type: str, accept: str, headers: dict[str, str] | None = None
    ) -> Iterator[tuple[int, str, Iterator[bytes]]]:
        """Sends a body once; the status, whatever it is, the `Content-Type`, and the answer's body in chunks.

        Follows no redirect. Raises `SourceRefused` or `SourceUnavailable` when there is no answer, or a body is cut.
        """
        _host(url)
        with self._send(url, accept, None, body=body, content_type=content_type, more=headers) as response:
            kind = str(response.headers.get("Content-Type", ""))
            yield response.status_code, kind, body_of(response, self.max_bytes, self.patience)

    def _retrying(self, url: str, attempt: Callable[[], T]) -> T:
        for turn in range(self.retries + 1):
            try:
                return attempt()
            except SourceUnavailable as e:
                if turn == self.retries:
                    raise
                asked = e.retry_after
                seconds = self.backoff * 2**turn if asked is None else asked
                if seconds > self.max_wait:
                    raise SourceUnavailable(
                        f"the server asks to wait {seconds:.0f} s, more than the {self.max_wait:.0f} s allowed.",
                        what=url,
                        hint="Harvest later, or raise [harvest] max_wait.",
                        french=f"il faudrait attendre {seconds:.0f} s, plus que les {self.max_wait:.0f} s permises.",
                        french_hint="Moissonnez plus tard, ou augmentez [harvest] max_wait.",
                    ) from e
                self.wait(seconds, e.told)
        raise AssertionError("unreachable: the loop returns or raises")

    @contextmanager
    def _open(
        self, url: str, accept: str, params: dict[str, str] | None, headers: dict[str, str] | None
    ) -> Iterator[requests.Response]:
        with self._request(url, accept, params, headers=headers) as response:
            yield response

    def _request(
        self,
        url: str,
        accept: str,
        params: dict[str, str] | None,
        condition: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> requests.Response:
        host = _host(url)
        self.answers.opaque = self.answers.opaque or bool(headers)
        address = Address(_whole(url, params), accept)
        ready, self._ready = self._ready, None
        if ready is not None:
            if ready[0] == address and condition is None:
                self.answers.by[address] = validator_of(ready[1].headers)
                return ready[1]
            ready[1].close()
        self.answers.by[address] = None
        for _ in range(5):
            response = self._send(url, accept, params, more={**(headers or {}), **(condition or {})})
            if response.status_code not in {301, 302, 303, 307, 308}:
                if condition is None or response.status_code != 304:
                    check(response, url)
                    self.answers.by[address] = validator_of(response.headers)
                return response
            response.close()
            target = _target(url, response.headers.get("Location", ""))
            if _host(target) != host:
                raise SourceRefused(
                    f"it redirects to another host, {_host(target)}.",
                    what=url,
                    hint=f"If that is right, configure {target} itself.",
                    french=f"l’adresse renvoie vers un autre serveur, {_host(target)}.",
                    french_hint=f"Si c’est juste, configurez {target} même.",
                )
            url, params = target, None
        raise SourceRefused("it redirects in a circle.", what=url, french="l’adresse renvoie en cercle.")

    def _send(
        self,
        url: str,
        accept: str,
        params: dict[str, str] | None,
        *,
        body: bytes | None = None,
        content_type: str = "",
        more: dict[str, str] | None = None,
    ) -> requests.Response:
        self.requests_made += 1
        self.answers.opaque = self.answers.opaque or body is not None
        try:
            return self._session.request(
                "GET" if body is None else "POST",
                url,
                params=params,
                data=body,
                headers={
                    "Accept": accept,
                    **({"Content-Type": content_type} if content_type else {}),
                    **(more or {}),
                },
                timeout=(min(self.timeout, CONNECT), self.timeout),
                stream=True,
                allow_redirects=False,
            )
        except (
            requests.exceptions.InvalidURL,
            requests.exceptions.MissingSchema,
            requests.exceptions.InvalidSchema,
        ) as e:
            raise SourceRefused("this is no http(s) address.", what=url) from e
        except requests.exceptions.SSLError as e:
            raise SourceRefused(
                f"its certificate is not accepted ({cause(e)}).",
                what=url,
                hint="Check the address and the certificate.",
                french="son certificat n’est pas accepté.",
                french_hint="Vérifiez l’adresse et le certificat.",
            ) from e
        except requests.exceptions.Timeout as e:
            limit = min(self.timeout, CONNECT) if isinstance(e, requests.exceptions.ConnectTimeout) else self.timeout
            raise SourceUnavailable(
                f"no answer within {limit:g} s.",
                what=url,
                hint="Try later, or raise [harvest] timeout.",
                french=f"pas de réponse en {limit:g} s.",
                french_hint="Réessayez plus tard, ou augmentez [harvest] timeout.",
            ) from e
        except requests.exceptions.RequestException as e:
            raise SourceUnavailable(
                f"it cannot be reached ({cause(e)}).",
                what=url,
                hint="Check the address and the network.",
                french=f"l’adresse est injoignable ({cause(e)}).",
                french_hint="Vérifiez l’adresse et le réseau.",
            ) from e
        except ValueError as e:  # the library already looks at where a redirect leads
            raise SourceRefused(f"its answer makes no sense ({e}).", what=url) from e


def _host(url: str) -> str:
    """The host of an http(s) address; raises `SourceRefused` when it is none."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as e:
        raise SourceRefused(f"this is no http(s) address ({e}).", what=url) from e
    if parts.scheme not in {"http", "https"} or not host:
        raise SourceRefused("this is no http(s) address.", what=url)
    return host


def _whole(url: str, params: dict[str, str] | None) -> str:
    """The address with its parameters, as it is asked for."""
    try:
        return str(requests.Request("GET", url, params=params).prepare().url)
    except (requests.exceptions.RequestException, ValueError):  # sending it says what is wrong
        return url


def _target(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as e:
        raise SourceRefused(f"it redirects to what is no address, «{location[:100]}».", what=url) from e
