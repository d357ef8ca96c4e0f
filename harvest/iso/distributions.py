"""Online resources: distributions, services that give access to the data, pages; and the addresses of a service."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

from pyoxigraph import BlankNode, Literal, NamedNode

from catalog.model import Text
from harvest.iso.document import Element, code, find, first, value
from harvest.iso.identification import INSPIRE
from harvest.iso.writer import Writer
from harvest.mapping import wording
from harvest.rdf.names import unchecked
from vocab.formats import format_for
from vocab.namespaces import ADMS, DCAT, DCT, FOAF, GEODCATAP, XSD

_SERVICES = (
    ("WMTS", r"\bwmts\b"),
    ("WMS", r"\bwms(?:-c)?\b"),
    ("WFS", r"\bwfs(?:-g)?\b"),
    ("WCS", r"\bwcs\b"),
    ("WPS", r"\bwps\b"),
    ("CSW", r"\bcsw\b"),
    ("SOS", r"\bsos\b"),
    ("SPARQL", r"\bsparql\b"),
    ("ATOM", r"\batom\b"),
    ("ESRI REST", r"esri[: ]rest|arcgis/rest/services|arcgis rest"),
    ("TMS", r"\btms\b"),
    ("OGC API", r"ogc ?api|ogcapi|ogc:api"),
)
_STANDARDS = {
    "WMS": "http://www.opengeospatial.org/standards/wms",
    "WFS": "http://www.opengeospatial.org/standards/wfs",
    "WCS": "http://www.opengeospatial.org/standards/wcs",
    "WMTS": "http://www.opengeospatial.org/standards/wmts",
    "WPS": "http://www.opengeospatial.org/standards/wps",
    "CSW": "http://www.opengeospatial.org/standards/cat",
    "SOS": "http://www.opengeospatial.org/standards/sos",
    "SPARQL": "https://www.w3.org/TR/sparql11-protocol/",
    "ATOM": "https://tools.ietf.org/html/rfc4287",
}
"""The page of the standard that each protocol follows, as GeoDCAT-AP's own transformation names it."""
_DATA_SERVICES = frozenset(("WFS", "WCS", "ATOM", "OGC API", "SOS"))
_FORMATS = tuple(
    f"{at}/*/{name}"
    for at in ("distributionFormat", "distributor/*/distributorFormat", "transferOptions/*/distributionFormat")
    for name in ("name", "formatSpecificationCitation/*/title")
)
_DISTRIBUTION = frozenset(("download", "offlineAccess", "order"))
_PAGE = frozenset(("information", "search", "completeMetadata", "browsing", "upload", "emailService"))
_DOWNLOAD = re.compile(r"download|^file|ftp|zip", re.IGNORECASE)
_DATA_FILE = re.compile(
    r"\.(?:zip|7z|gz|rar|csv|json|geojson|shp|gml|gpkg|kml|kmz|xlsx?|ods|tiff?|ecw|jp2|asc|dbf|tab|mif|dxf|dwg|las|laz|"
    r"parquet|nc|xml|txt)\Z",
    re.IGNORECASE,
)
_SERVICE_TYPES = frozenset(("discovery", "view", "download", "transformation", "invoke", "other"))
_ORDINARY_TYPES = {
    "wms": "view",
    "wmts": "view",
    "wfs": "download",
    "wcs": "download",
    "atom": "download",
    "csw": "discovery",
}


@dataclass(frozen=True)
class Online:
    """One online resource: its address, what it is called, and how it is reached."""

    element: Element
    address: str
    protocol: str
    function: str
    service: str

    @property
    def file(self) -> bool:
        """Whether its address is that of a file with data."""
        return bool(_DATA_FILE.search(urlsplit_path(self.address)))


def urlsplit_path(address: str) -> str:
    """The path of an address; empty where it is none."""
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def online(element: Element) -> Online | None:
    """What a `CI_OnlineResource` says; None without an address."""
    address = value(first(element, "linkage"))
    if not address:
        return None
    protocol = value(first(element, "protocol"))
    return Online(element, address, protocol, code(first(element, "function")), _service(protocol, address))


def _service(protocol: str, address: str) -> str:
    """The kind of service behind an address: by the protocol, else by the address itself."""
    stated = _named(protocol)
    if stated or re.search(r"download|www:link|https?\b|ftp|file", protocol, re.IGNORECASE):
        return stated
    asked = re.search(r"[?&]service=([a-z]+)", address, re.IGNORECASE)
    if asked:
        return _named(asked[1])
    if re.search(r"[?&]request=getcapabilities", address, re.IGNORECASE):
        return _named(re.sub(r"[^A-Za-z]", " ", address))
    return "ESRI REST" if "/arcgis/rest/services/" in address.lower() else ""


def is_data(protocol: str, address: str) -> bool:
    """Whether an address leads to data, by a service or as a file, and not to a page about them."""
    return bool(_service(protocol, address) or _DOWNLOAD.search(protocol) or _DATA_FILE.search(urlsplit_path(address)))


def protocol_format(protocol: str, address: str) -> str:
    """The format of what an address leads to: the service's, else the file's; empty where neither is known."""
    guessed = format_for(url=address).file_type
    return _service(protocol, address) or (guessed.code if guessed else "")


def _named(words: str) -> str:
    bare = words.lower().replace("_", " ").replace("-1.", " 1.")
    return next((name for name, pattern in _SERVICES if re.search(pattern, bare)), "")


# ── of a dataset ─────────────────────────────────────────────────────────────────────────────────────────────────────


def distributions(w: Writer) -> None:
    """The online resources of a dataset or series, part by part of what distributes it."""
    made: list[BlankNode] = []
    for part in find(w.document, "distributionInfo/*"):
        formats = find(part, "distributionFormat/*")
        for options in find(part, "transferOptions/*"):
            made += _options(w, options, [*formats, *find(options, "distributionFormat/*")])
        for distributor in find(part, "distributor/*"):
            own = find(distributor, "distributorFormat/*") or formats
            for options in find(distributor, "distributorTransferOptions/*"):
                made += _options(w, options, own)
    for held in find(w.document, *(f"distributionInfo/*/{path}" for path in _FORMATS)):
        if value(held) and not w.view.claimed(held):
            w.view.refuse_element(held, FORMAT_OF_SOME)
    subjects: list[NamedNode | BlankNode] = [*made] or [w.root]
    for subject in subjects:
        for licence, held in w.licence:
            w.add(subject, DCT.license, licence, held)
    if w.technique and made:
        for subject in made:
            w.add(subject, ADMS.representationTechnique, *w.technique)
    elif w.technique:
        w.view.refuse_element(w.technique[1], wording.NO_PROPERTY)


def _options(w: Writer, options: Element, formats: list[Element]) -> list[BlankNode]:
    found = [o for e in find(options, "onLine/*") if (o := online(e)) is not None]
    made = []
    for one in found:
        if subject := _online(w, one):
            made.append(subject)
            _format(w, subject, one, formats, alone=sum(not o.service for o in found) <= 1)
    size = first(options, "transferSize")
    if size is not None and value(size):
        size_ = _bytes(value(size))
        if len(made) == 1 and size_:
            w.add(made[0], DCAT.byteSize, Literal(size_, datatype=XSD.nonNegativeInteger), size)
        else:
            w.view.refuse_element(size, SIZE_OF_ALL if size_ else wording.BAD_NUMBER)
    return made


SIZE_OF_ALL = Text("taille commune à plusieurs ressources en ligne", "size of several online resources together")
FORMAT_OF_SOME = Text(
    "rien ne dit de quelle ressource en ligne c’est le format",
    "nothing says of which online resource this is the format",
)


def _bytes(megabytes: str) -> str:
    """Bytes from megabytes, in which ISO 19115 counts transfer sizes."""
    try:
        found = Decimal(megabytes.replace(",", "."))
    except InvalidOperation:
        return ""
    return str(int(found * 1_000_000)) if found.is_finite() and 0 < found < 10**15 else ""


def _online(w: Writer, one: Online) -> BlankNode | None:
    """A page, or a distribution; of a service with the service that it is reached by."""
    linkage = first(one.element, "linkage")
    w.view.take(*(first(one.element, part) for part in ("protocol", "function")))
    data = one.function in _DISTRIBUTION or is_data(one.protocol, one.address)
    if not data or (one.function in _PAGE and not one.service and not one.file):
        w.link(w.root, FOAF.page if one.function in _PAGE else DCAT.landingPage, one.address, linkage)
        w.view.take(*(first(one.element, part) for part in ("name", "description")))
        page = unchecked(one.address)
        w.texts(page, DCT.title, first(one.element, "name"))
        return None
    made = w.node(w.root, DCAT.distribution, DCAT.Distribution)
    w.link(made, DCAT.accessURL, one.address, linkage)
    named = first(one.element, "name")
    w.texts(made, DCT.title, named)
    w.texts(made, DCT.description, first(one.element, "description"))
    if one.service:
        _access_service(w, made, one)
    elif one.file:
        w.link(made, DCAT.downloadURL, one.address, linkage)
    return made


def _access_service(w: Writer, distribution: BlankNode, one: Online) -> None:
    service = w.node(distribution, DCAT.accessService, DCAT.DataService)
    linkage = first(one.element, "linkage")
    titles = w.languages.texts(first(one.element, "name")) or w.languages.texts(first(one.element, "description"))
    for words, held in titles:
        w.add(service, DCT.title, words, held)
    if not titles:
        w.say(service, DCT.title, one.service)
    _endpoint(w, service, one, linkage)


def _endpoint(w: Writer, service: BlankNode | NamedNode, one: Online, linkage: Element | None) -> None:
    """The address of a service, without the request for its capabilities, which is its description."""
    asked = re.search(r"[?&](?:request|service)=", one.address, re.IGNORECASE)
    w.link(service, DCAT.endpointURL, one.address.partition("?")[0] if asked else one.address, linkage)
    if asked or one.service == "ATOM":
        w.link(service, DCAT.endpointDescription, one.address, linkage)
    standard = _STANDARDS.get(one.service)
    if standard and not w.graph.values(service, GEODCATAP.serviceProtocol):
        w.add(service, GEODCATAP.serviceProtocol, NamedNode(standard), first(one.element, "protocol"))
        w.typed(NamedNode(standard), DCT.Standard)


def _format(w: Writer, subject: BlankNode, one: Online, formats: list[Element], *, alone: bool) -> None:
    """The format of one distribution: the service's, the one that fits its address or name, else the only one."""
    named = [
        h for f in formats if (h := first(f, "name", "formatSpecificationCitation/*/title")) is not None and value(h)
    ]
    if one.service:
        w.say(subject, DCT["format"], one.service)
        if len(named) == 1 and one.service in _DATA_SERVICES:
            w.add(subject, DCAT.mediaType, Literal(_media_type(value(named[0]))), named[0])
        return
    guessed = format_for(url=one.address).file_type
    title = value(first(one.element, "name")).lower()
    for held in named:
        known = format_for(label=_format_name(value(held))).file_type
        if (known and known == guessed) or (title and value(held).lower() in title):
            w.add(subject, DCT["format"], Literal(_format_name(value(held))), held)
            return
    if len(named) == 1 and (alone or guessed is None):
        w.add(subject, DCT["format"], Literal(_format_name(value(named[0]))), named[0])
    elif guessed:
        w.say(subject, DCT["format"], guessed.code)


def _format_name(words: str) -> str:
    """The part of `ESRI Shapefile (SHP)` that is known as a format; the whole where it is, or where none is."""
    inside = re.findall(r"\(([^()]+)\)", words)
    parts = [words, *inside, re.sub(r"\([^()]*\)", " ", words).strip()]
    return next((p for p in parts if format_for(label=p).file_type), words)


def _media_type(words: str) -> str:
    """`application/gml+xml` for the `gml+xml` of INSPIRE's examples."""
    return f"application/{words}" if re.fullmatch(r"[a-z0-9.-]+\+(?:xml|json|zip)", words) else words


# ── of a service ─────────────────────────────────────────────────────────────────────────────────────────────────────


def service(w: Writer) -> None:
    """Type and addresses of a service."""
    held = first(w.info, "serviceType")
    name = re.sub(r"[^A-Za-z]", "", value(held)).lower()
    kind = name if name in _SERVICE_TYPES else next((t for n, t in _ORDINARY_TYPES.items() if n in name), "")
    if kind:
        w.add(w.root, GEODCATAP.serviceType, NamedNode(f"{INSPIRE}SpatialDataServiceType/{kind}"), held)
    _addresses(w)
    for licence, one in w.licence:
        w.add(w.root, DCT.license, licence, one)


def _addresses(w: Writer) -> None:
    """The addresses of a service: its online resources that are services, else where it says that operations are."""
    online_ = find(w.document, "distributionInfo/*/transferOptions/*/onLine/*")
    online_ += find(w.document, "distributionInfo/*/distributor/*/distributorTransferOptions/*/onLine/*")
    listed = [o for e in online_ if (o := online(e)) is not None]
    points = [o for e in w.find("containsOperations/*/connectPoint/*") if (o := online(e)) is not None]
    services = [o for o in listed if o.service]
    points = [p for p in points if not services or p.service]
    plain = [o for o in listed if not o.service]
    if not services and not points:
        services, plain = [o for o in plain if o.function not in _PAGE][:1], plain
    said: set[str] = set()
    for one in (*services, *points):
        w.view.take(*w.view.below(one.element))
        bare = one.address.partition("?")[0]
        if bare not in said:
            said.add(bare)
            _endpoint(w, w.root, one, first(one.element, "linkage"))
    for one in plain:
        w.view.take(*w.view.below(one.element))
        if one not in services:
            w.link(w.root, FOAF.page, one.address, first(one.element, "linkage"))
    for point in w.find("containsOperations/*/connectPoint/*/linkage"):
        if value(point) and not w.view.claimed(point):
            w.view.refuse_element(point, wording.SUPERSEDED)
