"""Rules on what a dataset points to: pages, standards, related resources, provenance."""

from __future__ import annotations

import re

from harvest.mapping import wording
from harvest.mapping.addresses import address, addresses
from harvest.mapping.draft import Draft
from harvest.mapping.reader import Reader
from harvest.mapping.statements import Term, iri, node, segment, text
from harvest.mapping.text import plain_text
from vocab.namespaces import DCAT, DCT, FOAF, RDFS
from vocab.terms import normalise

LANDING, PAGE, DOCUMENT = node(DCAT.landingPage), node(FOAF.page), node(FOAF.Document)
CONFORMS, STANDARD, RELATION = node(DCT.conformsTo), node(DCT.Standard), node(DCT.relation)
PROVENANCE, STATEMENT, LABEL = node(DCT.provenance), node(DCT.ProvenanceStatement), node(RDFS.label)

NATIONAL_SCHEMAS = "https://schema.data.gouv.fr/"
_SCHEMA_NAME = re.compile(
    r"(scdl|etalab|arcep|mtes-mct|cnigfr|numenculture-cnigfr|opendatafrance)/[a-z0-9][a-z0-9._-]*/?\Z"
)
_BARE_NAMES = {
    **dict.fromkeys(
        [
            "budget",
            "catalogue",
            "deliberations",
            "equipements",
            "menus-collectifs",
            "plats-menus-collectifs",
            "prenoms",
            "subventions",
        ],
        "scdl",
    ),
    **dict.fromkeys(
        [
            "schema-irve-statique",
            "schema-irve-dynamique",
            "schema-amenagements-cyclables",
            "schema-stationnement",
            "schema-stationnement-cyclable",
            "schema-lieux-covoiturage",
            "schema-comptage-mobilites-measure",
            "schema-comptage-mobilites-site",
        ],
        "etalab",
    ),
}
"""National schemas that portals name without their owner."""


def landing_page(view: Reader, out: Draft) -> None:
    """The dataset's page at the portal → `dcat:landingPage`, `{portal}/explore/dataset/{id}/`."""
    if out.portal:
        page = iri(f"{out.portal}/explore/dataset/{segment(view.record.id)}/")
        out.add(LANDING, page)
        out.statements.typed(page, DOCUMENT)


def references(view: Reader, out: Draft) -> None:
    """`default.references` → `foaf:page`, one for each address; without a portal the first is the landing page."""
    landed = bool(out.portal)
    for i, value in view.take_texts("default.references"):
        found, rest = addresses(value)
        if not found:
            view.refuse("default.references", wording.BAD_ADDRESS, item=i)
        elif rest and isinstance(view.get("default.references"), list):
            view.note("default.references", wording.PART_OF_ADDRESS, item=i)
        elif rest:
            view.note("default.references", wording.PART_OF_ADDRESS)
        for page in found:
            out.add(PAGE if landed else LANDING, page)
            out.statements.typed(page, DOCUMENT)
            landed = True


def conforms_to(view: Reader, out: Draft) -> None:
    """`dcat.conforms_to` → `dct:conformsTo`, an address or the name of a national schema."""
    for i, value in view.take_texts("dcat.conforms_to"):
        standard = national_schema(value) or address(value)
        if standard:
            out.standard = True
            out.add(CONFORMS, standard)
            out.statements.typed(standard, STANDARD)
        else:
            view.refuse("dcat.conforms_to", wording.NO_STANDARD, item=i)


def national_schema(value: str) -> Term | None:
    """The address of a schema named `owner/name`, or by a name that only one owner has."""
    name = normalise(value)
    if _SCHEMA_NAME.match(name):
        return iri(f"{NATIONAL_SCHEMAS}{name.rstrip('/')}/")
    owner = _BARE_NAMES.get(name)
    return iri(f"{NATIONAL_SCHEMAS}{owner}/{name}/") if owner else None


def relation(view: Reader, out: Draft) -> None:
    """`dcat.relation` → `dct:relation`, addresses only."""
    for i, value in view.take_texts("dcat.relation"):
        found, rest = addresses(value)
        for one in found:
            out.add(RELATION, one)
        if not found or rest:
            view.refuse("dcat.relation", wording.PART_OF_ADDRESS if found else wording.BAD_ADDRESS, item=i)


def provenance(view: Reader, out: Draft) -> None:
    """`dcat.dataquality` → `dct:provenance`, a statement in words."""
    value = view.take_text("dcat.dataquality")
    if value is None:
        return
    words = plain_text(value)
    if not words:
        view.refuse("dcat.dataquality", wording.EMPTY_TEXT)
        return
    made = out.below("provenance")
    out.add(PROVENANCE, made)
    out.statements.typed(made, STATEMENT)
    out.statements.add(made, LABEL, text(words, out.tag))
