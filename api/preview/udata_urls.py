"""Addresses that udata admits (`udata/uris.py`, `validate`): public, complete, of a scheme that it knows."""

from __future__ import annotations

import ipaddress
import re

_SCHEMES = {"", "http", "https", "ftp", "ftps"}
_ADDRESS = re.compile(
    r"(?:(?P<scheme>[a-z0-9.\-]*):)?//"
    r"(?:[^\s/?#@]+@)?"
    r"(?:\[(?P<six>[0-9a-f:]+)\]|(?P<host>[^\s/?#:@\[\]]+))"
    r"(?::\d{2,5})?(?:/\S*)?(?:\?\S*)?",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?:[a-z\u00a1-\uffff0-9_-]+\.)*[a-z\u00a1-\uffff0-9_-]*[a-z\u00a1-\uffff0-9]\.(?P<tld>[^.]+)")
_TLD = re.compile(r"(?:[a-z\u00a1-\uffff]{2,63}|xn--[a-z0-9-]+)")
_PRIVATE = {"localhost", "local", "internal", "localdomain", "lan", "home", "corp"}
"""Ends of names that stand for no host on the Internet; udata has the whole list of those that do."""
_SAMPLE = {"example", "test", "invalid"}
"""Ends of names that are reserved for samples (RFC 2606)."""


def admitted(url: str) -> bool:
    """Whether a resource may have this address. That of a sample is taken for a real one (see `sample`)."""
    host = _host(url)
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        pass
    name = _NAME.fullmatch(host.lower())
    return name is not None and name["tld"] not in _PRIVATE and _TLD.fullmatch(name["tld"]) is not None


def sample(url: str) -> bool:
    """Whether the host of an address is reserved for samples: no such host exists, and udata refuses it."""
    return _host(url).rpartition(".")[2].lower() in _SAMPLE


def _host(url: str) -> str:
    found = _ADDRESS.fullmatch(url.strip())
    if found is None or (found["scheme"] or "").lower() not in _SCHEMES:
        return ""
    return str(found["six"] or found["host"])
