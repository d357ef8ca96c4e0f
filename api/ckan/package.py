"""A dataset as a CKAN package: the fields of CKAN itself, and among its extras those that ckanext-dcat reads.

The names are those that our own reading of CKAN knows (`harvest.mapping.ckan`): what this writes, that reads.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from pyoxigraph import NamedNode, Triple

from api.ckan.places import places
from api.ckan.resources import resources
from api.ckan.values import Graph
from api.short_names import short_name
from catalog.identifiers import package_id, slugify
from catalog.model import Description
from catalog.packages import Package
from vocab.namespaces import ADMS, DCAT, DCATAP, DCT, FOAF, PROV, RDFS, SCHEMA, SKOS, VCARD
from vocab.terms import term

LICENCES = {
    "CC0": "cc-zero",
    "CC_BYSA_4_0": "cc-by-sa",
    "CC_BY_4_0": "cc-by",
    "ETALAB_2_0": "lov2",
    "ODC_BL": "odc-odbl",
    "ODC_BY": "odc-by",
    "ODC_PDDL": "odc-pddl",
}
"""What the registers of CKAN and of data.gouv.fr call a licence, by its EU code; others go by that code itself."""
_ONE: tuple[tuple[str, NamedNode], ...] = (
    ("identifier", DCT.identifier),
    ("issued", DCT.issued),
    ("modified", DCT.modified),
    ("created", DCT.created),
    ("frequency", DCT.accrualPeriodicity),
    ("provenance", DCT.provenance),
    ("access_rights", DCT.accessRights),
    ("rights", DCT.rights),
    ("dcat_type", DCT.type),
    ("temporal_resolution", DCAT.temporalResolution),
    ("spatial_resolution_in_meters", DCAT.spatialResolutionInMeters),
    ("version_notes", ADMS.versionNotes),
)
_MANY: tuple[tuple[str, NamedNode], ...] = (
    ("language", DCT.language),
    ("theme", DCAT.theme),
    ("documentation", FOAF.page),
    ("conforms_to", DCT.conformsTo),
    ("is_referenced_by", DCT.isReferencedBy),
    ("related_resource", DCT.relation),
    ("has_version", DCAT.hasVersion),
    ("is_version_of", DCAT.isVersionOf),
    ("source", DCT.source),
    ("sample", ADMS["sample"]),
    ("applicable_legislation", DCATAP.applicableLegislation),
    ("hvd_category", DCATAP.hvdCategory),
    ("in_series", DCAT.inSeries),
)
_AGENT: tuple[tuple[str, NamedNode], ...] = (
    ("name", FOAF.name),
    ("email", FOAF.mbox),
    ("url", FOAF.homepage),
    ("type", DCT.type),
    ("identifier", DCT.identifier),
)
_CONTACT: tuple[tuple[str, NamedNode], ...] = (
    ("name", VCARD.fn),
    ("email", VCARD.hasEmail),
    ("url", VCARD.hasURL),
)
_NO_TAG = re.compile(r"[^\w \-.]+")


def stamp(moment: datetime) -> str:
    """A moment as CKAN writes it: UTC, without a zone."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


class Writer:
    """Writes the packages of the catalogue with this base IRI; texts are in the first of its languages."""

    def __init__(self, base: str, languages: list[str]) -> None:
        self.base = base
        self.languages = languages

    def package(
        self, found: Package, dataset: Description, statements: Iterable[Triple], since: Callable[[str], str]
    ) -> dict[str, Any]:
        """The package of a dataset, made from the statements of its document; `since` dates its publisher."""
        graph = Graph(statements, self.languages[0])
        node = NamedNode(dataset.iri)
        created, modified = stamp(found.created), stamp(found.modified)
        publisher = next(iter(graph.nodes(node, DCT.publisher)), None)
        organisation = None
        if publisher is not None:
            organisation = self.organisation(graph, publisher, since(publisher.value))
        listed = list(resources(graph, node, found.id, created))
        tags = list(_tags(graph, node))
        groups = [self.group(graph, iri) for iri in graph.iris(node, DCAT.theme)]
        return {
            "id": found.id,
            "name": found.slug,
            "title": graph.text(node, DCT.title) or found.slug,
            "notes": graph.text(node, DCT.description),
            "url": graph.value(node, DCAT.landingPage),
            "version": graph.value(node, DCAT.version) or None,
            **_translations(graph, node),
            **licence(graph, node),
            **_people(graph, node),
            "owner_org": organisation["id"] if organisation else None,
            "organization": organisation,
            "groups": groups,
            "tags": tags,
            "num_tags": len(tags),
            "resources": listed,
            "num_resources": len(listed),
            "extras": self._extras(graph, node, dataset),
            "metadata_created": created,
            "metadata_modified": modified,
            "type": "dataset",
            "state": "active",
            "private": False,
            "creator_user_id": None,
            "relationships_as_subject": [],
            "relationships_as_object": [],
        }

    def organisation(self, graph: Graph, node: Any, created: str) -> dict[str, Any]:
        """A publisher as an organisation."""
        iri = node.value if isinstance(node, NamedNode) else ""
        title = graph.text(node, FOAF.name) or iri
        return {
            "id": package_id(iri or title),
            "name": ckan_name(short_name(self.base, iri) if iri else slugify(title)),
            "title": title,
            "type": "organization",
            "description": "",
            "image_url": "",
            "created": created,
            "is_organization": True,
            "approval_status": "approved",
            "state": "active",
            "revision_id": package_id(iri or title),
            "revision_timestamp": created,
        }

    def group(self, graph: Graph, iri: str) -> dict[str, Any]:
        """A theme as a group."""
        label = graph.text(NamedNode(iri), SKOS.prefLabel)
        return {
            "id": package_id(iri),
            "name": ckan_name(short_name(self.base, iri)),
            "title": label or iri,
            "display_name": label or iri,
            "description": "",
            "image_display_url": "",
        }

    def _extras(self, graph: Graph, node: NamedNode, dataset: Description) -> list[dict[str, str]]:
        found: dict[str, str] = {"guid": dataset.iri, "uri": dataset.iri}
        for name, predicate in _ONE:
            found[name] = graph.label_or_value(node, predicate)
        for name, predicate in _MANY:
            found[name] = _listed(graph.values(node, predicate))
        found["alternate_identifier"] = _listed(graph.values(node, ADMS.identifier, SKOS.notation))
        for role, predicate in (("publisher", DCT.publisher), ("creator", DCT.creator)):
            found |= _described(graph, role, graph.nodes(node, predicate), _AGENT)
        found |= _described(graph, "contact", graph.nodes(node, DCAT.contactPoint), _CONTACT)
        found |= places(graph, node)
        found |= _period(graph, node)
        found["wasgeneratedby"] = graph.value(node, PROV.wasGeneratedBy)
        return [{"key": key, "value": value} for key, value in sorted(found.items()) if value]


def ckan_name(name: str) -> str:
    """A name that CKAN takes: from 2 to 100 lower-case letters, digits, hyphens and underscores."""
    fit = re.sub(r"[^a-z0-9_-]+", "-", name.lower())[:100]
    return fit if len(fit) > 1 else f"{fit}-"


def licence(graph: Graph, node: NamedNode) -> dict[str, Any]:
    """The licence of a dataset, else the one that all of its distributions have."""
    stated = graph.iris(node, DCT.license)
    if not stated:
        stated = list({i: None for d in graph.nodes(node, DCAT.distribution) for i in graph.iris(d, DCT.license)})
    if len(stated) != 1:
        return {"license_id": "notspecified", "license_title": None, "license_url": None, "isopen": False}
    known = term(stated[0])
    return {"isopen": known is not None and known.code in LICENCES, **licence_of(graph, stated[0])}


def licence_of(graph: Graph, iri: str) -> dict[str, Any]:
    """What CKAN says of one licence."""
    known = term(iri)
    id_ = LICENCES.get(known.code, known.code) if known is not None else iri
    title = graph.value(NamedNode(iri), RDFS.label) or (known.en if known else iri)
    return {"license_id": id_, "license_title": title, "license_url": iri}


def _tags(graph: Graph, node: NamedNode) -> Iterator[dict[str, Any]]:
    """The keywords: `display_name` as they are, `name` without what CKAN does not take in one."""
    met: set[str] = set()
    for word in graph.texts(node, DCAT.keyword):
        name = " ".join(_NO_TAG.sub(" ", word).split())[:100]
        if len(name) > 1 and name not in met:
            met.add(name)
            yield {
                "id": package_id(f"tag:{name}"),
                "name": name,
                "display_name": word,
                "state": "active",
                "vocabulary_id": None,
            }


def _translations(graph: Graph, node: NamedNode) -> dict[str, Any]:
    """Titles and texts in all their languages, where there are several (ckanext-fluent)."""
    found: dict[str, Any] = {}
    for name, predicate in (("title_translated", DCT.title), ("notes_translated", DCT.description)):
        by_language = graph.by_language(node, predicate)
        if len(by_language) > 1:
            found[name] = {lang: texts[0] for lang, texts in by_language.items()}
    by_language = graph.by_language(node, DCAT.keyword)
    if len(by_language) > 1:
        found["tags_translated"] = by_language
    return found


def _people(graph: Graph, node: NamedNode) -> dict[str, Any]:
    """The contact as maintainer, the creator, else the publisher, as author."""
    contact = next(iter(graph.nodes(node, DCAT.contactPoint)), None)
    author = next(iter([*graph.nodes(node, DCT.creator), *graph.nodes(node, DCT.publisher)]), None)
    return {
        "author": graph.text(author, FOAF.name) or None,
        "author_email": _address(graph.value(author, FOAF.mbox)) or None,
        "maintainer": graph.text(contact, VCARD.fn) or None,
        "maintainer_email": _address(graph.value(contact, VCARD.hasEmail)) or None,
    }


def _described(
    graph: Graph, role: str, nodes: list[Any], properties: tuple[tuple[str, NamedNode], ...]
) -> Mapping[str, str]:
    if not nodes:
        return {}
    node = nodes[0]
    found = {f"{role}_{name}": _address(graph.value(node, predicate)) for name, predicate in properties}
    if isinstance(node, NamedNode):
        found[f"{role}_uri"] = node.value
    return found


def _address(value: str) -> str:
    return value.removeprefix("mailto:")


def _listed(values: list[str]) -> str:
    return json.dumps(values, ensure_ascii=False) if values else ""


def _period(graph: Graph, node: NamedNode) -> dict[str, str]:
    for period in graph.nodes(node, DCT.temporal):
        found = {
            "temporal_start": graph.value(period, DCAT.startDate) or graph.value(period, SCHEMA.startDate),
            "temporal_end": graph.value(period, DCAT.endDate) or graph.value(period, SCHEMA.endDate),
        }
        if any(found.values()):
            return found
    return {}
