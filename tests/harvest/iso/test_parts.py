"""Keywords, parties, rights, extents, quality and online resources of ISO 19115, on records made for them."""

from __future__ import annotations

import pytest

from harvest.iso.distributions import is_data, protocol_format
from harvest.iso.extents import box
from harvest.iso.languages import tag
from harvest.iso.quality import regulation
from tests.fakes.csw import coded, text
from tests.harvest.iso.builder import ROOT, fates, mapped, stated, values

INSPIRE = "http://inspire.ec.europa.eu/metadata-codelist/"


def anchor(address: str, words: str) -> str:
    return f"<gmx:Anchor xlink:href='{address}'>{words}</gmx:Anchor>"


# ── languages ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("code", "expected"),
    [("fre", "fr"), ("FRA", "fr"), ("fr-FR", "fr-fr"), ("ger; LC1", "de"), ("", ""), ("français", ""), ("und", "")],
)
def test_language_tags(code: str, expected: str) -> None:
    assert tag(code) == expected


def test_a_text_in_several_languages() -> None:
    locale = (
        "<gmd:locale><gmd:PT_Locale id='EN'><gmd:languageCode><gmd:LanguageCode codeList='x' codeListValue='eng'/>"
        "</gmd:languageCode></gmd:PT_Locale></gmd:locale>"
    )
    inner = (
        f"<gmd:purpose>{text('Planter')}<gmd:PT_FreeText><gmd:textGroup><gmd:LocalisedCharacterString locale='#EN'>"
        "To plant</gmd:LocalisedCharacterString></gmd:textGroup></gmd:PT_FreeText></gmd:purpose>"
    )
    assert values(mapped(inner, locale), "geodcatap:purpose") == {"Planter@fr", "To plant@en"}


# ── keywords ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def keywords(thesaurus: str, *inner: str) -> str:
    title = f"<gmd:CI_Citation><gmd:title>{text(thesaurus)}</gmd:title></gmd:CI_Citation>"
    named = f"<gmd:thesaurusName>{title}</gmd:thesaurusName>"
    words = "".join(f"<gmd:keyword>{i}</gmd:keyword>" for i in inner)
    return f"<gmd:descriptiveKeywords><gmd:MD_Keywords>{words}{named}</gmd:MD_Keywords></gmd:descriptiveKeywords>"


def test_keywords_by_thesaurus_and_anchor() -> None:
    gemet = "https://www.eionet.europa.eu/gemet/en/concept/4614"
    found = mapped(
        keywords(
            "GEMET - INSPIRE themes, version 1.0",
            text("Sites protégés"),
            anchor("http://inspire.ec.europa.eu/theme/lu", "x"),
        )
        + keywords("GEMET - Concepts", anchor(gemet, "aménagement"), text("arbre"))
        + keywords("HVD", anchor("http://data.europa.eu/bna/c_dd313021", "Observation de la terre"))
        + keywords("", anchor("http://data.europa.eu/eli/reg_impl/2023/138/oj", "règlement"))
    )
    themes = values(found, "dcat:theme")
    assert {"http://inspire.ec.europa.eu/theme/ps", "http://inspire.ec.europa.eu/theme/lu", gemet} <= themes
    assert values(found, "skos:prefLabel", f"<{gemet}>") == {"aménagement@fr"}
    assert values(found, "dcat:keyword") == {"arbre@fr"}
    assert values(found, "dcatap:hvdCategory") == {"http://data.europa.eu/bna/c_dd313021"}
    assert values(found, "dcatap:applicableLegislation") == {"http://data.europa.eu/eli/reg_impl/2023/138/oj"}


# ── people ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def party(role: str, name: str, mail: str = "") -> str:
    reach = (
        "<gmd:contactInfo><gmd:CI_Contact><gmd:address><gmd:CI_Address><gmd:electronicMailAddress>"
        f"{text(mail)}</gmd:electronicMailAddress></gmd:CI_Address></gmd:address></gmd:CI_Contact></gmd:contactInfo>"
    )
    return (
        f"<gmd:pointOfContact><gmd:CI_ResponsibleParty><gmd:organisationName>{text(name)}</gmd:organisationName>"
        f"{reach if mail else ''}<gmd:role>{coded('CI_RoleCode', role)}</gmd:role>"
        "</gmd:CI_ResponsibleParty></gmd:pointOfContact>"
    )


def test_parties_by_role() -> None:
    found = mapped(
        party("pointOfContact", "SIG", "sig@exemple.fr")
        + party("publisher", "Ville")
        + party("publisher", "Métropole")
        + party("owner", "Ville")
        + party("custodian", "SIG")
        + party("sponsor", "Région")
    )
    agent = "https://data.exemple.fr/agent/"
    assert values(found, "dct:publisher") == {agent + "ville"}
    assert values(found, "dct:rightsHolder") == {agent + "ville"}
    assert values(found, "geodcatap:custodian") == {agent + "sig"}
    assert values(found, "prov:agent", "") == {agent + "metropole", agent + "region"}
    assert f"{INSPIRE}ResponsiblePartyRole/sponsor" in values(found, "dcat:hadRole", "")
    assert values(found, "vcard:hasEmail", "") == {"mailto:sig@exemple.fr"}


def test_what_is_written_after_an_agent_belongs_to_the_resource() -> None:
    found = mapped(extent("1", "44", "2", "45") + party("publisher", "Ville"))
    place = next(iter(values(found, "dct:spatial")))
    assert values(found, "dcat:bbox", f"<{place}>")
    assert all(b"bbox" not in d.canonical for d in found.others)


# ── rights ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def legal(kind: str, *others: str, limits: str = "") -> str:
    restriction = coded("MD_RestrictionCode", "otherRestrictions")
    other = "".join(f"<gmd:otherConstraints>{o}</gmd:otherConstraints>" for o in others)
    limit = f"<gmd:useLimitation>{text(limits)}</gmd:useLimitation>" if limits else ""
    return (
        f"<gmd:resourceConstraints><gmd:MD_LegalConstraints>{limit}<gmd:{kind}>{restriction}</gmd:{kind}>{other}"
        "</gmd:MD_LegalConstraints></gmd:resourceConstraints>"
    )


def test_access_and_use() -> None:
    free = f"{INSPIRE}LimitationsOnPublicAccess/noLimitations"
    found = mapped(
        legal("accessConstraints", anchor(free, "Pas de restriction"))
        + legal("useConstraints", text("Licence Ouverte version 2.0"), text("Citer la source")),
        distribution("https://data.exemple.fr/arbres.zip"),
    )
    assert values(found, "dct:accessRights") == {"http://publications.europa.eu/resource/authority/access-right/PUBLIC"}
    licence = "http://publications.europa.eu/resource/authority/licence/ETALAB_2_0"
    assert values(found, "dct:license", "") == {licence}
    assert values(found, "dct:license") == set(), "the distributions have it"
    assert free in values(found, "dct:rights")
    assert "Citer la source@fr" in values(found, "rdfs:label", "")


def test_limitations_in_words_are_access_rights() -> None:
    found = mapped(legal("accessConstraints", text("Données confidentielles")))
    assert len(values(found, "dct:accessRights")) == 1
    assert "Données confidentielles@fr" in values(found, "rdfs:label", "")


# ── extents ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def extent(west: str, south: str, east: str, north: str) -> str:
    sides = {"west": west, "east": east}, {"south": south, "north": north}
    parts = "".join(
        f"<gmd:{n}BoundLongitude><gco:Decimal>{v}</gco:Decimal></gmd:{n}BoundLongitude>" for n, v in sides[0].items()
    )
    parts += "".join(
        f"<gmd:{n}BoundLatitude><gco:Decimal>{v}</gco:Decimal></gmd:{n}BoundLatitude>" for n, v in sides[1].items()
    )
    return (
        "<gmd:extent><gmd:EX_Extent><gmd:geographicElement><gmd:EX_GeographicBoundingBox>"
        f"{parts}</gmd:EX_GeographicBoundingBox></gmd:geographicElement></gmd:EX_Extent></gmd:extent>"
    )


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        (("-054.75", "3.25000001", "-49.75000000001", "08.00"), "-54.75 3.25000001,-49.75000000001 3.25000001"),
        (("1,5", "44", "2", "45"), "POLYGON((1.5 44,"),
        (("100", "-10", "120", "0"), "POLYGON((100 -10,120 -10,120 0,100 0,100 -10))"),
        (("1.4", "43.6", "1.4", "43.6"), "POINT(1.4 43.6)"),
        (("0", "0", "0", "0"), "filled in"),
        (("1", "44", "1", "45"), "a line"),
        (("600000", "1800000", "610000", "1810000"), "off the globe"),
        (("5", "44", "2", "45"), "off the globe"),
        (("x", "44", "2", "45"), "off the globe"),
        (("NaN", "44", "2", "45"), "off the globe"),
        (("1e-999999999", "44", "2", "45"), "off the globe"),
    ],
)
def test_boxes_keep_every_digit_or_say_why_not(sides: tuple[str, str, str, str], expected: str) -> None:
    found = box(*sides)
    assert expected in (found[1] if isinstance(found, tuple) else found.en)


def test_west_and_east_in_each_others_place_are_put_right() -> None:
    found = mapped(extent("3.28", "49.3", "1.31", "50.4"))
    assert values(found, "dcat:bbox", "") == {"POLYGON((1.31 49.3,3.28 49.3,3.28 50.4,1.31 50.4,1.31 49.3))"}
    assert fates(found, "westBoundLongitude") == [("mapped", "west and east swapped, put right")]
    across = mapped(extent("170", "-20", "-170", "-10"))
    assert values(across, "dcat:bbox", "") == set(), "a box across the date line is no polygon of one piece"


def test_periods() -> None:
    inner = (
        "<gmd:extent><gmd:EX_Extent><gmd:temporalElement><gmd:EX_TemporalExtent><gmd:extent><gml:TimePeriod gml:id='p'>"
        "<gml:beginPosition>2019-04</gml:beginPosition><gml:endPosition indeterminatePosition='now'/></gml:TimePeriod>"
        "</gmd:extent></gmd:EX_TemporalExtent></gmd:temporalElement></gmd:EX_Extent></gmd:extent>"
    )
    found = mapped(inner)
    assert values(found, "dcat:startDate", "") == {"2019-04"}
    assert values(found, "dcat:endDate", "") == set()


# ── quality ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def conformity(title: str, verdict: str) -> str:
    return (
        "<gmd:dataQualityInfo><gmd:DQ_DataQuality><gmd:report><gmd:DQ_DomainConsistency><gmd:result>"
        f"<gmd:DQ_ConformanceResult><gmd:specification><gmd:CI_Citation><gmd:title>{text(title)}</gmd:title></gmd:CI_Citation>"
        f"</gmd:specification><gmd:pass><gco:Boolean>{verdict}</gco:Boolean></gmd:pass></gmd:DQ_ConformanceResult>"
        "</gmd:result></gmd:DQ_DomainConsistency></gmd:report></gmd:DQ_DataQuality></gmd:dataQualityInfo>"
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("RÈGLEMENT (UE) N o 1089/2010 DE LA COMMISSION du 23 novembre 2010", "2010/1089"),
        ("COMMISSION REGULATION (EC) No 976/2009", "2009/976"),
        ("Standard CNIG PLU 2013", ""),
        ("12/2010", ""),
    ],
)
def test_regulations_by_their_number(words: str, expected: str) -> None:
    assert regulation(words) == (f"http://data.europa.eu/eli/reg/{expected}" if expected else "")


@pytest.mark.parametrize(("verdict", "degree"), [("true", "conformant"), ("0", "notConformant"), ("", "notEvaluated")])
def test_conformity_only_where_it_is_said(verdict: str, degree: str) -> None:
    found = mapped("", conformity("Règlement (UE) n° 1089/2010", verdict))
    assert values(found, "dct:type", "") == {f"{INSPIRE}DegreeOfConformity/{degree}"}
    assert bool(values(found, "dct:conformsTo")) == (degree == "conformant")


# ── online resources ─────────────────────────────────────────────────────────────────────────────────────────────────


def online(address: str, protocol: str = "", name: str = "", function: str = "") -> str:
    return (
        f"<gmd:onLine><gmd:CI_OnlineResource><gmd:linkage><gmd:URL>{address}</gmd:URL></gmd:linkage>"
        f"<gmd:protocol>{text(protocol)}</gmd:protocol><gmd:name>{text(name)}</gmd:name>"
        f"<gmd:function>{coded('CI_OnLineFunctionCode', function)}</gmd:function></gmd:CI_OnlineResource></gmd:onLine>"
    )


def distribution(*addresses: str, size: str = "", formats: tuple[str, ...] = (), raw: str = "") -> str:
    made = "".join(
        f"<gmd:distributionFormat><gmd:MD_Format><gmd:name>{text(f)}</gmd:name></gmd:MD_Format></gmd:distributionFormat>"
        for f in formats
    )
    inner = "".join(online(a) for a in addresses) + raw
    sized = f"<gmd:transferSize><gco:Real>{size}</gco:Real></gmd:transferSize>" if size else ""
    return (
        f"<gmd:distributionInfo><gmd:MD_Distribution>{made}<gmd:transferOptions><gmd:MD_DigitalTransferOptions>{sized}{inner}"
        "</gmd:MD_DigitalTransferOptions></gmd:transferOptions></gmd:MD_Distribution></gmd:distributionInfo>"
    )


@pytest.mark.parametrize(
    ("protocol", "address", "data", "kind"),
    [
        ("OGC:WMS-1.1.1-http-get-map", "https://x.fr/w", True, "WMS"),
        ("OGC:WFS", "https://x.fr/w?service=WFS", True, "WFS"),
        ("", "https://x.fr/w?SERVICE=WMTS&amp;request=GetCapabilities", True, "WMTS"),
        ("WWW:DOWNLOAD-1.0-http--download", "https://x.fr/get/12", True, ""),
        ("", "https://x.fr/a.zip", True, "ZIP"),
        ("WWW:LINK-1.0-http--link", "https://x.fr/page", False, ""),
        ("", "https://x.fr/arcgis/rest/services/a/MapServer", True, "ESRI REST"),
    ],
)
def test_what_an_address_leads_to(protocol: str, address: str, data: bool, kind: str) -> None:
    assert is_data(protocol, address) == data
    assert protocol_format(protocol, address) == kind


def test_files_services_and_pages() -> None:
    wms = "https://x.fr/wms?service=WMS&amp;request=GetCapabilities"
    found = mapped(
        "",
        distribution(
            "https://x.fr/arbres.csv",
            formats=("CSV", "Shapefile", "papier"),
            raw=online(wms, "OGC:WMS", "Carte")
            + online("https://x.fr/dossier", "WWW:LINK", function="information")
            + online("https://x.fr/autre", "WWW:LINK"),
        ),
    )
    assert len(values(found, "dcat:distribution")) == 2
    assert values(found, "dcat:downloadURL", "") == {"https://x.fr/arbres.csv"}
    assert values(found, "dcat:endpointURL", "") == {"https://x.fr/wms"}
    assert values(found, "foaf:page") == {"https://x.fr/dossier"}
    assert values(found, "dcat:landingPage") == {"https://x.fr/autre"}
    formats = {v.rpartition("/")[2] for v in values(found, "dct:format", "")}
    assert formats == {"CSV", "WMS_SRVC"}
    assert [f for f, _ in fates(found, "distributionFormat/name")] == ["mapped", "unmapped", "unmapped"]


def test_a_format_with_its_short_name_in_brackets() -> None:
    found = mapped("", distribution("https://x.fr/get?id=4", formats=("ESRI Shapefile (SHP)",), raw=""))
    assert values(found, "dct:format", "") == set(), "the address leads to a page"
    found = mapped("", distribution(formats=("ESRI Shapefile (SHP)",), raw=online("https://x.fr/a", "WWW:DOWNLOAD")))
    assert values(found, "dct:format", "") == {"http://publications.europa.eu/resource/authority/file-type/SHP"}


def test_a_size_is_that_of_one_resource() -> None:
    alone = mapped("", distribution("https://x.fr/a.csv", size="0.213701"))
    assert values(alone, "dcat:byteSize", "") == {"213701"}
    two = mapped("", distribution("https://x.fr/a.csv", "https://x.fr/b.csv", size="1"))
    assert values(two, "dcat:byteSize", "") == set()
    assert fates(two, "transferSize") == [("unmapped", "size of several online resources together")]


def test_a_service_and_its_data() -> None:
    inner = (
        "<srv:serviceType><gco:LocalName>OGC:WMS</gco:LocalName></srv:serviceType>"
        "<srv:containsOperations><srv:SV_OperationMetadata><srv:connectPoint><gmd:CI_OnlineResource><gmd:linkage>"
        "<gmd:URL>https://x.fr/wms?</gmd:URL></gmd:linkage></gmd:CI_OnlineResource></srv:connectPoint>"
        "</srv:SV_OperationMetadata></srv:containsOperations>"
        f"<srv:operatesOn uuidref='{ROOT}2'/>"
        "<srv:operatesOn xlink:href='https://x.fr/csw?request=GetRecordById&amp;id=4'/>"
    )
    found = mapped(inner, scope="service")
    assert (".", "rdf:type", "http://www.w3.org/ns/dcat#DataService") in stated(found)
    assert values(found, "dcat:endpointURL") == {"https://x.fr/wms?"}
    assert values(found, "geodcatap:serviceType") == {f"{INSPIRE}SpatialDataServiceType/view"}
    assert values(found, "dcat:servesDataset") == {ROOT + "2"}
    assert "unmapped" in [f for f, _ in fates(found, "operatesOn")]
