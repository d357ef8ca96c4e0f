"""Dereferencing: the IRIs that the catalogue mints answer with RDF or with a page.

With a suffix the address decides; without, `Accept` does, and a client without a preference gets Turtle. What is minted
below a dataset (a distribution, an extent, a schema) answers with the dataset's document, its record too.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.conditional import entity_tag, http_date, not_modified
from api.errors import Missing, NotAcceptable, Withdrawn
from api.feeds.door import Feed
from api.negotiation import media_type
from api.pages import Pages
from api.published import Published
from catalog.archive import View
from catalog.assembly import document
from catalog.formats import FORMATS, Format, write
from catalog.model import Description, Kind, Text
from catalog.releases import Release
from catalog.settings import Settings

SUFFIXES = ("ttl", "rdf", "jsonld", "nt", "trig")
_HTML = ("text/html", "application/xhtml+xml")
_BY_TYPE: dict[str, Format] = {FORMATS[s].media_type: FORMATS[s] for s in SUFFIXES}
_VARY = "Accept, Accept-Language"


@dataclass(frozen=True, slots=True)
class Found:
    """What an address names: a description, and the suffix that was taken off the address, if any."""

    description: Description
    suffix: str


class LinkedData:
    """The addresses of datasets, records, agents, concepts and services."""

    KINDS = ("dataset", "record", "agent", "concept", "service")

    def __init__(self, settings: Settings, published: Published, feed: Feed, pages: Pages) -> None:
        self.settings = settings
        self.published = published
        self.feed = feed
        self.pages = pages

    def catalog(self, request: Request) -> Response:
        """`/catalog`: the front page for people, the first page of the feed for programs."""
        fmt = self._negotiated(request)
        if fmt is None:
            return self.pages.home(request)
        return self.feed.respond(request, fmt.suffix, vary=_VARY)

    def publisher_catalog(self, request: Request) -> Response:
        """`/catalog/{slug}`: the publisher's page for people where it has one, the first page of its feed otherwise."""
        slug = request.path_params["slug"]
        fmt = self._negotiated(request)
        if fmt is None and self.published.view(self.published.required()).by_slug(Kind.AGENT, slug) is not None:
            return self.pages.publisher(request)
        return self.feed.respond(request, fmt.suffix if fmt else "ttl", slug, vary=_VARY)

    def thing(self, request: Request) -> Response:
        """One thing, in the format asked for; 301 for an alias, 410 for what was withdrawn, 404 otherwise."""
        path = str(request.scope["path"]).lstrip("/")  # below the base, whatever the proxy passed on
        release = self.published.required()
        view = self.published.view(release)
        found = self._find(view, path)
        if found is None:
            return self._absent(view, path, request.url.query)
        fmt = FORMATS[found.suffix] if found.suffix else self._negotiated(request)
        if fmt is None:
            return self.pages.thing(request, release, view, found.description)
        return self._rdf(request, release, view, found, fmt)

    def _negotiated(self, request: Request) -> Format | None:
        """The RDF format that `Accept` prefers; None for a page. Raises `NotAcceptable`."""
        accept = request.headers.get("accept")
        chosen = media_type(accept, [*_BY_TYPE, *_HTML])
        if chosen is None:
            raise NotAcceptable(accept or "", [*_BY_TYPE, _HTML[0]])
        return _BY_TYPE.get(chosen)

    def _find(self, view: View, path: str) -> Found | None:
        stem, _, suffix = path.rpartition(".")
        attempts = [(path, ""), (stem, suffix)] if suffix in SUFFIXES else [(path, "")]
        for attempt, taken in attempts:
            description = self._description(view, attempt)
            if description is not None:
                return Found(description, taken)
        return None

    def _description(self, view: View, path: str) -> Description | None:
        kind, _, rest = path.partition("/")
        if kind in {"dataset", "record"}:
            slug, slash, below = rest.partition("/")
            dataset = view.by_slug(Kind.DATASET, slug)
            if dataset is None or not slash:
                return dataset
            named = bool(below) and f"<{dataset.iri}/{below}>".encode() in dataset.canonical
            return dataset if named or (below and self._mentions(dataset, path)) else None
        return view.get(self.settings.catalog.base + path) or view.by_slug(Kind(kind), rest)

    def _mentions(self, dataset: Description, path: str) -> bool:
        return f"<{self.settings.catalog.base}{path}>".encode() in dataset.canonical

    def _absent(self, view: View, path: str, query: str) -> Response:
        kind, _, rest = path.partition("/")
        stem, dot, suffix = rest.rpartition(".")
        slug, tail = (stem, dot + suffix) if suffix in SUFFIXES else (rest, "")
        first, slash, below = slug.partition("/") if kind in {"dataset", "record"} else (slug, "", "")
        fate = view.fate(Kind.DATASET if kind == "record" else Kind(kind), first)
        if isinstance(fate, tuple):
            target = f"{kind}/{fate[1]}{slash}{below}{tail}"
            return RedirectResponse(self.pages.renderer.here(target) + (f"?{query}" if query else ""), 301)
        if fate == "gone":
            raise Withdrawn(
                Text(
                    f"« {rest} » a été publié ici et a été retiré.", f"`{rest}` was published here and was withdrawn."
                ),
                Text("Les éditions antérieures le décrivent encore.", "Earlier releases still describe it."),
            )
        raise Missing(
            Text(
                f"Ce catalogue ne décrit rien sous le nom « {rest} ».",
                f"This catalogue describes nothing named `{rest}`.",
            ),
            Text("Cherchez-le dans la liste des jeux de données.", "Look for it in the list of datasets."),
        )

    def _rdf(self, request: Request, release: Release, view: View, found: Found, fmt: Format) -> Response:
        iri = found.description.iri
        tag = entity_tag(found.description.hash, release.manifest.fingerprint, fmt.suffix, self.published.edition)
        headers = {
            "ETag": tag,
            "Last-Modified": http_date(release.manifest.published),
            "Cache-Control": "no-cache",
            "Garonne-Release": str(release.number),
            "Link": f'<{iri}>; rel="describes"',
        } | ({} if found.suffix else {"Vary": _VARY})
        if not_modified(request.headers, tag, release.manifest.published):
            return Response(status_code=304, headers=headers)
        body = write(document(self.settings, view, [found.description]), fmt)
        return Response(body, headers=headers | {"Content-Type": fmt.content_type})
