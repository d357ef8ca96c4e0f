"""Properties and classes that are superseded or misspelt, and what stands for them in DCAT 3."""

from __future__ import annotations

from functools import lru_cache

from pyoxigraph import NamedNode

from harvest.repair import rules
from harvest.repair.rules import Rule
from vocab.namespaces import ADMS, DCAT, DCT, FOAF, SCHEMA, SKOS, SPDX, VCARD

_ELEMENTS = "http://purl.org/dc/elements/1.1/"
_BASES = {
    "http://vocab.deri.ie/dcat#": DCAT.base,
    "http://www.w3.org/ns/dcat/": DCAT.base,
    "https://www.w3.org/ns/dcat#": DCAT.base,
    "http://purl.org/dc/terms#": DCT.base,
    "https://purl.org/dc/terms/": DCT.base,
    "http://purl.org/dc/term/": DCT.base,
    "https://schema.org/": SCHEMA.base,
    "http://schema.org#": SCHEMA.base,
    "http://www.w3.org/2006/vcard/ns/": VCARD.base,
    "http://xmlns.com/foaf/spec/": FOAF.base,
}
"""Namespaces that are superseded or misspelt, and the right ones."""

_SUPERSEDED = {
    DCAT["size"].value: DCAT.byteSize,
    DCAT["bytes"].value: DCAT.byteSize,
    DCAT.accessUrl.value: DCAT.accessURL,
    DCAT.downloadUrl.value: DCAT.downloadURL,
    DCAT.accessURI.value: DCAT.accessURL,
    DCAT.WebService.value: DCAT.Distribution,
    DCAT.Feed.value: DCAT.Distribution,
    DCAT.Download.value: DCAT.Distribution,
    ADMS.contactPoint.value: DCAT.contactPoint,
    "http://www.w3.org/2002/07/owl#versionInfo": DCAT.version,
    DCT.hasVersion.value: DCAT.hasVersion,
    DCT.isVersionOf.value: DCAT.isVersionOf,
    SPDX.checksumvalue.value: SPDX.checksumValue,
}

_DCAT = [
    "accessService",
    "accessURL",
    "bbox",
    "byteSize",
    "catalog",
    "centroid",
    "compressFormat",
    "contactPoint",
    "dataset",
    "distribution",
    "downloadURL",
    "endDate",
    "endpointDescription",
    "endpointURL",
    "first",
    "hadRole",
    "hasCurrentVersion",
    "hasVersion",
    "inSeries",
    "isVersionOf",
    "keyword",
    "landingPage",
    "last",
    "mediaType",
    "next",
    "packageFormat",
    "prev",
    "previousVersion",
    "qualifiedRelation",
    "record",
    "resource",
    "seriesMember",
    "servesDataset",
    "service",
    "spatialResolutionInMeters",
    "startDate",
    "temporalResolution",
    "theme",
    "themeTaxonomy",
    "version",
    "Catalog",
    "CatalogRecord",
    "DataService",
    "Dataset",
    "DatasetSeries",
    "Distribution",
    "Relationship",
    "Resource",
    "Role",
]
_DCT = [
    "abstract",
    "accessRights",
    "accrualPeriodicity",
    "alternative",
    "audience",
    "bibliographicCitation",
    "conformsTo",
    "contributor",
    "created",
    "creator",
    "description",
    "format",
    "hasFormat",
    "hasPart",
    "identifier",
    "isFormatOf",
    "isPartOf",
    "isReferencedBy",
    "isReplacedBy",
    "isRequiredBy",
    "issued",
    "language",
    "license",
    "medium",
    "modified",
    "provenance",
    "publisher",
    "references",
    "relation",
    "replaces",
    "requires",
    "rights",
    "rightsHolder",
    "source",
    "spatial",
    "subject",
    "tableOfContents",
    "temporal",
    "title",
    "type",
    "valid",
    "Location",
    "PeriodOfTime",
    "RightsStatement",
    "LicenseDocument",
    "ProvenanceStatement",
    "Standard",
    "Frequency",
    "LinguisticSystem",
    "MediaType",
    "MediaTypeOrExtent",
]
_SPELT = {
    **{name.lower(): DCT[name] for name in _DCT},
    **{name.lower(): DCAT[name] for name in _DCAT},
    "licence": DCT.license,
    "keywords": DCAT.keyword,
    "themes": DCAT.theme,
    "distributions": DCAT.distribution,
    "frequency": DCT.accrualPeriodicity,
}
_OWN = frozenset([*(DCT[n].value for n in _DCT), *(DCAT[n].value for n in _DCAT)])


@lru_cache(maxsize=4096)
def current(iri: str) -> tuple[NamedNode | None, tuple[Rule, ...]]:
    """The term that stands for a superseded or misspelt one, and why; `None` for a term that stays as it is."""
    if iri in _OWN and iri not in _SUPERSEDED:
        return None, ()
    found = _SUPERSEDED.get(iri)
    if found is not None:
        return found, (rules.DEPRECATED,)
    if iri.startswith(_ELEMENTS):
        return DCT[iri.removeprefix(_ELEMENTS)], (rules.DEPRECATED,)
    for wrong, right in _BASES.items():
        if iri.startswith(wrong) and len(iri) > len(wrong):
            again, _ = current(right + iri.removeprefix(wrong))
            return again or NamedNode(right + iri.removeprefix(wrong)), (rules.DEPRECATED,)
    for base in (DCAT.base, DCT.base):
        spelt = _SPELT.get(iri.removeprefix(base).lower()) if iri.startswith(base) else None
        if spelt is not None:
            return spelt, (rules.MISSPELT,)
    return None, ()


DATES_OF_PERIODS = {SCHEMA.startDate: DCAT.startDate, SCHEMA.endDate: DCAT.endDate}
"""Superseded on periods only: schema.org uses them of events too."""

LABELS = (
    DCT.title,
    SKOS.prefLabel,
    NamedNode("http://www.w3.org/2000/01/rdf-schema#label"),
    FOAF.name,
    SCHEMA["name"],
    VCARD.fn,
    VCARD["organization-name"],
    NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#value"),
)
"""Properties that say what a thing is called, the most usual first."""
