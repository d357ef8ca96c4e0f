"""Which names that sources give a dataset last, and which of them are the same all over the world."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import parse_qsl, urlsplit

from harvest.repair import iris

_API_KEYS = frozenset(
    (
        "request",
        "service",
        "outputformat",
        "outputschema",
        "format",
        "f",
        "typename",
        "typenames",
        "query",
        "rows",
        "start",
    )
)
_API_PATH = re.compile(
    r"/(?:api/(?:\d|v\d|action|explore|records|datasets/\d|search)|rest/services|ows|csw|wfs|wms|oai)\b", re.IGNORECASE
)
# `i2` is the top-level name of the inner network of French ministries, which their records give away.
_LOCAL = re.compile(r"(?:^|\.)(?:localhost|local|localdomain|internal|intranet|lan|home|corp|invalid|test|example|i2)$")
_UUID = re.compile(
    r"(?:urn:uuid:|\{)?(?:fr-\d{6,14}-(?:jdd|srv|ser|dat)?-?)?"
    r"(?P<uuid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?\Z",
    re.IGNORECASE,
)
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:|info:doi/)?(?P<doi>10\.\d{4,9}/\S+)\Z", re.IGNORECASE)
_URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{1,31}:\S+\Z", re.IGNORECASE)


@lru_cache(maxsize=16384)
def persistent(value: str) -> bool:
    """Whether an IRI can be kept as a dataset's name: an http(s) address of a public host that is no API call."""
    if iris.original(value) is not None or not re.match(r"https?://", value, re.IGNORECASE) or not iris.is_valid(value):
        return False
    try:
        parts = urlsplit(value)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return False
    return bool(host) and _is_public(host) and not _is_api_call(parts.path, parts.query)


def _is_public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and _LOCAL.search(host.lower()) is None


def _is_api_call(path: str, query: str) -> bool:
    asked = {key.lower() for key, _ in parse_qsl(query, keep_blank_values=True)}
    return bool(asked & _API_KEYS) or (_API_PATH.search(path) is not None and bool(query)) or "/api/action/" in path


def unique(value: str) -> str:
    """`value` in the form in which globally unique names are compared; empty for one that is not globally unique.

    IRIs of public hosts (whatever their scheme and final slash), URNs, DOIs and UUIDs are. A bare `deliberations` is
    not: two communes have one each.
    """
    bare = value.strip()
    if found := _UUID.match(bare):
        return f"uuid:{found['uuid'].lower()}"
    if found := _DOI.match(bare):
        return f"doi:{found['doi'].lower()}"
    if _URN.match(bare):
        return bare.lower()
    if persistent(bare):
        return "iri:" + re.sub(r"^https?://", "", bare, flags=re.IGNORECASE).rstrip("/")
    return ""


def claims(names: Iterable[str]) -> tuple[str, ...]:
    """The globally unique ones among the names of a dataset, each once, sorted."""
    return tuple(sorted({made for one in names if (made := unique(one))}))


def last_part(value: str) -> str:
    """What is most telling of an IRI, to make a slug of: its last part that is no mere file suffix."""
    bare = re.sub(r"[?#].*\Z", "", value) if re.search(r"[^/?#]/[^/?#]", value) else value
    parts = [p for p in re.split(r"[/#:]", bare) if p]
    return re.sub(r"\.(?:rdf|ttl|xml|jsonld|json|html?)\Z", "", parts[-1]) if parts else value
