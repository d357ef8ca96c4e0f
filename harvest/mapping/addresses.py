"""Web addresses as portals hold them: found in free text, repaired by rule, or refused."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

from harvest.mapping.statements import Term, iri

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}\Z", re.IGNORECASE)
_HREF = re.compile(
    r"""<a\b[^<>]{0,2000}?\bhref\s*=\s*["']([^"'<>]{1,4000})["'][^<>]{0,2000}>.{0,4000}?</a>""",
    re.IGNORECASE | re.DOTALL,
)
_BETWEEN = re.compile(r"[\s;|]+|,(?=\s|https?://|www\.)", re.IGNORECASE)
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}\Z")
_NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|\\^`\[\]\x7f]|%(?![0-9A-Fa-f]{2})')


@lru_cache(maxsize=8192)
def address(value: str) -> Term | None:
    """The IRI that `value` is, repaired if a written rule allows; `None` where it is no absolute web address.

    The repairs: characters that no IRI holds (spaces, quotes, backslashes, braces…), brackets behind the host, stray
    percent signs and a second `#` are percent-encoded; a bare host name (`www.example.org/page`) gets `http://`. Hosts
    must look so.
    """
    value = value.strip()
    if not re.match(r"(?:https?|ftp)://", value, re.IGNORECASE):
        if re.match(r"[a-z][a-z0-9+.-]*:", value, re.IGNORECASE) or not _HOST.match(re.split(r"[/?#]", value)[0]):
            return None
        value = "http://" + value
    try:
        host = urlsplit(value).hostname or ""
    except ValueError:
        return None
    try:
        ascii_host = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:  # an empty label, or one that is too long
        return None
    if not (_HOST.match(ascii_host) or _is_literal_host(host)):
        return None
    try:
        return iri(_repaired(value))
    except ValueError:
        return None


def _repaired(value: str) -> str:
    scheme, _, rest = value.partition("://")
    end = re.search(r"[/?#]|\Z", rest)
    authority, path = (rest[: end.start()], rest[end.start() :]) if end else (rest, "")
    head, sign, fragment = path.partition("#")
    path = head + sign + fragment.replace("#", "%23")
    return f"{scheme}://{authority}{_NOT_IN_IRI.sub(lambda m: f'%{ord(m[0]):02X}', path)}"


def _is_literal_host(host: str) -> bool:
    if host == "localhost" or re.fullmatch(r"\d{1,3}(?:\.\d{1,3}){3}", host):
        return True
    return ":" in host and re.fullmatch(r"[0-9a-f:.]+", host) is not None


@lru_cache(maxsize=4096)
def addresses(value: str) -> tuple[tuple[Term, ...], tuple[str, ...]]:
    """The addresses in a text that should hold nothing else, in order, and the parts that are none.

    Several are told apart by spaces, line ends, semicolons, bars or commas; of HTML links the targets are taken.
    """
    if (whole := address(value)) and not re.search(r"\s", value.strip()) and value.count("://") <= 1:
        return (whole,), ()
    parts = _HREF.sub(lambda m: f" {m[1]} ", value)
    parts = re.sub(r"<[^<>]*>", " ", parts)
    found: dict[Term, None] = {}
    rest = []
    for part in _BETWEEN.split(parts):
        bare = part.strip(",()[]«»\"'")
        one = address(bare) if bare else None
        if one:
            found[one] = None
        elif bare:
            rest.append(bare)
    return tuple(found), tuple(rest)


def emails(value: str) -> list[str]:
    """The e-mail addresses in a text that holds addresses only; empty when any part is none."""
    parts = [p.removeprefix("mailto:") for p in re.split(r"[\s;,|]+", value.strip()) if p]
    return parts if parts and all(_EMAIL.match(p) for p in parts) else []


def mailbox(email: str) -> Term:
    """The `mailto:` IRI of an address that `emails` returned; what a mailbox may hold and an IRI may not is encoded."""
    return iri("mailto:" + re.sub(r'[%^`{|}?#/"]', lambda m: f"%{ord(m[0]):02X}", email))
