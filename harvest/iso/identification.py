"""What identifies a resource: title, abstract, dates, identifiers, languages, type, frequency, resolution."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from pyoxigraph import BlankNode, Literal, NamedNode

from catalog.model import Text
from harvest.graph.model import Statement
from harvest.identity import persistent
from harvest.iso.document import Element, code, find, first, href, value
from harvest.iso.writer import Writer
from harvest.mapping import wording
from harvest.rdf.names import unchecked
from vocab.namespaces import DCAT, DCT, DQV, FOAF, GEODCATAP, XSD

INSPIRE = "http://inspire.ec.europa.eu/metadata-codelist/"
_RESOURCE_TYPES = frozenset(("dataset", "series", "service"))
_CITATION = "citation/CI_Citation"
_DATES = {"creation": DCT.created, "publication": DCT.issued, "revision": DCT.modified}
_OTHER_DATES = {"released": "publication", "lastUpdate": "revision", "lastRevision": "revision"}


def kind_of(root: Element) -> str:
    """The scope of a record in the words of ISO 19115: `dataset`, `series`, `service`…; `dataset` by default."""
    found = code(first(root, "hierarchyLevel", "metadataScope/*/resourceScope"))
    bare = re.sub(r"\W", "", found.rpartition("/")[2])
    if find(root, "identificationInfo/SV_ServiceIdentification", "identificationInfo/CHE_SV_ServiceIdentification"):
        return "service"
    known = {"datasetseries": "series", "webservice": "service"}
    lower = bare.lower()
    return known.get(lower, lower if lower in _RESOURCE_TYPES else bare) or "dataset"


def identifiers(root: Element) -> Iterator[tuple[str, Element]]:
    """The identifiers that a record gives its resource, each with the element that holds the code.

    An anchor's address is the identifier; a code that is none alone stands behind its code space.
    """
    paths = (f"identificationInfo/*/{_CITATION}/identifier/*", f"identificationInfo/*/CHE_{_CITATION}/identifier/*")
    said: set[str] = set()
    for one in find(root, *paths):
        held = first(one, "code")
        whole = href(held) or _within(value(held), value(first(one, "codeSpace")))
        if held is not None and whole and whole not in said:
            said.add(whole)
            yield whole, held


def _within(bare: str, space: str) -> str:
    """A code in its code space, unless it is an address, a URN or a UUID by itself."""
    if not bare or not space or re.match(r"(?:https?:|urn:|doi:)", bare, re.IGNORECASE) or bare.startswith(space):
        return bare
    if space[-1] in "/#:=":
        return space + bare
    return f"{space}{':' if space.lower().startswith('urn:') else '/'}{bare}"


def file_identifier(root: Element) -> tuple[str, Element | None]:
    """The identifier of the record itself, with the element that holds it."""
    held = first(root, "fileIdentifier", "metadataIdentifier/*/code")
    return value(held), held


def own_iri(root: Element) -> str:
    """The IRI that the record gives its resource, if it is one that lasts."""
    return next((one for one, _ in identifiers(root) if persistent(one)), "")


def identification(w: Writer) -> None:
    """Title, abstract, purpose and identifiers."""
    for citation in w.find(_CITATION, f"CHE_{_CITATION}")[:1]:
        w.texts(w.root, DCT.title, first(citation, "title"))
        for other in find(citation, "alternateTitle"):
            w.texts(w.root, DCT.alternative, other)
        for one in find(citation, "edition")[:1]:
            w.say(w.root, DCAT.version, value(one), one)
        _dates(w, citation)
    w.texts(w.root, DCT.description, first(w.info, "abstract"))
    for one in w.find("purpose"):
        w.texts(w.root, GEODCATAP.purpose, one)
    for found, held in identifiers(w.document):
        w.say(w.root, DCT.identifier, found, held)
    name, held_ = file_identifier(w.document)
    if name and not any(True for _ in identifiers(w.document)):
        w.say(w.root, DCT.identifier, name, held_)


def _dates(w: Writer, citation: Element) -> None:
    """Creation, publication and revision; of several of a kind the latest, as DCAT-AP takes one."""
    found: dict[NamedNode, list[tuple[str, Element]]] = {}
    for one in find(citation, "date/CI_Date"):
        name = code(first(one, "dateType"))
        predicate = _DATES.get(_OTHER_DATES.get(name, name))
        held = first(one, "date")
        if held is None or not value(held):
            continue
        if predicate is None:
            w.view.refuse_element(held, wording.NO_PROPERTY)
        else:
            found.setdefault(predicate, []).append((value(held), held))
    for predicate, dates in found.items():
        dates.sort(key=lambda d: d[0])
        chosen = dates[0] if predicate == DCT.created else dates[-1]
        for words, held in dates:
            if held is chosen[1]:
                w.say(w.root, predicate, words, held)
            else:
                w.view.refuse_element(held, wording.SUPERSEDED)


def types(w: Writer) -> None:
    """The class of the resource, and its type in the list of INSPIRE."""
    classes = {"service": DCAT.DataService, "series": DCAT.DatasetSeries}
    w.typed(w.root, classes.get(w.kind, DCAT.Dataset))
    held = first(w.document, "hierarchyLevel", "metadataScope/*/resourceScope")
    if w.kind in _RESOURCE_TYPES:
        w.add(w.root, GEODCATAP.resourceType, NamedNode(f"{INSPIRE}ResourceType/{w.kind}"), held)
    elif held is not None:
        w.say(w.root, DCT.type, code(held), held)


def about(w: Writer) -> None:
    """Languages, topics, frequency, representation, pages: what describes the resource by a code."""
    for one in w.find("language", "defaultLocale/PT_Locale/language", "otherLocale/PT_Locale/language"):
        w.say(w.root, DCT.language, code(one), one)
    for one in w.find("topicCategory"):
        for topic in filter(None, re.split(r"[\s,;]+", code(one))):
            name = re.sub(r"[^A-Za-z]", "", topic)
            w.add(w.root, GEODCATAP.topicCategory, NamedNode(f"{INSPIRE}TopicCategory/{name}"), one)
    frequency = "maintenanceAndUpdateFrequency"
    for one in w.find(f"resourceMaintenance/*/{frequency}")[:1]:
        w.say(w.root, DCT.accrualPeriodicity, code(one), one)
    for one in w.find("spatialRepresentationType")[:1]:
        name = re.sub(r"[^A-Za-z]", "", code(one))
        if name:
            w.view.take(one)
            w.technique = NamedNode(f"{INSPIRE}SpatialRepresentationType/{name}"), one
    for one in w.find("graphicOverview/*/fileName", "graphicOverview/*/linkage/*/linkage"):
        if re.match(r"https?://", value(one)):
            w.link(w.root, FOAF.depiction, value(one), one)


def reference_systems(w: Writer) -> None:
    """Coordinate reference systems: `geodcatap:referenceSystem` with the address at the OGC where the code says it."""
    for one in find(w.document, "referenceSystemInfo/*/referenceSystemIdentifier/*"):
        held = first(one, "code")
        words = value(held)
        if held is None or not words:
            continue
        address = href(held) if re.match(r"https?://", href(held)) else ""
        address = crs(address) or crs(words, value(first(one, "codeSpace"))) or address
        if address:
            w.link(w.root, GEODCATAP.referenceSystem, address, held)
            w.typed(unchecked(address), DCT.Standard)
        else:
            made = w.node(w.root, GEODCATAP.referenceSystem, DCT.Standard)
            w.say(made, DCT.title, words, held)


def crs(words: str, space: str = "") -> str:
    """The OGC's address of a system named `EPSG:2154`, `urn:ogc:def:crs:EPSG::2154`, `RGF93 (EPSG:2154)`…"""
    if re.match(r"https?://www\.opengis\.net/def/crs/\S+\Z", words):
        return words
    found = re.search(r"EPSG\s*(?:/\d+(?:\.\d+)*/|:[\d.]*:|:)\s*(\d{4,6})\b", words, re.IGNORECASE)
    if found is None and "epsg" in space.lower():
        found = re.fullmatch(r"\s*(\d{4,6})\s*", words)
    return f"http://www.opengis.net/def/crs/EPSG/0/{found[1]}" if found else ""


def resolution(w: Writer) -> None:
    """Distances in metres; scales as one divided by the denominator (GeoDCAT-AP 3, spatial resolution)."""
    for one in w.find("spatialResolution/*/distance"):
        held = first(one, "*")
        unit = (held.get("uom") or "m").rpartition("#")[2] if held is not None else "m"
        scale = {"m": "", "metre": "", "meter": "", "meters": "", "metres": "", "km": " km", "cm": " cm"}.get(
            re.sub(r"^.*[:/]", "", unit).lower()
        )
        if scale is None:
            w.view.refuse_element(one, wording.BAD_NUMBER)
        elif value(one):
            w.say(w.root, DCAT.spatialResolutionInMeters, value(one) + scale, one)
    for one in w.find("spatialResolution/*/equivalentScale/*/denominator"):
        share = _share(value(one))
        if not share:
            w.view.refuse_element(one, wording.BAD_NUMBER)
            continue
        made = w.node(w.root, DQV.hasQualityMeasurement, DQV.QualityMeasurement)
        metric = GEODCATAP.spatialResolutionAsScale
        w.add(made, DQV.isMeasurementOf, metric)
        w.typed(metric, DQV.Metric)
        w.add(made, DQV.value, Literal(share, datatype=XSD.decimal), one)


def _share(denominator: str) -> str:
    """One divided by a whole number, as a decimal of nine significant digits; empty for what is no scale."""
    try:
        number = Decimal(re.sub(r"[\s\u00a0]", "", denominator.partition(":")[2] or denominator))
        if not number.is_finite() or number <= 0:
            return ""
        shown = f"{Decimal(f'{1 / number:.9g}'):f}"
    except (InvalidOperation, ArithmeticError):
        return ""
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def related(w: Writer) -> None:
    """Records above and beside this one, where they are given by an address that lasts."""
    for one in find(w.document, "parentIdentifier", "parentMetadata/*/identifier/*/code", "parentMetadata/*/title"):
        name = href(one) or value(one)
        if persistent(name):
            w.link(w.root, DCT.isPartOf, name, one)
        else:
            w.view.refuse_element(one, OTHER_RECORD)


OTHER_RECORD = Text(
    "désigne une autre fiche par un identifiant qui n’est pas une adresse",
    "names another record by an identifier that is no address",
)


def source_record(w: Writer) -> BlankNode:
    """The record itself, as the source's catalogue record of the resource: identifier, date, language."""
    made = w.thing(DCAT.CatalogRecord)
    w.graph.add(Statement(made, FOAF.primaryTopic, w.root))
    name, held = file_identifier(w.document)
    if held is not None:
        w.say(made, DCT.identifier, name, held)
    for one in find(w.document, "dateStamp")[:1] or _revised(w.document)[:1]:
        w.say(made, DCT.modified, value(one), one)
    if w.languages.element is not None:
        w.say(made, DCT.language, code(w.languages.element), w.languages.element)
    return made


def _revised(root: Element) -> list[Element]:
    """The dates of the record itself in ISO 19115-3, its revision first."""
    dates = [(code(first(one, "dateType")), first(one, "date")) for one in find(root, "dateInfo/CI_Date")]
    order = ("revision", "lastUpdate", "publication", "creation")
    return [d for name in order for kind, d in dates if kind == name and d is not None and value(d)]
