"""Connections of the guarded HTTP client: to the very address that was checked, and not for longer than allowed.

A name that is looked up twice can mean a public host when it is checked and a private one when it is connected to (DNS
rebinding). Here it is looked up once, every address it has is checked, and those are connected to. A server that sends
a byte now and then never runs into a time-out between bytes: whatever is waited for has a deadline too.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from typing import Any

import requests.adapters
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.response import BaseHTTPResponse
from urllib3.util.connection import create_connection

from catalog.errors import SourceRefused, SourceUnavailable

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_DOCUMENTATION = ipaddress.IPv6Network("3fff::/20")
"""RFC 9637; not every Python knows it."""


class Adapter(requests.adapters.HTTPAdapter):
    """Opens connections to public addresses only, unless `private`; waits `patience` seconds for an answer's head."""

    def __init__(self, *, private: bool, patience: float) -> None:
        self._private = private
        self._patience = patience
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As in the library, with connections of ours."""
        super().init_poolmanager(*args, **kwargs)
        private, patience = self._private, self._patience

        class Plain(_Checked, HTTPConnection):
            allow_private, waits = private, patience

        class Secure(_Checked, HTTPSConnection):
            allow_private, waits = private, patience

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}


class _Checked(HTTPConnection):
    allow_private = False
    waits = 0.0

    def _new_conn(self) -> socket.socket:
        if self.allow_private:
            return super()._new_conn()
        failure: OSError = OSError("the name has no address")
        for address in addresses(self.host):
            try:
                return create_connection(
                    (address, self.port),
                    self.timeout,
                    source_address=self.source_address,
                    socket_options=self.socket_options,
                )
            except OSError as e:
                failure = e
        if isinstance(failure, TimeoutError):
            raise ConnectTimeoutError(self, f"no connection to {self.host} in time") from failure
        raise NewConnectionError(self, str(failure)) from failure

    def getresponse(self) -> BaseHTTPResponse:  # type: ignore[override]  # as urllib3 itself declares it
        began = time.monotonic()
        try:
            with deadline(self.sock, self.waits):
                found = super().getresponse()
        except (OSError, HTTPException) as e:
            if time.monotonic() - began < self.waits:
                raise
            raise too_slow(self.host, self.waits, "the head of its answer") from e
        if time.monotonic() - began >= self.waits:  # a head that breaks off looks like one that ended
            found.close()
            self.close()
            raise too_slow(self.host, self.waits, "the head of its answer")
        return found


@contextmanager
def deadline(sock: socket.socket | None, seconds: float) -> Iterator[None]:
    """Shuts the socket after so many seconds, however often a byte comes: who reads from it gets an error then."""

    def shut() -> None:
        with suppress(OSError):
            if sock is not None:
                sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(seconds, 0.0), shut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def too_slow(what: str, patience: float, part: str) -> SourceUnavailable:
    """The error of an answer that goes on coming, a byte now and then."""
    return SourceUnavailable(
        f"{part} had not ended after {patience:g} s of waiting.",
        what=what,
        hint="Try later, or raise [harvest] patience.",
        french=f"la réponse n’était pas finie après {patience:g} s d’attente.",
        french_hint="Réessayez plus tard, ou augmentez [harvest] patience.",
    )


def addresses(host: str) -> list[str]:
    """The addresses of a host, looked up once.

    Raises `SourceRefused` when one of them is not public, `SourceUnavailable` when the name is not known.
    """
    try:
        found = socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)
    except UnicodeError as e:
        raise SourceRefused(
            f"`{host}` cannot be the name of a host.",
            what=host,
            french=f"«\u00a0{host}\u00a0» ne peut pas être le nom d’un serveur.",
        ) from e
    except OSError as e:
        raise SourceUnavailable(
            f"the name `{host}` is not known ({e.strerror or e}).",
            what=host,
            hint="Check the spelling and the network.",
            french=f"le nom «\u00a0{host}\u00a0» est inconnu.",
            french_hint="Vérifiez l’orthographe et le réseau.",
        ) from e
    for *_, address in found:
        if not is_public(str(address[0])):
            raise SourceRefused(
                f"its address {address[0]} is private.",
                what=host,
                hint="If this is meant, set `allow_private = true` for the source.",
                french=f"son adresse {address[0]} est privée.",
                french_hint="Si c’est voulu, écrivez `allow_private = true` pour la source.",
            )
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def is_public(address: str) -> bool:
    """Whether an address is one of the public network; one that carries an IPv4 address, whether that is.

    Carriers are mapped addresses (RFC 4291, 2.5.5.2), NAT64 (RFC 6052) and 6to4 (RFC 3056). Of all other IPv6 addresses
    only global unicast ones are public (RFC 4291, 2.5.4), and of those not the ones of the special registries.
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv4Address):
        return found.is_global and not found.is_multicast
    carried = found.ipv4_mapped or found.sixtofour
    if carried is None and found in _NAT64:
        carried = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    if carried is not None:
        return is_public(str(carried))
    return found in _GLOBAL_UNICAST and found.is_global and found not in _DOCUMENTATION
