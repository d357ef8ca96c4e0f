"""What GeoDCAT-AP 3 adds: every shape with one example that conforms and one that does not."""

from __future__ import annotations

import re
from functools import cache

import pytest
from pyoxigraph import NamedNode, Triple

from shapes.background import background
from shapes.engine import engine
from shapes.profiles import from_file
from shapes.shapes_graph import ShapesGraph
from tests.shapes.catalogues import WRONG
from tests.shapes.own_profiles import check_documented, found, own, property_shapes, triples, validated
from tests.shared import shared
from vocab.namespaces import RDF, SH

PREFIXES = """
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix cnt: <http://www.w3.org/2011/content#> .
@prefix crs: <http://www.opengis.net/def/crs/EPSG/0/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix dqv: <http://www.w3.org/ns/dqv#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix geo: <http://data.europa.eu/930/> .
@prefix inspire: <http://inspire.ec.europa.eu/metadata-codelist/> .
@prefix language: <http://publications.europa.eu/resource/authority/language/> .
@prefix locn: <http://www.w3.org/ns/locn#> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rights: <http://publications.europa.eu/resource/authority/access-right/> .
@prefix sdmx: <http://purl.org/linked-data/sdmx/2009/attribute#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix theme: <http://inspire.ec.europa.eu/theme/> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix : <https://data.ville.fr/> .

:city a foaf:Agent , org:Organization . :c a skos:Concept . :desk a vcard:Kind . :std a dct:Standard .
:place a dct:Location . :time a dct:PeriodOfTime . :file a dcat:Distribution . :site a foaf:Document .
:m a dqv:QualityMeasurement . :n a dqv:QualityMeasurement . :act a prov:Activity .
:att a prov:Attribution ; prov:agent :city ; dcat:hadRole inspire:ResponsiblePartyRole\\/owner .
:home a locn:Address . :office a vcard:Address .
"""


def codes(name: str, code: str) -> str:
    return f"<http://inspire.ec.europa.eu/metadata-codelist/{name}/{code}>"


GOOD: dict[str, dict[str, str]] = {
    # class: property and values that conform
    "dcat:Dataset": {
        **{
            f"geo:{role}": ":city"
            for role in [
                "custodian",
                "distributor",
                "originator",
                "principalInvestigator",
                "processor",
                "resourceProvider",
                "user",
            ]
        },
        "dct:rightsHolder": ":city",
        "dct:created": "'2024'^^xsd:gYear",
        "geo:topicCategory": codes("TopicCategory", "transportation"),
        "geo:referenceSystem": "crs:2154 , crs:4326",
        "geo:resourceType": codes("ResourceType", "dataset"),
        "geo:spatialResolutionAsText": "'1/5 000'@fr , '10 m'@fr",
        "dqv:hasQualityMeasurement": ":m , :n",
        "prov:wasUsedBy": ":act",
        "dct:conformsTo": ":std",
        "dct:subject": ":c",
        "dct:type": ":c",
    },
    "dcat:Catalog": {
        "dct:accessRights": "rights:PUBLIC",
        "dct:conformsTo": ":std",
        "dcat:contactPoint": ":desk",
        "dct:identifier": "'fr-01'",
        "dcat:keyword": "'ortho'@fr",
        "dcat:theme": "theme:oi",
        "prov:qualifiedAttribution": ":att",
    },
    "dcat:CatalogRecord": {
        "dcat:contactPoint": ":desk",
        "dct:creator": ":city",
        "dct:identifier": "'r1'",
        "dct:publisher": ":city",
        "prov:qualifiedAttribution": ":att",
    },
    "dcat:DataService": {
        "geo:serviceCategory": codes("SpatialDataServiceCategory", "infoMapAccessService"),
        "geo:serviceType": codes("SpatialDataServiceType", "view"),
        "geo:serviceProtocol": codes("ProtocolValue", "www.opengis.net/def/serviceType/ogc/wms"),
        "dct:creator": ":city",
        "dct:identifier": "'wms'",
        "dct:issued": "'2024-01-02'^^xsd:date",
        "dct:modified": "'2024-01-02T00:00:00Z'^^xsd:dateTime",
        "dct:language": "language:FRA",
        "dct:spatial": ":place",
        "dct:temporal": ":time",
        "dcat:spatialResolutionInMeters": "10.5",
        "dcat:temporalResolution": "'P1D'^^xsd:duration",
        "prov:qualifiedAttribution": ":att",
    },
    "dcat:DatasetSeries": {
        "dct:accessRights": "rights:PUBLIC",
        "dct:conformsTo": ":std",
        "dct:creator": ":city",
        "dcat:distribution": ":file",
        "dct:identifier": "'s'",
        "dcat:keyword": "'ortho'@fr",
        "dct:language": "language:FRA",
        "dcat:theme": "theme:oi",
        "prov:qualifiedAttribution": ":att",
    },
    "dcat:Distribution": {
        "dct:accessRights": "rights:PUBLIC",
        "cnt:characterEncoding": "'UTF-8'",
        "adms:representationTechnique": codes("SpatialRepresentationType", "grid"),
        "geo:spatialResolutionAsText": "'1/5 000'@fr",
        "dqv:hasQualityMeasurement": ":m",
    },
    "foaf:Agent": {
        "locn:address": ":home",
        "org:memberOf": ":city",
        "foaf:mbox": "<mailto:sig@ville.fr>",
        "foaf:phone": "<tel:+33561000000>",
        "foaf:workplaceHomepage": ":site",
    },
    "vcard:Kind": {
        "vcard:fn": "'SIG'",
        "vcard:hasEmail": "<mailto:sig@ville.fr>",
        "vcard:hasURL": ":site",
        "vcard:hasTelephone": "<tel:+33561000000>",
        "vcard:hasAddress": ":office",
        "vcard:organization-name": "'Ville'@fr",
    },
    "locn:Address": {
        f"locn:{p}": "'x'" for p in ["thoroughfare", "postCode", "postName", "adminUnitL1", "adminUnitL2"]
    },
    "vcard:Address": {
        f"vcard:{p}": "'x'" for p in ["street-address", "postal-code", "locality", "country-name", "region"]
    },
    "prov:Activity": {"prov:generated": ":c", "prov:used": ":c", "prov:qualifiedAssociation": ":c"},
    "prov:Attribution": {"prov:agent": ":city", "dcat:hadRole": codes("ResponsiblePartyRole", "owner")},
    "dqv:QualityMeasurement": {
        "dqv:isMeasurementOf": "geo:spatialResolutionAsScale",
        "dqv:value": "5000",
        "sdmx:unitMeasure": "<http://www.qudt.org/vocab/unit/M>",
    },
    "dct:Standard": {
        "dct:title": "'ISO'@en",
        "dct:identifier": "'19115'",
        "dct:issued": "'2003'^^xsd:gYear",
        "dct:modified": "'2014-04'^^xsd:gYearMonth",
        "dct:type": "<http://inspire.ec.europa.eu/glossary/SpatialReferenceSystem>",
    },
}

NOT_AN_AGENT = [
    (f"geo:{role}", "'Ville'@fr", f"Resource-{role}")
    for role in [
        "custodian",
        "distributor",
        "originator",
        "principalInvestigator",
        "processor",
        "resourceProvider",
        "user",
    ]
]

BAD: dict[str, list[tuple[str, str, str]]] = {
    # class: property, values that do not conform, the shape that says so
    "dcat:Dataset": [
        *NOT_AN_AGENT,
        ("dct:rightsHolder", ":site", "Resource-rightsHolder"),
        ("dct:created", "'2024' , '2024-01-02'^^xsd:date", "Resource-created Resource-created"),
        ("dct:created", "'hier'", "Resource-created"),
        ("geo:topicCategory", "'transport'", "Resource-topicCategory"),
        ("geo:topicCategory", ":c", "Resource-topicCategory-vocabulary"),
        ("geo:referenceSystem", "'EPSG:2154'", "Resource-referenceSystem"),
        ("geo:referenceSystem", ":std", "Resource-referenceSystem-vocabulary"),
        ("geo:resourceType", "'dataset'", "Resource-resourceType"),
        ("geo:resourceType", ":c", "Resource-resourceType-vocabulary"),
        ("geo:spatialResolutionAsText", ":c", "Resource-spatialResolutionAsText"),
        ("dqv:hasQualityMeasurement", "10", "Resource-hasQualityMeasurement"),
        ("prov:wasUsedBy", ":c", "Resource-wasUsedBy"),
        ("dct:conformsTo", "crs:2154", "Resource-conformsTo-replaced"),
        ("dct:subject", codes("TopicCategory", "health"), "Resource-subject-replaced"),
        ("dct:type", codes("ResourceType", "dataset"), "Resource-type-replaced"),
    ],
    "dcat:Catalog": [
        ("dct:accessRights", "'libre'", "Catalog-accessRights"),
        ("dct:conformsTo", "'ISO'", "Catalog-conformsTo"),
        ("dcat:contactPoint", "'SIG'", "Catalog-contactPoint"),
        ("dct:identifier", ":x", "Catalog-identifier"),
        ("dcat:keyword", ":c", "Catalog-keyword"),
        ("dcat:theme", "'ortho'", "Catalog-theme"),
        ("prov:qualifiedAttribution", ":city", "Catalog-qualifiedAttribution"),
    ],
    "dcat:CatalogRecord": [
        ("dcat:contactPoint", "'SIG'", "CatalogRecord-contactPoint"),
        ("dct:creator", "'SIG'", "CatalogRecord-creator"),
        ("dct:identifier", ":x", "CatalogRecord-identifier"),
        ("dct:publisher", "'Ville'", "CatalogRecord-publisher"),
        ("prov:qualifiedAttribution", ":city", "CatalogRecord-qualifiedAttribution"),
    ],
    "dcat:DataService": [
        ("geo:serviceCategory", "'carte'", "DataService-serviceCategory"),
        ("geo:serviceCategory", ":c", "DataService-serviceCategory-vocabulary"),
        ("geo:serviceType", "'view'", "DataService-serviceType"),
        ("geo:serviceType", ":c", "DataService-serviceType-vocabulary"),
        ("geo:serviceProtocol", "'WFS'", "DataService-serviceProtocol"),
        ("geo:serviceProtocol", ":std", "DataService-serviceProtocol-vocabulary"),
        ("dct:creator", "'SIG'", "DataService-creator"),
        ("dct:identifier", ":x", "DataService-identifier"),
        ("dct:issued", "'2024'", "DataService-issued"),
        ("dct:modified", "'hier'@fr", "DataService-modified"),
        ("dct:language", "'fr'", "DataService-language"),
        ("dct:spatial", "'Toulouse'", "DataService-spatial"),
        ("dct:temporal", "'2024'", "DataService-temporal"),
        ("dcat:spatialResolutionInMeters", "'10 m'", "DataService-spatialResolutionInMeters"),
        ("dcat:temporalResolution", "'1 jour'^^xsd:duration", "DataService-temporalResolution"),
        ("prov:qualifiedAttribution", ":city", "DataService-qualifiedAttribution"),
    ],
    "dcat:DatasetSeries": [
        ("dct:accessRights", "rights:PUBLIC , rights:RESTRICTED", "DatasetSeries-accessRights"),
        ("dct:conformsTo", "'ISO'", "DatasetSeries-conformsTo"),
        ("dct:creator", "'SIG'", "DatasetSeries-creator"),
        ("dcat:distribution", ":c", "DatasetSeries-distribution"),
        ("dct:identifier", ":x", "DatasetSeries-identifier"),
        ("dcat:keyword", ":c", "DatasetSeries-keyword"),
        ("dct:language", "'fr'", "DatasetSeries-language"),
        ("dcat:theme", "'ortho'", "DatasetSeries-theme"),
        ("prov:qualifiedAttribution", ":city", "DatasetSeries-qualifiedAttribution"),
    ],
    "dcat:Distribution": [
        ("dct:accessRights", "'libre'", "Distribution-accessRights"),
        ("cnt:characterEncoding", "'UTF-8, sans BOM'", "Distribution-characterEncoding"),
        ("adms:representationTechnique", "'vecteur'", "Distribution-representationTechnique"),
        ("adms:representationTechnique", ":c", "Distribution-representationTechnique-vocabulary"),
        ("geo:spatialResolutionAsText", "'1/5 000' , '10 m'", "Distribution-spatialResolutionAsText"),
        ("dqv:hasQualityMeasurement", ":m , :n", "Distribution-hasQualityMeasurement"),
    ],
    "foaf:Agent": [
        ("locn:address", "'1 place du Capitole'", "Agent-address"),
        ("org:memberOf", "'Ville'", "Agent-memberOf"),
        ("foaf:mbox", "<https://ville.fr/contact>", "Agent-mbox"),
        ("foaf:phone", "<https://ville.fr/contact>", "Agent-phone"),
        ("foaf:workplaceHomepage", "'ville.fr'", "Agent-workplaceHomepage"),
    ],
    "vcard:Kind": [
        ("vcard:fn", "'SIG' , 'Géomatique'", "Kind-fn"),
        ("vcard:hasEmail", "<mailto:a@ville.fr> , <mailto:b@ville.fr>", "Kind-hasEmail"),
        ("vcard:hasURL", ":site , :home", "Kind-hasURL"),
        ("vcard:hasTelephone", "'05 61 00 00 00'", "Kind-hasTelephone"),
        ("vcard:hasAddress", ":home", "Kind-hasAddress"),
        ("vcard:organization-name", ":city", "Kind-organization-name"),
    ],
    "locn:Address": [(p, "'x' , 'y'", f"AddressOfAgent-{p[5:]}") for p in GOOD["locn:Address"]],
    "vcard:Address": [(p, ":c", f"AddressOfKind-{p[6:]}") for p in GOOD["vcard:Address"]],
    "prov:Activity": [(p, "'essai'", f"Activity-{p[5:]}") for p in GOOD["prov:Activity"]],
    "prov:Attribution": [
        ("prov:agent", ":site", "Attribution-agent"),
        ("dcat:hadRole", "'owner'", "Attribution-hadRole"),
        ("dcat:hadRole", ":c", "Attribution-hadRole-vocabulary"),
        ("prov:agent", "", "Attribution-agent-recommended"),
        ("dcat:hadRole", "", "Attribution-hadRole-recommended"),
    ],
    "dqv:QualityMeasurement": [
        ("dqv:isMeasurementOf", "'échelle'", "QualityMeasurement-isMeasurementOf"),
        ("dqv:value", "1 , 2", "QualityMeasurement-value"),
        ("sdmx:unitMeasure", "'m'", "QualityMeasurement-unitMeasure"),
    ],
    "dct:Standard": [
        ("dct:title", ":c", "Standard-title"),
        ("dct:identifier", ":c", "Standard-identifier"),
        ("dct:issued", "'2003'", "Standard-issued"),
        ("dct:modified", "'2003'", "Standard-modified"),
        ("dct:type", "'CRS'", "Standard-type"),
    ],
}
CASES = [(of, *case) for of, cases in BAD.items() for case in cases]


def described(of: str, properties: dict[str, str]) -> str:
    said = "".join(f" ; {path} {values}" for path, values in properties.items() if values)
    return f"{PREFIXES}\n:x a {of}{said} ."


@pytest.mark.parametrize("of", list(GOOD))
def test_what_conforms_has_no_fault(of: str) -> None:
    assert found("geodcat-ap-3", described(of, GOOD[of])) == []


@pytest.mark.parametrize(("of", "path", "values", "shape"), CASES, ids=[f"{c[0]}-{c[3]}" for c in CASES])
def test_each_fault_is_found_once_and_where_it_is(of: str, path: str, values: str, shape: str) -> None:
    """In an otherwise good description of the class."""
    faults = validated("geodcat-ap-3", triples(described(of, GOOD[of] | {path: values})))
    assert [f.shape.rsplit("#", 1)[-1] for f in faults] == shape.split()
    assert {re.split(r"[#/]", f.path)[-1] for f in faults} == {path.split(":")[1]}


def test_every_shape_has_a_case_above() -> None:
    tried = {shape for *_, told in CASES for shape in told.split()}
    assert tried == set(property_shapes("geodcat-ap-3"))


def test_every_shape_is_documented_in_both_languages() -> None:
    check_documented("geodcat-ap-3")


# ---- beside the official file of GeoDCAT-AP 2.0.0, the last that is one file of its own

OFFICIAL = "data/shapes/SEMICeu__GeoDCAT-AP/releases/2.0.0/geodcat-ap.shacl.ttl"

Case = tuple[str, str, str]

DELIBERATE: dict[tuple[str, str], set[str]] = {
    # class and property: what only the file of version 2.0.0 reports
    ("Activity", "generated"): {"none", "untyped", "two", "blank"},  # 3.0.0 makes it optional; nobody types prov:Entity
    ("Activity", "qualifiedAssociation"): {"none", "untyped", "two", "blank"},  # the same
    ("ConceptScheme", "issued"): {"two", "two texts"},  # not in 3.0.0
    ("ConceptScheme", "modified"): {"two", "two texts"},  # not in 3.0.0
}


@cache
def official_cases() -> dict[str, Case]:
    """A node for every (class, property) that the official file constrains and every sort of value."""
    shapes = ShapesGraph(from_file(str(shared(OFFICIAL))).triples)
    found = {
        (target.value, path.value)
        for shape in shapes.subjects()
        for target in shapes.values(shape, SH.targetClass)
        for one in shapes.values(shape, SH.property)
        for path in shapes.values(one, SH.path)
        if isinstance(target, NamedNode) and isinstance(path, NamedNode)
    }
    return {
        f"https://x.example/{index}/{name.replace(' ', '-')}": (target, path, name)
        for index, (target, path) in enumerate(sorted(found))
        for name in WRONG
    }


def test_it_finds_what_the_official_file_of_version_2_finds() -> None:
    cases = official_cases()
    data: list[Triple] = []
    for iri, (target, path, name) in cases.items():
        data.append(Triple(NamedNode(iri), RDF.type, NamedNode(target)))
        data += [Triple(NamedNode(iri), NamedNode(path), value) for value in WRONG[name]]
    known = list(background(data))
    told = [
        {(f.focus[1:-1], f.path) for f in engine("pyshacl").validate(data, [profile], known)}
        for profile in (from_file(str(shared(OFFICIAL))), own("geodcat-ap-3"))
    ]
    missed: dict[tuple[str, str], set[str]] = {}
    for focus, path in told[0] - told[1]:
        target, asked, name = cases[focus]
        if path == asked:
            missed.setdefault((re.split(r"[#/]", target)[-1], re.split(r"[#/]", path)[-1]), set()).add(name)
    assert len(told[0]) > 100
    assert missed == DELIBERATE
