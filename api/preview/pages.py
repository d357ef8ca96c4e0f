"""The pages of a feed as they are sent, parsed anew: over the service itself, from an address or a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from pyoxigraph import RdfFormat, parse

from api.preview.graph import Graph
from catalog.errors import ResponseInvalid, SourceRefused
from shapes.read import SUFFIXES, content, sniffed

MOST = 20_000
"""Pages after which a feed is not followed any further."""


@dataclass(frozen=True)
class Page:
    """One page: its address, its number, the size and type that were sent, and what it says."""

    url: str
    number: int
    size: int
    content_type: str
    utf8: bool
    graph: Graph


Next = Callable[[Graph], str]
"""The address of the page that one harvester reads after this; empty after the last."""
Fetch = Callable[[str], tuple[bytes, str]]
"""Gets an address: the body as it was sent, and its content type."""


class Walk:
    """One reading of a feed, page after page, as a harvester follows it; to be iterated over once.

    Afterwards `read` and `size` are pages and bytes, and `endless` names the page whose next one was read before.
    """

    def __init__(self, first: str, fetch: Fetch, following: Next) -> None:
        self.first = first
        self.fetch = fetch
        self.following = following
        self.endless = ""
        self.read = 0
        self.size = 0

    @classmethod
    def over(cls, page: Page) -> Walk:
        """A reading of one page that is there already."""
        walk = cls(page.url, lambda _: (b"", ""), lambda _: "")
        walk._given = page
        return walk

    _given: Page | None = None

    def __iter__(self) -> Iterator[Page]:
        url = self.first
        seen: set[str] = set()
        while url:
            if self.read >= MOST:
                raise ResponseInvalid(
                    f"the feed goes on after {MOST} pages.",
                    what=url,
                    french=f"le flux continue après {MOST} pages.",
                )
            seen.add(url)
            page = self._given or page_of(*self.fetch(url), url=url, number=self.read + 1)
            self.read, self.size = page.number, self.size + page.size
            yield page
            link = self.following(page.graph)
            following = urljoin(url, link) if link else ""
            if following and following in seen:
                self.endless, following = url, ""
            _same_host(url, following)
            url = following


def _same_host(url: str, following: str) -> None:
    if following and urlsplit(following).hostname != urlsplit(url).hostname:
        raise SourceRefused(
            f"its next page is on another host, {following}.",
            what=url,
            french=f"sa page suivante est sur un autre serveur, {following}.",
        )


def page_of(body: bytes, content_type: str, *, url: str, number: int = 1) -> Page:
    """One page from its bytes, read as leniently as harvesters do. Raises `ResponseInvalid` for what is no RDF."""
    fmt = _format(body, url, content_type)
    if fmt is None:
        raise ResponseInvalid(
            "it is in no RDF format that is known.",
            what=url,
            hint="Turtle, RDF/XML, JSON-LD, N-Triples, N-Quads, TriG and N3 are read.",
            french="aucun format RDF n’y est reconnu.",
            french_hint="Turtle, RDF/XML, JSON-LD, N-Triples, N-Quads, TriG et N3 sont lus.",
        )
    base = None if fmt in {RdfFormat.N_TRIPLES, RdfFormat.N_QUADS} else _base(url)
    try:
        quads = parse(body.removeprefix(b"\xef\xbb\xbf"), format=fmt, base_iri=base, lenient=True)
        graph = Graph(q.triple for q in quads)
    except (SyntaxError, ValueError) as e:
        raise ResponseInvalid(
            f"it cannot be read as {fmt.name} ({e}).", what=url, french=f"lecture impossible comme {fmt.name} ({e})."
        ) from e
    return Page(url, number, len(body), content_type, _is_utf8(body), graph)


def file_page(place: str) -> Page:
    """A saved catalogue: a file, or `-` for the standard input; raises as `shapes.read.content` does."""
    return page_of(content(place), "", url=place if place == "-" else Path(place).resolve().as_uri())


def _format(body: bytes, url: str, content_type: str) -> RdfFormat | None:
    media = content_type.split(";")[0].strip().lower()
    if media == "application/json":
        return RdfFormat.JSON_LD
    announced = RdfFormat.from_media_type(media) if media not in {"", "text/plain", "application/xml"} else None
    suffix = Path(urlsplit(url).path).suffix.lstrip(".").lower()
    return announced or SUFFIXES.get(suffix) or sniffed(body)


def _base(url: str) -> str:
    return url if ":" in url else "urn:garonne:document"


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
