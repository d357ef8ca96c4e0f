"""What the change feed says of itself on its root: how members are read, what is kept, their shape, DCAT."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode, Triple

from api.ldes.tree import Addresses
from catalog.assembly import publisher_iri
from catalog.identifiers import Minter
from catalog.settings import Settings
from vocab.namespaces import AS, DCAT, DCT, LDES, RDF, RDFS, SH, TREE, XSD
from vocab.terms import table

FEEDS = "https://semiceu.github.io/LDES-DCAT-AP-feeds/index.html"
"""The DCAT-AP Feeds specification."""
STANDARDS = (FEEDS, "https://w3id.org/ldes/specification", "https://w3id.org/tree/specification")
PROFILE = "http://data.europa.eu/r5r/"
"""DCAT-AP, which the descriptions that members carry conform to as far as the sources allow."""
TITLE = {"fr": "Flux des changements", "en": "Change feed"}
ABOUT = {
    "fr": "Tout ce que le catalogue a créé, modifié et retiré, édition par édition.",
    "en": "Everything that the catalogue created, updated and withdrew, release by release.",
}
KEPT = {
    "fr": "La dernière activité sur chaque chose est gardée pour toujours, les retraits compris. Une version "
    "antérieure est donnée tant qu’une édition conservée la contient.",
    "en": "The latest activity about each thing is kept for ever, withdrawals included. An earlier version is given "
    "while a kept release has it.",
}


def stream_triples(settings: Settings, at: Addresses) -> list[Triple]:
    """The stream, its view and its retention: LDES 1.0, DCAT-AP Feeds sections 1 and 1.2, DCAT 3."""
    return [*_reading(at), *_retention(at), *_shape(at), *_dcat(settings, at)]


def _reading(at: Addresses) -> list[Triple]:
    """Where a member says when it was published, of what it is a version, and of which kind of change it is."""
    found = [Triple(at.stream, TREE.shape, _local(at, "ActivityShape"))]
    for name, kind in (("Create", AS.Create), ("Update", AS.Update), ("Delete", AS.Delete)):
        found.append(Triple(at.stream, LDES[f"version{name}Path"], RDF.type))
        found.append(Triple(at.stream, LDES[f"version{name}Object"], kind))
    return found


def _retention(at: Addresses) -> list[Triple]:
    """Said twice: as LDES 1.0 has it, on the root; as clients of before know it, in the description of the view."""
    policy, view = _local(at, "retention"), _local(at, "view")
    one = Literal("1", datatype=XSD.integer)
    return [
        Triple(at.root, LDES.retentionPolicy, policy),
        Triple(at.root, TREE.viewDescription, view),
        Triple(view, RDF.type, TREE.ViewDescription),
        Triple(view, LDES.retentionPolicy, policy),
        Triple(policy, RDF.type, LDES.RetentionPolicy),
        Triple(policy, RDF.type, LDES.LatestVersionSubset),
        Triple(policy, LDES.amount, one),
        Triple(policy, LDES.versionAmount, one),
        *(Triple(policy, RDFS.comment, Literal(text, language=lang)) for lang, text in KEPT.items()),
    ]


def _shape(at: Addresses) -> list[Triple]:
    """The shape of members; what they carry conforms to DCAT-AP, which the stream names."""
    shape = _local(at, "ActivityShape")
    one = Literal("1", datatype=XSD.integer)
    found = [Triple(shape, RDF.type, SH.NodeShape)]
    for name, path, constraint in (
        ("object", AS.object, (SH.nodeKind, SH.IRI)),
        ("published", AS.published, (SH.datatype, XSD.dateTime)),
    ):
        prop = _local(at, f"ActivityShape-{name}")
        found += [
            Triple(shape, SH.property, prop),
            Triple(prop, SH.path, path),
            Triple(prop, *constraint),
            Triple(prop, SH.minCount, one),
            Triple(prop, SH.maxCount, one),
        ]
    return found


def _dcat(settings: Settings, at: Addresses) -> list[Triple]:
    """The feed as a dataset, the distribution and the data service that give it."""
    service, given = _local(at, "service"), _local(at, "distribution")
    found = [
        Triple(at.stream, RDF.type, DCAT.Dataset),
        Triple(at.stream, DCT.publisher, NamedNode(publisher_iri(settings))),
        Triple(at.stream, DCT.conformsTo, NamedNode(PROFILE)),
        Triple(at.stream, DCT.source, NamedNode(Minter(at.base).catalog)),
        Triple(at.stream, DCAT.distribution, given),
        Triple(given, RDF.type, DCAT.Distribution),
        Triple(given, DCAT.accessURL, at.root),
        Triple(given, DCAT.accessService, service),
        Triple(service, RDF.type, DCAT.DataService),
        Triple(service, DCAT.endpointURL, at.root),
        Triple(service, DCAT.servesDataset, at.stream),
    ]
    found += [Triple(node, DCT.conformsTo, NamedNode(iri)) for node in (at.stream, given, service) for iri in STANDARDS]
    for node in (at.stream, given, service):
        found += [Triple(node, DCT.title, Literal(text, language=lang)) for lang, text in TITLE.items()]
        found += [Triple(node, DCT.description, Literal(text, language=lang)) for lang, text in ABOUT.items()]
    licence = table("licence").find(settings.catalog.licence) if settings.catalog.licence else None
    if licence is not None:
        found += [Triple(node, DCT.license, NamedNode(licence.iri)) for node in (at.stream, given)]
    return found


def _local(at: Addresses, name: str) -> NamedNode:
    return NamedNode(f"{at.base}ldes#{name}")
