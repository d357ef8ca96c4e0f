"""The portal's API as a data service: one for each source, and one of its own for each high-value dataset."""

from __future__ import annotations

from functools import lru_cache

from catalog.model import Description, Kind
from harvest.mapping.distributions import DESCRIPTION, TITLE, distribution
from harvest.mapping.draft import Draft
from harvest.mapping.labels import APPLICABLE, CATEGORY, LEGISLATION, THEME
from harvest.mapping.people import CONTACT, PUBLISHER
from harvest.mapping.reader import Reader
from harvest.mapping.references import CONFORMS, DOCUMENT, PAGE, STANDARD
from harvest.mapping.rights import ACCESS, LICENCE, RIGHTS
from harvest.mapping.statements import Statements, Term, iri, node, segment, text
from vocab.namespaces import DCAT, DCT
from vocab.terms import top_category

SERVICE_CLASS, ACCESS_SERVICE = node(DCAT.DataService), node(DCAT.accessService)
ENDPOINT, ENDPOINT_DESCRIPTION, IDENTIFIER = (
    node(DCAT.endpointURL),
    node(DCAT.endpointDescription),
    node(DCT.identifier),
)

API = "/api/explore/v2.1"
MANUAL = "https://help.opendatasoft.com/apis/ods-explore-v2/"
"""Where OpenDataSoft documents the API: what the service conforms to."""


def source_service(view: Reader, out: Draft) -> None:
    """The Explore API of the portal, taken along as `{base}service/{source}`.

    It serves no dataset by name: harvesters follow such links into other datasets (aggregators.md, 1.6, point 7).
    """
    if out.portal:
        out.mention(_of_portal(out.context.base, out.context.source, out.portal))


@lru_cache(maxsize=64)
def _of_portal(base: str, source: str, portal: str) -> Description:
    own = f"{base}service/{source}"
    made = Statements()
    _api(made, iri(own), portal, portal + API)
    made.add(iri(own), IDENTIFIER, text(own))
    made.add(iri(own), TITLE, text(f"API du portail {_host(portal)}", "fr"))
    made.add(iri(own), TITLE, text(f"API of the portal {_host(portal)}", "en"))
    words = "Interrogation du catalogue et des enregistrements (Explore API v2.1)."
    made.add(iri(own), DESCRIPTION, text(words, "fr"))
    made.add(iri(own), DESCRIPTION, text("Queries on the catalogue and on records (Explore API v2.1).", "en"))
    return Description(own, Kind.SERVICE, source, made.canonical)


def _host(portal: str) -> str:
    return portal.split("://", 1)[-1]


def _api(made: Statements, service: Term, portal: str, endpoint: str) -> None:
    made.typed(service, SERVICE_CLASS)
    made.add(service, ENDPOINT, iri(endpoint))
    made.add(service, ENDPOINT_DESCRIPTION, iri(f"{portal}{API}/swagger.json"))
    made.add(service, CONFORMS, iri(MANUAL))
    made.typed(iri(MANUAL), STANDARD)


def dataset_service(view: Reader, out: Draft) -> None:
    """A high-value dataset with records has an API distribution with a service of its own, as the HVD profile wants."""
    if not out.hvd or not out.exports:
        return
    endpoint = f"{out.portal}{API}/catalog/datasets/{segment(view.record.id)}/records"
    api = distribution(out, "api", iri(endpoint), download=False)
    service = out.below("service")
    add = out.statements.add
    title = text(f"API{' ' if out.tag == 'fr' else ''}: {out.name}", out.tag)
    for thing in (api, service):
        add(thing, TITLE, title)
    add(api, ACCESS_SERVICE, service)
    _api(out.statements, service, out.portal, endpoint)
    console = iri(f"{out.portal}{API}/console")
    add(service, PAGE, console)
    out.statements.typed(console, DOCUMENT)
    add(service, APPLICABLE, LEGISLATION)
    for category in out.categories:
        add(service, CATEGORY, category)
        if top := top_category(category[1:-1]):
            add(service, THEME, iri(top.iri))
    for predicate, value in (
        (RIGHTS, out.rights),
        (LICENCE, out.licence),
        (ACCESS, out.access),
        (PUBLISHER, out.publisher),
        (CONTACT, out.contact),
    ):
        if value:
            add(service, predicate, value)
