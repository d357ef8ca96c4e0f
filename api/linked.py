"""Dereferencing: the IRIs that the catalogue mints answer with RDF or with a page.

With a suffix the address decides; without, `Accept` does, and a client without a preference gets Turtle. What is minted
below a dataset (a distribution, an extent, a schema) answers with the dataset's document, its record too. With
`release=N` a kept release answers.
"""

from __future__ import annotations

from pyoxigraph import Triple
from starlette.requests import Request
from starlette.responses import Response

from api.absent import Absent
from api.asked import Answers
from api.errors import NotAcceptable
from api.feeds.door import Feed
from api.links import alternates, links
from api.naming import KINDS, PAGE, SUFFIXES, Names, Thing
from api.negotiation import media_type
from api.pages import Pages
from api.rendering import VARY
from catalog.archive import View
from catalog.assembly import document
from catalog.formats import FORMATS, Format, write
from catalog.model import Kind
from catalog.settings import Settings

HTML = ("text/html", "application/xhtml+xml")
BY_TYPE: dict[str, Format] = {FORMATS[s].media_type: FORMATS[s] for s in SUFFIXES}


class LinkedData:
    """The addresses of datasets, records, agents, concepts and services."""

    KINDS = KINDS

    def __init__(self, settings: Settings, answers: Answers, feed: Feed, pages: Pages) -> None:
        self.settings = settings
        self.answers = answers
        self.feed = feed
        self.pages = pages
        self.names = Names(settings.catalog.base)
        self.absent = Absent(answers)

    def catalog(self, request: Request) -> Response:
        """`/catalog`: the front page for people, the first page of the feed for programs."""
        fmt = negotiated(request)
        found = self.pages.home(request) if fmt is None else self.feed.respond(request, fmt.suffix, vary=VARY)
        return self._with_feeds(found, "catalog")

    def publisher_catalog(self, request: Request) -> Response:
        """`/catalog/{slug}`: the publisher's page for people where it has one, the first page of its feed otherwise."""
        slug = request.path_params["slug"]
        fmt = negotiated(request)
        if fmt is None and self.answers.asked(request).view.by_slug(Kind.AGENT, slug) is not None:
            return self._with_feeds(self.pages.publisher(request), f"catalog/{slug}")
        found = self.feed.respond(request, fmt.suffix if fmt else "ttl", slug, vary=VARY)
        return self._with_feeds(found, f"catalog/{slug}")

    def _with_feeds(self, found: Response, path: str) -> Response:
        """The response, with links to the feed of a catalogue in every format."""
        found.headers["Link"] = ", ".join(alternates(self.settings.catalog.base, path, "", "alternate describedby"))
        return found

    def thing(self, request: Request) -> Response:
        """One thing, in the format asked for; 301 for an alias, 410 for what was withdrawn, 404 otherwise."""
        path = str(request.scope["path"]).lstrip("/")  # below the base, whatever the proxy passed on
        asked = self.answers.asked(request)
        found = self.names.find(asked.view, path)
        if found is None:
            return self.absent.answer(asked, path)
        fmt, vary = decided(request, found.suffix)
        asked = asked.as_(fmt.suffix if fmt else "", vary)
        asked = asked.with_links(links(self.settings.catalog.base, found, asked.kept))
        if fmt is None:
            return self.pages.thing(asked, found)
        return self.answers.send(asked, write(self.document(asked.view, found), fmt), fmt.content_type)

    def document(self, view: View, thing: Thing) -> list[Triple]:
        """What a release says of a thing, with all that a reader needs to understand it."""
        return [*dict.fromkeys((*document(self.settings, view, [thing.description]), *thing.more))]


def negotiated(request: Request) -> Format | None:
    """The RDF format that `Accept` prefers; None for a page. Raises `NotAcceptable`."""
    accept = request.headers.get("accept")
    chosen = media_type(accept, [*BY_TYPE, *HTML])
    if chosen is None:
        raise NotAcceptable(accept or "", [*BY_TYPE, HTML[0]])
    return BY_TYPE.get(chosen)


def decided(request: Request, suffix: str) -> tuple[Format | None, str]:
    """The RDF format that the suffix or `Accept` decides, None for a page; and what the answer depends on then."""
    if not suffix:
        return negotiated(request), VARY
    return (None, "Accept-Language") if suffix == PAGE else (FORMATS[suffix], "")
