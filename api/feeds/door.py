"""The feed, `/catalog.{ttl,rdf,xml,jsonld,nt,trig}?page=N`: what CKAN, udata and piveau read.

The suffix alone decides the type, nothing redirects, and all pages of one reading come from one release: the links
carry its number, and the filter that narrows the feed, if any.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from api.delivery import Representation, send
from api.errors import BadRequest, Missing, NotPublished, Withdrawn
from api.feeds.catalogues import Catalogue, of_publisher, whole
from api.feeds.filters import Filter, filter_in
from api.feeds.page import page_lines, short
from api.feeds.sheets import Binder, Sheets
from api.feeds.shelf import Shelf
from api.published import Published
from catalog.formats import FORMATS
from catalog.lines import write_lines
from catalog.releases import Release
from catalog.settings import Settings
from vocab.errors import unknown_choice
from vocab.text import Text

SUFFIXES = ("ttl", "rdf", "xml", "jsonld", "nt", "trig")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks of the feeds: which page of which catalogue, in what format, from which release."""

    release: Release
    publisher: str
    filter: Filter
    number: int
    suffix: str

    @property
    def path(self) -> str:
        """The feed's address below the base."""
        return f"catalog/{self.publisher}.{self.suffix}" if self.publisher else f"catalog.{self.suffix}"

    def address(self, base: str) -> Callable[[int], str]:
        """The addresses of the feed's pages, as links give them."""
        return lambda page: f"{base}{self.path}?page={page}{self.filter.query()}&release={self.release.number}"


class Feed:
    """The feeds of one catalogue."""

    def __init__(self, settings: Settings, published: Published) -> None:
        self.settings = settings
        self.published = published
        self.binder = Binder()
        self.shelf = Shelf(settings.store.path / "feeds", settings.serve.pages << 20)
        self._catalogues: dict[tuple[int, str, str], Catalogue] = {}
        published.keepers.append(self._forget)

    def answer(self, request: Request) -> Response:
        """One page, by its suffix."""
        suffix = request.path_params["suffix"]
        if suffix not in SUFFIXES:
            raise _unknown_suffix(suffix)
        return self.respond(request, suffix, request.path_params.get("slug", ""))

    def respond(self, request: Request, suffix: str, publisher: str = "", *, vary: str = "") -> Response:
        """The page that the request names, in the format of this suffix; 304 where that is due.

        `vary` names the request headers that decided the suffix, where the address did not.
        """
        query = request.query_params
        number = _page(query.get("page"))
        asked = Asked(self._release(request, suffix), publisher, filter_in(query), number, suffix)
        return send(request, self._shown(asked, vary))

    def _shown(self, asked: Asked, vary: str) -> Representation:
        release = asked.release
        about = (release.number, release.manifest.fingerprint, self.published.edition, self.settings.serve.checksums)
        parts = (*about, asked.address("")(asked.number))
        key = sha256(repr(parts).encode()).hexdigest()
        digest, size, body = self.shelf.take(key, lambda: self.page(asked), lambda: self.published.unchanged(release))
        fmt = FORMATS["rdf" if asked.suffix == "xml" else asked.suffix]
        changed = self.published.last_changed(release)
        headers = {"Garonne-Release": str(release.number)}
        return Representation(fmt.content_type, digest, size, body, changed, vary, headers)

    def page(self, asked: Asked) -> bytes:
        """The page, rendered from the exact descriptions."""
        catalogue, sheets = self._checked(asked)
        at = asked.address(self.settings.catalog.base)
        fmt = FORMATS["rdf" if asked.suffix == "xml" else asked.suffix]
        return write_lines(page_lines(self.settings, catalogue, sheets, asked.number, at), fmt)

    def _checked(self, asked: Asked) -> tuple[Catalogue, Sheets]:
        """The catalogue and its pages, when there is such a page and nothing is missing."""
        release = asked.release
        total = release.manifest.datasets
        if total == 0:
            raise _empty(release)
        catalogue = self._catalogue(release, asked.publisher)
        sheets = self.binder.sheets(
            release.manifest.fingerprint, self.published.view(release), catalogue.pages, asked.filter
        )
        if not asked.publisher and not asked.filter and sheets.extent.datasets != total:
            raise short(release.number, total, sheets.extent.datasets)
        if asked.filter.lasting and not asked.filter.modified_since and not sheets.extent.datasets:
            raise _no_such(release)
        if asked.number > sheets.extent.pages:
            raise _beyond(asked.number, sheets.extent.pages)
        return catalogue, sheets

    def _forget(self) -> None:
        self._catalogues, self.binder = {}, Binder()

    def _catalogue(self, release: Release, publisher: str) -> Catalogue:
        key = (release.number, release.manifest.fingerprint, publisher)  # a takedown changes what a release says
        known = self._catalogues
        if key not in known:
            view = self.published.view(release)
            made = of_publisher(self.settings, view, publisher) if publisher else whole(self.settings, view)
            if len(known) >= 256:
                known.clear()
            known[key] = made
        return known[key]

    def _release(self, request: Request, suffix: str) -> Release:
        given = request.query_params.get("release")
        if given == "":
            raise _no_number("", "release")
        try:
            return self.published.named(given or "")
        except Withdrawn as e:
            first = f"{self.settings.catalog.base.rstrip('/')}{request.scope['path']}"
            raise Withdrawn(
                e.text,
                Text(
                    f"Recommencez la lecture à {first}, sans «\u00a0release\u00a0», et n’effacez rien d’ici là.",
                    f"Begin to read anew at {first}, without `release`, and delete nothing until then.",
                ),
            ) from None


def _page(given: str | None) -> int:
    if given is None:
        return 1
    if not given.isascii() or not given.isdigit() or len(given) > 9 or int(given) < 1:
        raise _no_number(given, "page")
    return int(given)


def _no_number(given: str, name: str) -> BadRequest:
    return BadRequest(
        Text(
            f"«\u00a0{given[:40]}\u00a0» n’est pas un numéro pour {name}.",
            f"`{given[:40]}` is not a number for {name}.",
        ),
        Text("Donnez un entier à partir de 1.", "Give a whole number from 1."),
    )


def _unknown_suffix(suffix: str) -> Missing:
    error = unknown_choice("format", suffix, SUFFIXES)
    listed = ", ".join(SUFFIXES)
    return Missing(
        Text(f"Le format «\u00a0{suffix}\u00a0» n’est pas proposé.", error.message),
        Text(f"Formats proposés\u00a0: {listed}.", error.hint),
    )


def _empty(release: Release) -> NotPublished:
    return NotPublished(
        Text(
            f"L’édition {release.number} ne contient aucun jeu de données\u00a0; un flux vide effacerait des copies.",
            f"Release {release.number} holds no dataset; an empty feed would make readers delete their copies.",
        ),
        Text("Revenez après le prochain moissonnage.", "Come back after the next harvest."),
    )


def _no_such(release: Release) -> Missing:
    return Missing(
        Text(
            f"Aucun jeu de données de l’édition {release.number} ne répond à ce filtre.",
            f"No dataset of release {release.number} matches this filter.",
        ),
        Text(
            "Enlevez «\u00a0theme\u00a0» ou «\u00a0hvd\u00a0» de l’adresse.",
            "Take `theme` or `hvd` out of the address.",
        ),
    )


def _beyond(number: int, pages: int) -> Missing:
    return Missing(
        Text(
            f"Il n’y a pas de page {number}\u00a0: la dernière est la {pages}.",
            f"There is no page {number}: the last is {pages}.",
        ),
        Text("Suivez hydra:next à partir de la première page.", "Follow hydra:next from the first page."),
    )
