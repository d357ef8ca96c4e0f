"""`/ldes`, `/ldes/index/{n}`, `/ldes/page/{n}`, `/ldes/event/{n}`: the nodes of the change feed.

With a suffix the address decides the format, and all links carry the suffix; without one `Accept` does. A closed node
may be kept for a year. What it has never changes; members may only leave it, as the retention that the root states
allows, and whoever holds an older copy holds nothing wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.delivery import Compressed, Representation, send, unchanged
from api.errors import Missing, NotAcceptable, Withdrawn
from api.ldes import members
from api.ldes.stream import stream_triples
from api.ldes.tree import Addresses, Node, indexes, node_triples, page_of, pages, relations
from api.negotiation import media_type
from api.published import Published
from catalog.activities import Activities
from catalog.formats import FORMATS, Format, write
from catalog.model import Text
from catalog.releases import Release
from vocab.errors import unknown_choice

SUFFIXES = ("trig", "jsonld", "nq", "ttl", "nt")
"""TriG or JSON-LD are what every reader of the specification knows; those without graphs come last."""
_BY_TYPE = {FORMATS[s].media_type: FORMATS[s] for s in SUFFIXES}
CLOSED = "public, max-age=31536000, immutable"
OPEN = "public, max-age=60"
REMEMBERED = 4096
"""Pages whose digests are remembered: whoever has one is told without its being rendered."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request: the release it is answered from, and how."""

    request: Request
    release: Release
    activities: Activities
    last: int
    at: Addresses
    fmt: Format


class EventStream:
    """The change feed of one catalogue."""

    def __init__(self, published: Published, compressed: Compressed) -> None:
        self.published = published
        self.compressed = compressed
        self.base = published.settings.catalog.base
        self._rendered: dict[tuple[object, ...], Representation] = {}

    def root(self, request: Request) -> Response:
        """The root: what the stream is, and its indexes."""
        asked = self._asked(request, request.path_params.get("suffix", ""))
        head = [
            *node_triples(asked.at, asked.at.root, closed=False),
            *stream_triples(self.published.settings, asked.at),
        ]
        head += relations(asked.at, asked.at.root, indexes(asked.last), asked.activities, asked.last)
        return self._respond(asked, write(head, asked.fmt), closed=False)

    def index(self, request: Request) -> Response:
        """An index: relations to its pages."""
        asked, node = self._below(request, "index")
        here, closed = asked.at.node(node), node.closed(asked.last)
        head = node_triples(asked.at, here, closed=closed)
        head += relations(asked.at, here, node.children(asked.last), asked.activities, asked.last)
        return self._respond(asked, write(head, asked.fmt), closed=closed)

    def page(self, request: Request) -> Response:
        """A page: its members."""
        asked, node = self._below(request, "page")
        closed = node.closed(asked.last)
        key = (node.number, asked.at.suffix, asked.fmt.suffix, asked.release.number, self.published.archive.stamp())
        known = self._rendered.get(key)
        if known is not None and (same := unchanged(request, self._shown(asked, known, closed=closed))) is not None:
            return same
        head = node_triples(asked.at, asked.at.node(node), closed=closed)
        body = members.page(asked.at, head, asked.activities.between(*node.span), asked.fmt)
        shown = self._shown(asked, body, closed=closed)
        if len(self._rendered) >= REMEMBERED:
            self._rendered.clear()
        self._rendered[key] = replace(shown, body=_unread)
        return send(request, shown)

    def event(self, request: Request) -> Response:
        """One member: its page tells of it."""
        number = _number(request.path_params["name"])
        release = self.published.required()
        activities = Activities(self.published.archive, release.number)
        found = activities.between(number, number)
        if not found:
            raise Missing(
                Text(f"Il n’y a pas d’activité {number}.", f"There is no activity {number}."),
                Text(f"La dernière est la {activities.last()}.", f"The last is {activities.last()}."),
            )
        if not found[0].whole:
            raise Withdrawn(
                Text(f"L’activité {number} n’est plus conservée.", f"Activity {number} is no longer kept."),
                Text("Une activité plus récente la remplace.", "A later activity supersedes it."),
            )
        return RedirectResponse(Addresses(self.base).node(page_of(number)).value, 303)

    def _below(self, request: Request, level: str) -> tuple[_Asked, Node]:
        name, _, suffix = request.path_params["name"].partition(".")
        asked = self._asked(request, suffix)
        node = Node(level, _number(name))
        there = pages(asked.last) if level == "page" else len(indexes(asked.last))
        if node.number > there:
            raise _beyond(node, there)
        return asked, node

    def _asked(self, request: Request, suffix: str) -> _Asked:
        fmt = _format(request, suffix)
        release = self.published.required()
        activities = Activities(self.published.archive, release.number)
        return _Asked(request, release, activities, activities.last(), Addresses(self.base, suffix), fmt)

    def _respond(self, asked: _Asked, body: bytes, *, closed: bool) -> Response:
        return send(asked.request, self._shown(asked, body, closed=closed))

    def _shown(self, asked: _Asked, given: bytes | Representation, *, closed: bool) -> Representation:
        """A node as it is now: without `Last-Modified`, as nothing tells when a release was given up, and members left.

        `given` is its body, or what is remembered of it.
        """
        headers = {"Cache-Control": CLOSED if closed else OPEN}
        if not closed:
            headers["Garonne-Release"] = str(asked.release.number)
        if isinstance(given, Representation):
            return replace(given, headers=headers)
        vary = "" if asked.at.suffix else "Accept"
        return self.compressed.represent(given, asked.fmt.content_type, None, vary=vary, headers=headers)


def _unread(coding: str) -> bytes:
    raise LookupError(coding)  # digests are remembered, bodies are not


def _format(request: Request, suffix: str) -> Format:
    if suffix:
        if suffix in SUFFIXES:
            return FORMATS[suffix]
        error = unknown_choice("format", suffix, SUFFIXES)
        raise Missing(
            Text(f"Le format «\u00a0{suffix}\u00a0» n’est pas proposé.", error.message),
            Text(f"Formats proposés\u00a0: {', '.join(SUFFIXES)}.", error.hint),
        )
    accept = request.headers.get("accept")
    chosen = media_type(accept, list(_BY_TYPE))
    if chosen is None:
        raise NotAcceptable(accept or "", list(_BY_TYPE))
    return _BY_TYPE[chosen]


def _number(given: str) -> int:
    if given.isascii() and given.isdigit() and len(given) <= 12 and int(given) > 0:
        return int(given)
    raise Missing(
        Text(f"«\u00a0{given[:30]}\u00a0» n’est pas un numéro.", f"`{given[:30]}` is not a number."),
        Text("Suivez les liens à partir de /ldes.", "Follow the links from /ldes."),
    )


def _beyond(node: Node, there: int) -> Missing:
    level = Text("page", "page") if node.level == "page" else Text("table", "index")
    return Missing(
        Text(
            f"Il n’y a pas de {level.fr} {node.number}\u00a0: la dernière est la {there}.",
            f"There is no {level.en} {node.number}: the last is {there}.",
        ),
        Text("Suivez les liens à partir de /ldes.", "Follow the links from /ldes."),
    )
