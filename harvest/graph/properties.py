"""Which rule reads which property."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pyoxigraph import NamedNode

from harvest.graph import agents, coverage, rights, structures, values, words
from harvest.graph.work import Group, Work
from vocab.namespaces import (
    ADMS,
    DCAT,
    DCATAP,
    DCT,
    FOAF,
    GEODCATAP,
    LOCN,
    ODRL,
    ORG,
    PROV,
    RDFS,
    SCHEMA,
    SKOS,
    SPDX,
    VCARD,
)

Rule = Callable[[Work, Group], None]


def _table(*rows: tuple[Rule, tuple[NamedNode, ...]]) -> Mapping[str, Rule]:
    return {p.value: rule for rule, properties in rows for p in properties}


RULES: Mapping[str, Rule] = _table(
    (values.line, (DCT.title, DCT.alternative, FOAF.name, VCARD.fn, SKOS.prefLabel, VCARD["organization-name"])),
    (values.line, (VCARD["organization-unit"], VCARD.title, SKOS.altLabel)),
    (values.prose, (DCT.description, ADMS.versionNotes, DCT.abstract, RDFS.label, RDFS.comment, SKOS.scopeNote)),
    (values.keywords, (DCAT.keyword,)),
    (values.plain, (DCAT.version, SKOS.notation)),
    (values.links, (DCAT.accessURL, DCAT.downloadURL, DCAT.endpointURL, DCAT.endpointDescription, DCT.relation)),
    (values.links, (DCT.isReferencedBy, DCT.references, DCT.isPartOf, DCT.hasPart, DCT.isReplacedBy, DCT.replaces)),
    (values.links, (DCAT.servesDataset, DCAT.inSeries, DCAT.seriesMember, DCAT.prev, DCAT.next, DCAT.first, DCAT.last)),
    (values.links, (DCAT.hasVersion, DCAT.isVersionOf, DCAT.previousVersion, DCAT.hasCurrentVersion, DCT.source)),
    (values.links, (VCARD.hasURL, RDFS.seeAlso, PROV.wasDerivedFrom)),
    (values.pages, (DCAT.landingPage, FOAF.page, FOAF.homepage, FOAF.workplaceHomepage)),
    (values.mails, (VCARD.hasEmail, FOAF.mbox)),
    (values.telephones, (VCARD.hasTelephone, FOAF.phone)),
    (values.days, (DCT.issued, DCT.modified, DCT.created, DCAT.startDate, DCAT.endDate)),
    (values.sizes, (DCAT.byteSize,)),
    (values.metres, (DCAT.spatialResolutionInMeters,)),
    (values.durations, (DCAT.temporalResolution,)),
    (words.frequency, (DCT.accrualPeriodicity,)),
    (words.language, (DCT.language,)),
    (words.formats, (DCT["format"],)),
    (words.media_types, (DCAT.mediaType, DCAT.compressFormat, DCAT.packageFormat)),
    (words.themes, (DCAT.theme,)),
    (words.status, (ADMS.status,)),
    (words.availability, (DCATAP.availability,)),
    (words.hvd_category, (DCATAP.hvdCategory,)),
    (words.legislation, (DCATAP.applicableLegislation,)),
    (words.concept, (DCT.type, DCT.subject)),
    (agents.agents, (DCT.publisher, DCT.creator, DCT.contributor, DCT.rightsHolder, PROV.agent)),
    (agents.agents, tuple(GEODCATAP[role] for role in agents.ROLES)),
    (agents.contacts, (DCAT.contactPoint,)),
    (structures.distributions, (DCAT.distribution, ADMS.sample)),
    (rights.licences, (DCT.license,)),
    (rights.statements("rights", DCT.RightsStatement), (DCT.rights,)),
    (rights.statements("provenance", DCT.ProvenanceStatement), (DCT.provenance,)),
    (rights.access_rights, (DCT.accessRights,)),
    (rights.standards, (DCT.conformsTo,)),
    (coverage.places, (DCT.spatial,)),
    (coverage.geometries, (LOCN.geometry, DCAT.bbox, DCAT.centroid)),
    (coverage.periods, (DCT.temporal,)),
    (coverage.period_dates, (SCHEMA.startDate, SCHEMA.endDate)),
    (structures.checksums, (SPDX.checksum,)),
    (structures.algorithms, (SPDX.algorithm,)),
    (structures.checksum_values, (SPDX.checksumValue,)),
    (structures.other_identifiers, (ADMS.identifier,)),
    (structures.nodes("service", DCAT.DataService), (DCAT.accessService,)),
    (structures.nodes("attribution", PROV.Attribution), (PROV.qualifiedAttribution,)),
    (structures.nodes("relationship", DCAT.Relationship), (DCAT.qualifiedRelation,)),
    (structures.nodes("role", DCAT.Role), (DCAT.hadRole,)),
    (structures.nodes("activity", PROV.Activity), (PROV.wasGeneratedBy,)),
    (structures.nodes("policy", ODRL.Policy), (ODRL.hasPolicy,)),
    (values.links, (ORG.subOrganizationOf,)),
)
"""The rule of each property; what is not in it is read by `values.anything`."""
