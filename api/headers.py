"""The headers that every answer has: what browsers may do with it, and who may read it.

Reading doors are readable by scripts of any site (`Access-Control-Allow-Origin: *`, never with credentials). Answers to
requests that write are not, and no preflight allows one: a page of another site makes no browser write.
"""

from __future__ import annotations

from starlette.types import Scope

Headers = tuple[tuple[bytes, bytes], ...]

EXPOSED = (
    *(b"ETag", b"Link", b"Location", b"Retry-After", b"RateLimit", b"RateLimit-Policy"),
    *(b"Accept-Ranges", b"Content-Range", b"Repr-Digest"),
    *(b"Garonne-Cursor", b"Garonne-Notice", b"Garonne-Receipt", b"Garonne-Release"),
)
"""Headers that a script of another site may read."""

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""For all pages: our style sheet and our forms. There is no script, and nothing comes from elsewhere."""

TRANSFORMED = f"{POLICY}; script-src 'self'"
"""For XML that a browser shows by our XSLT style sheet, which counts as a script (CSP 3, 6.1.10)."""

_ALWAYS: Headers = (
    (b"content-security-policy", POLICY.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"x-content-type-options", b"nosniff"),
)
_READ: Headers = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b", ".join(EXPOSED)),
    (b"cross-origin-resource-policy", b"cross-origin"),
    *_ALWAYS,
)
_WRITTEN: Headers = ((b"cross-origin-resource-policy", b"same-origin"), *_ALWAYS)
_PREFLIGHT: Headers = (
    (b"access-control-allow-methods", b"GET, HEAD, POST, QUERY, OPTIONS"),
    (b"access-control-allow-headers", b"*"),
    (b"access-control-max-age", b"86400"),
    *_READ,
)
_PREFLIGHT_GRAPHS: Headers = ((b"access-control-allow-methods", b"GET, HEAD, OPTIONS"), *_PREFLIGHT[1:])


def of(scope: Scope, *, graphs: bool) -> Headers:
    """The headers for the answer to a request; `graphs` says whether its door is the graph store's."""
    method = scope["method"]
    if scope["path"].rstrip("/") == "/sparql/update" or (graphs and method not in {"GET", "HEAD", "OPTIONS"}):
        return _WRITTEN
    if method != "OPTIONS":
        return _READ
    return _PREFLIGHT_GRAPHS if graphs else _PREFLIGHT
