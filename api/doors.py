"""The ways into the catalogue, as one table: for the front page, `/services`, and their description in DCAT."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from catalog.settings import Settings
from vocab.text import Text

_SPARQL = "https://www.w3.org/TR/sparql11-protocol/"
_GSP = "https://www.w3.org/TR/sparql11-http-rdf-update/"
_HYDRA = "https://www.hydra-cg.com/spec/latest/core/"
_LDES = "https://w3id.org/ldes/specification"
_OAI = "http://www.openarchives.org/OAI/openarchivesprotocol.html"
_CKAN = "https://docs.ckan.org/en/latest/api/"
_ATOM = "https://www.rfc-editor.org/info/rfc4287"


@dataclass(frozen=True, slots=True)
class Door:
    """One way in. `path` is that of its route, `shown` an address below the base that a reader may open.

    `standard` is the IRI of the specification that it follows; empty for what is for people.
    """

    name: str
    path: str
    title: Text
    purpose: Text
    standard: str = ""
    shown: str = ""

    @property
    def address(self) -> str:
        """What to open."""
        return self.shown or self.path.lstrip("/")


DOORS: tuple[Door, ...] = (
    Door(
        "datasets",
        "/datasets",
        Text("Jeux de données", "Datasets"),
        Text("Parcourir les jeux de données et chercher dans leurs titres.", "Browse the datasets and search titles."),
    ),
    Door(
        "quality",
        "/quality",
        Text("Qualité", "Quality"),
        Text("Conformité des métadonnées, et que corriger.", "Conformance of the metadata, and what to repair."),
    ),
    Door(
        "validate",
        "/validate",
        Text("Vérifier un fichier", "Check a file"),
        Text("Vérifier un fichier DCAT-AP avant de le publier.", "Check a DCAT-AP file before it is published."),
    ),
    Door(
        "preview",
        "/preview",
        Text("Vu par les agrégateurs", "As aggregators see it"),
        Text(
            "Ce que data.gouv.fr, CKAN et data.europa.eu feront du flux.",
            "What data.gouv.fr, CKAN and data.europa.eu will make of the feed.",
        ),
    ),
    Door(
        "feed",
        "/catalog.{suffix}",
        Text("Flux de moissonnage DCAT-AP", "DCAT-AP harvest feed"),
        Text(
            "Le catalogue entier page par page, pour les portails qui moissonnent (ttl, rdf, xml, jsonld, nt, trig).",
            "The whole catalogue page by page, for portals that harvest (ttl, rdf, xml, jsonld, nt, trig).",
        ),
        _HYDRA,
        "catalog.ttl",
    ),
    Door(
        "sparql",
        "/sparql",
        Text("Point d’accès SPARQL", "SPARQL endpoint"),
        Text("Interroger le catalogue en SPARQL 1.1.", "Query the catalogue in SPARQL 1.1."),
        _SPARQL,
    ),
    Door(
        "graphs",
        "/graphs",
        Text("Graphes nommés", "Named graphs"),
        Text("Lire un graphe entier (Graph Store Protocol).", "Read a whole graph (Graph Store Protocol)."),
        _GSP,
        "graphs?default",
    ),
    Door(
        "oai",
        "/oai",
        Text("Entrepôt OAI-PMH", "OAI-PMH repository"),
        Text("Moissonner par dates et par ensembles (OAI-PMH 2.0).", "Harvest by date and by set (OAI-PMH 2.0)."),
        _OAI,
        "oai?verb=Identify",
    ),
    Door(
        "ldes",
        "/ldes",
        Text("Flux de changements LDES", "LDES change feed"),
        Text("Répliquer le catalogue et suivre chaque changement.", "Replicate the catalogue and follow every change."),
        _LDES,
        "ldes.trig",
    ),
    Door(
        "atom",
        "/changes.atom",
        Text("Nouveautés, en Atom", "News, as Atom"),
        Text("Suivre les changements dans un lecteur de flux.", "Follow the changes in a feed reader."),
        _ATOM,
    ),
    Door(
        "ckan",
        "/api/3/action/{name}",
        Text("API d’action de CKAN", "CKAN action API"),
        Text("Pour les moissonneurs qui ne lisent que CKAN.", "For harvesters that only read CKAN."),
        _CKAN,
        "api/3/action/package_search?rows=10",
    ),
    Door(
        "void",
        "/void",
        Text("Description du service", "Service description"),
        Text(
            "VoID et SPARQL Service Description, avec les décomptes.",
            "VoID and SPARQL service description, with counts.",
        ),
    ),
    Door(
        "status",
        "/status",
        Text("État", "Status"),
        Text("Édition en cours et derniers moissonnages.", "Current release and latest harvests."),
    ),
)


@dataclass(frozen=True, slots=True)
class Dump:
    """One file of the whole release."""

    suffix: str
    media_type: str


DUMPS = (
    Dump("nq", "application/n-quads"),
    Dump("nt", "application/n-triples"),
    Dump("ttl", "text/turtle"),
)


def open_doors(request: Request) -> list[Door]:
    """The doors that the service has which answers this request, in the table's order."""
    there = RAW | {getattr(route, "path", "") for route in request.app.routes}
    return [door for door in DOORS if door.path in there]


def offered_dumps(settings: Settings) -> tuple[Dump, ...]:
    """The dumps that a service with these settings makes."""
    return DUMPS if settings.serve.dumps else ()


RAW = frozenset({"/sparql", "/sparql/update", "/graphs", "/graph/{name}"})
"""The paths of applications of their own, beside the routes."""
