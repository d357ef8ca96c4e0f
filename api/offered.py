"""`/services`: the ways into the catalogue, as a page, and as DCAT: its data services and its dumps.

They are described here and in no feed: udata makes a data service of its own of every `dcat:DataService` that it meets
in a harvested page, and data.gouv.fr would list the catalogue's doors among the city's services.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyoxigraph import Literal, NamedNode, Triple
from starlette.requests import Request
from starlette.responses import Response

from api.asked import Answers
from api.doors import Door, Dump, offered_dumps, open_doors
from api.errors import Missing
from api.linked import BY_TYPE, HTML, decided
from api.links import alternates, link
from api.naming import PAGE, SUFFIXES
from api.negotiation import media_type
from api.pages import Pages
from catalog.assembly import catalogue_triples, labels, publisher_iri
from catalog.formats import write
from catalog.identifiers import Minter
from catalog.settings import Settings
from vocab.errors import unknown_choice
from vocab.namespaces import AUTHORITY, DCAT, DCT, FOAF, RDF
from vocab.terms import table
from vocab.text import Text

IANA = "https://www.iana.org/assignments/media-types/"


class Offered:
    """The description of the catalogue's own services."""

    def __init__(self, answers: Answers, pages: Pages) -> None:
        self.answers = answers
        self.pages = pages
        self.settings = answers.published.settings
        self.base = self.settings.catalog.base
        self._said = link(f"{self.base}openapi.json", "service-desc", type="application/json")  # RFC 8631

    def front(self, request: Request) -> Response:
        """`/`: the front page, for whoever does not name a format of RDF before it."""
        accept = media_type(request.headers.get("accept"), [*HTML, *BY_TYPE])
        if accept in BY_TYPE:
            return self.services(request)
        page = self.pages.home(request)
        page.headers["Link"] = ", ".join([*alternates(self.base, "services", "", "alternate describedby"), self._said])
        return page

    def services(self, request: Request) -> Response:
        """The page, or the description in the format asked for."""
        suffix = request.path_params.get("suffix", "")
        if suffix and suffix not in (*SUFFIXES, PAGE):
            error = unknown_choice("format", suffix, (*SUFFIXES, PAGE))
            raise Missing(
                Text(f"Le format «\u00a0{suffix[:20]}\u00a0» n’est pas proposé.", error.message),
                Text(f"Formats proposés\u00a0: {', '.join((*SUFFIXES, PAGE))}.", error.hint),
            )
        asked = self.answers.asked(request)
        fmt, vary = decided(request, suffix)
        said = [
            link(Minter(self.base).catalog, "describes"),
            *alternates(self.base, "services", "", "alternate"),
            self._said,
        ]
        asked = asked.as_(fmt.suffix if fmt else "", vary).with_links(", ".join(said))
        doors, dumps = open_doors(request), offered_dumps(self.settings)
        if fmt is None:
            return self.answers.show(asked, "services.html", doors=doors, dumps=dumps, iri=Minter(self.base).catalog)
        publisher = asked.view.get(publisher_iri(self.settings))
        told = description(self.settings, doors, dumps)
        told += publisher.triples if publisher else ()
        return self.answers.send(asked, write(dict.fromkeys((*told, *labels(told))), fmt), fmt.content_type)


def description(settings: Settings, doors: Sequence[Door], dumps: Sequence[Dump]) -> list[Triple]:
    """The catalogue with its own data services, and with its dumps as distributions: DCAT-AP 3.0.1."""
    base = settings.catalog.base
    node = NamedNode(Minter(base).catalog)
    found = [*catalogue_triples(settings), Triple(node, RDF.type, DCAT.Dataset)]
    found += [
        Triple(NamedNode(base), RDF.type, FOAF.Document),
        Triple(NamedNode(base), FOAF.primaryTopic, node),
        Triple(node, DCAT.landingPage, NamedNode(base)),
    ]
    for door in doors:
        if door.standard:
            found += _service(settings, node, door)
    for dump in dumps:
        found += _distribution(settings, node, dump)
    return found


def _service(settings: Settings, node: NamedNode, door: Door) -> list[Triple]:
    base = settings.catalog.base
    service = NamedNode(f"{base}services#{door.name}")
    standard, documentation = NamedNode(door.standard), NamedNode(f"{base}services")
    told = NamedNode(base + ("void" if door.name == "sparql" else "openapi.json"))
    found = [
        Triple(node, DCAT.service, service),
        Triple(service, RDF.type, DCAT.DataService),
        Triple(service, DCT.identifier, Literal(service.value)),
        Triple(service, DCAT.endpointURL, NamedNode(base + door.address.partition("?")[0])),
        Triple(service, DCAT.endpointDescription, told),
        Triple(service, DCAT.servesDataset, node),
        Triple(service, DCT.conformsTo, standard),
        Triple(standard, RDF.type, DCT.Standard),
        Triple(service, DCT.publisher, NamedNode(publisher_iri(settings))),
        Triple(service, DCT.accessRights, NamedNode(f"{AUTHORITY.base}access-right/PUBLIC")),
        Triple(service, FOAF.page, documentation),
        Triple(documentation, RDF.type, FOAF.Document),
    ]
    for lang in ("fr", "en"):
        found.append(Triple(service, DCT.title, Literal(door.title.of(lang), language=lang)))
        found.append(Triple(service, DCT.description, Literal(door.purpose.of(lang), language=lang)))
    return found + _licence(settings, service)


def _distribution(settings: Settings, node: NamedNode, dump: Dump) -> list[Triple]:
    base = settings.catalog.base
    file = NamedNode(f"{base}dump.{dump.suffix}.gz")
    dumped = NamedNode(f"{base}services#dump-{dump.suffix}")
    media, packed = NamedNode(IANA + dump.media_type), NamedNode(f"{IANA}application/gzip")
    return [
        Triple(node, DCAT.distribution, dumped),
        Triple(dumped, RDF.type, DCAT.Distribution),
        Triple(dumped, DCT.title, Literal(f"dump.{dump.suffix}.gz")),
        Triple(dumped, DCAT.accessURL, file),
        Triple(dumped, DCAT.downloadURL, file),
        Triple(dumped, DCAT.mediaType, media),
        Triple(media, RDF.type, DCT.MediaType),
        Triple(dumped, DCAT.compressFormat, packed),
        Triple(packed, RDF.type, DCT.MediaType),
        *_licence(settings, dumped),
    ]


def _licence(settings: Settings, node: NamedNode) -> list[Triple]:
    licence = table("licence").find(settings.catalog.licence) if settings.catalog.licence else None
    return [Triple(node, DCT.license, NamedNode(licence.iri))] if licence else []
