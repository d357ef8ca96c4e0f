"""Content negotiation: which of the offered media types or languages a request prefers (RFC 9110, section 12.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Preference:
    """One element of an `Accept…` header: what it covers, and its quality from 0 to 1."""

    value: str
    quality: float


def preferences(header: str) -> list[Preference]:
    """The elements of the header, in its order; parameters other than q are ignored, an unreadable q counts as 0."""
    found = []
    for part in header.split(","):
        value, *parameters = (piece.strip() for piece in part.split(";"))
        if value:
            found.append(Preference(value.lower(), _quality(parameters)))
    return found


def _quality(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                number = float(value)
            except ValueError:
                return 0.0
            return number if 0.0 <= number <= 1.0 else 0.0
    return 1.0


def media_type(header: str | None, offered: Sequence[str]) -> str | None:
    """The offered media type that the `Accept` header likes best, None when it accepts none.

    The most specific range decides the quality of a type; among equals the order of `offered` decides. An absent or
    empty header accepts everything.
    """
    if header is None or not header.strip():
        return offered[0] if offered else None
    ranges = preferences(header)
    best: tuple[float, str] | None = None
    for offer in offered:
        quality = _quality_of(offer, ranges)
        if quality > 0 and (best is None or quality > best[0]):
            best = (quality, offer)
    return best[1] if best else None


def _quality_of(offer: str, ranges: Sequence[Preference]) -> float:
    main = offer.partition("/")[0]
    for covering in (offer, f"{main}/*", "*/*"):
        found = [r.quality for r in ranges if r.value == covering]
        if found:
            return max(found)
    return 0.0


@lru_cache(256)
def content_coding(header: str | None) -> str:
    """The content coding to answer with: br or gzip as `Accept-Encoding` likes best, empty for none."""
    best = (0.0, "")
    found = {p.value: p.quality for p in preferences(header or "")}
    for coding in ("br", "gzip"):
        quality = found.get(coding, found.get("*", 0.0))
        if quality > best[0]:
            best = (quality, coding)
    return best[1] if best[0] >= found.get("identity", 0.0) else ""


@lru_cache(256)
def prefers_html(header: str | None) -> bool:
    """Whether the client names HTML and no RDF or JSON type more dearly: a browser, not a program."""
    if header is None:
        return False
    ranges = preferences(header)
    named = [r.quality for r in ranges if r.value in {"text/html", "application/xhtml+xml"}]
    data = [r.quality for r in ranges if r.value in _DATA_TYPES]
    return bool(named) and max(named) > 0 and max(named) >= max(data, default=0.0)


_DATA_TYPES = frozenset(
    {
        "text/turtle",
        "application/rdf+xml",
        "application/ld+json",
        "application/n-triples",
        "application/trig",
        "application/n-quads",
        "application/json",
        "application/problem+json",
        "application/sparql-results+json",
        "application/sparql-results+xml",
        "text/csv",
        "text/tab-separated-values",
    }
)


def language(header: str | None, offered: Sequence[str], default: str) -> str:
    """The offered language (a primary subtag such as `fr`) that `Accept-Language` likes best, else `default`."""
    best = (0.0, default)
    for preference in preferences(header or ""):
        primary = preference.value.partition("-")[0]
        if primary in offered and preference.quality > best[0]:
            best = (preference.quality, primary)
    return best[1]
