"""The harvest feed, `/catalog.{ttl,rdf,xml,jsonld,nt,trig}?page=N`: what CKAN, udata and piveau read.

The suffix alone decides the type, nothing redirects, and all pages of one reading come from one release: the links
carry its number. Paging is Hydra's, in both of its vocabularies on one node, because readers know one or the other.
"""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode, Triple
from starlette.requests import Request
from starlette.responses import Response

from api.delivery import Compressed, send
from api.errors import BadRequest, Missing, NotPublished
from api.published import Published
from catalog.archive import View
from catalog.assembly import document
from catalog.formats import FORMATS, write
from catalog.identifiers import Minter
from catalog.model import Description, Kind, Text
from catalog.releases import Release
from catalog.settings import Settings
from vocab.errors import unknown_choice
from vocab.namespaces import DCAT, DCT, HYDRA, RDF, XSD

PAGE = 100
"""Datasets on a page."""
SUFFIXES = ("ttl", "rdf", "xml", "jsonld", "nt", "trig")

_LINKS = (
    ("first", HYDRA.first, HYDRA.firstPage),
    ("previous", HYDRA.previous, HYDRA.previousPage),
    ("next", HYDRA.next, HYDRA.nextPage),
    ("last", HYDRA.last, HYDRA.lastPage),
)


class Feed:
    """The feed of one catalogue."""

    def __init__(self, settings: Settings, published: Published, compressed: Compressed) -> None:
        self.settings = settings
        self.published = published
        self.compressed = compressed

    def answer(self, request: Request) -> Response:
        """One page, by its suffix."""
        suffix = request.path_params["suffix"]
        if suffix not in SUFFIXES:
            raise _unknown_suffix(suffix)
        return self.respond(request, suffix)

    def respond(self, request: Request, suffix: str, *, vary: str = "") -> Response:
        """The page that the request's `page` and `release` name, in the format of this suffix; 304 where that is due.

        `vary` names the request headers that decided the suffix, where the address did not.
        """
        number = _positive(request.query_params.get("page"), "page", 1)
        release = self._release(request.query_params.get("release"))
        total = release.manifest.datasets
        if total == 0:
            raise _empty(release)
        pages = -(-total // PAGE)
        if number > pages:
            raise _beyond(number, pages)
        fmt = FORMATS["rdf" if suffix == "xml" else suffix]
        body = write(self.page(release, number, suffix), fmt)
        changed = self.published.changed(release.manifest.published)
        headers = {"Garonne-Release": str(release.number)}
        return send(request, self.compressed.represent(body, fmt.content_type, changed, vary=vary, headers=headers))

    def page(self, release: Release, number: int, suffix: str) -> list[Triple]:
        """The statements of one page: self-contained, the datasets whole, one page node."""
        view = self.published.view(release)
        total = view.count()
        if total != release.manifest.datasets:
            raise _short(release, total)
        described = view.page(Kind.DATASET, offset=(number - 1) * PAGE, limit=PAGE)
        last = number * PAGE >= total
        services = view.page(Kind.SERVICE, limit=view.count(Kind.SERVICE)) if last else []
        found = dict.fromkeys(document(self.settings, view, [*described, *services]))
        found |= dict.fromkeys(_stubs(view, described, services))
        found |= dict.fromkeys(hydra(self.settings.catalog.base, suffix, release.number, number, total))
        return list(found)

    def _release(self, asked: str | None) -> Release:
        if asked is None:
            return self.published.required()
        return self.published.kept(_positive(asked, "release", 1))


def hydra(base: str, suffix: str, release: int, number: int, total: int) -> list[Triple]:
    """The page node: both Hydra classes, both sets of links, the totals. The last page has no next."""
    pages = -(-total // PAGE)

    def at(page: int) -> NamedNode:
        return NamedNode(f"{base}catalog.{suffix}?page={page}&release={release}")

    node, catalogue = at(number), NamedNode(Minter(base).catalog)
    targets = {"first": 1, "previous": number - 1, "next": number + 1, "last": pages}
    found = [
        Triple(catalogue, HYDRA.view, node),
        Triple(node, RDF.type, HYDRA.PartialCollectionView),
        Triple(node, RDF.type, HYDRA.PagedCollection),
        Triple(node, HYDRA.totalItems, Literal(str(total), datatype=XSD.integer)),
        Triple(node, HYDRA.itemsPerPage, Literal(str(PAGE), datatype=XSD.integer)),
    ]
    for name, view_link, collection_link in _LINKS:
        if 1 <= targets[name] <= pages:
            found += [Triple(node, view_link, at(targets[name])), Triple(node, collection_link, at(targets[name]))]
    return found


def _stubs(view: View, described: list[Description], services: list[Description]) -> list[Triple]:
    """Identifiers of the datasets that services serve and that other pages describe: readers look them up here."""
    served = {
        t.object.value
        for service in services
        for t in service.triples
        if t.predicate == DCAT.servesDataset and isinstance(t.object, NamedNode)
    }
    absent = sorted(served - {d.iri for d in described})
    return [t for d in view.many(absent) for t in d.triples if t.predicate == DCT.identifier and _is(t, d.iri)]


def _is(triple: Triple, iri: str) -> bool:
    return isinstance(triple.subject, NamedNode) and triple.subject.value == iri


def _positive(given: str | None, name: str, default: int) -> int:
    if given is None:
        return default
    if not given.isascii() or not given.isdigit() or len(given) > 9 or int(given) < 1:
        raise BadRequest(
            Text(f"« {given} » n’est pas un numéro pour {name}.", f"`{given}` is not a number for {name}."),
            Text("Donnez un entier à partir de 1.", "Give a whole number from 1."),
        )
    return int(given)


def _unknown_suffix(suffix: str) -> Missing:
    error = unknown_choice("format", suffix, SUFFIXES)
    listed = ", ".join(SUFFIXES)
    return Missing(
        Text(f"Le format « {suffix} » n’est pas proposé.", error.message),
        Text(f"Formats proposés : {listed}.", error.hint),
    )


def _empty(release: Release) -> NotPublished:
    return NotPublished(
        Text(
            f"L’édition {release.number} ne contient aucun jeu de données ; un flux vide ferait effacer les copies.",
            f"Release {release.number} holds no dataset; an empty feed would make readers delete their copies.",
        ),
        Text("Revenez après le prochain moissonnage.", "Come back after the next harvest."),
    )


def _short(release: Release, found: int) -> NotPublished:
    return NotPublished(
        Text(
            f"L’édition {release.number} annonce {release.manifest.datasets} jeux de données et en retrouve {found}.",
            f"Release {release.number} states {release.manifest.datasets} datasets and finds {found}.",
        ),
        Text("« garonne doctor » en dit plus.", "`garonne doctor` says more."),
    )


def _beyond(number: int, pages: int) -> Missing:
    return Missing(
        Text(
            f"Il n’y a pas de page {number} : la dernière est la {pages}.",
            f"There is no page {number}: the last is {pages}.",
        ),
        Text("Suivez hydra:next à partir de la première page.", "Follow hydra:next from the first page."),
    )
