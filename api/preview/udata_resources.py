"""Distributions as resources of data.gouv.fr (`resource_from_rdf` in `udata/core/dataset/rdf.py`)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

from pyoxigraph import BlankNode, Literal, NamedNode

from api.preview.graph import Node, Term, iri, text
from api.preview.model import Notes, Resource
from api.preview.rules import Note, rules
from api.preview.udata_urls import admitted, sample
from api.preview.values import Reader, future, instant
from vocab.namespaces import AUTHORITY, DCAT, DCT, GEODCATAP, RDFS, SPDX, XSD

_MEDIA = "https://www.iana.org/assignments/media-types/"
_FILES = f"{AUTHORITY}file-type/"
_OGC = "http://www.opengeospatial.org/standards/"
_ALGORITHMS = {f"{SPDX}checksumAlgorithm_{name}" for name in ("md5", "sha1", "sha256")}
_BINARY = (XSD.hexBinary, XSD.base64Binary)
_SERVICES = ("wfs", "wms", "wmts")


def resources(values: Reader, node: Node, notes: Notes, now: datetime) -> tuple[Resource, ...]:
    """The resources of a dataset; of two with one key the later stands in the place of the earlier."""
    found: dict[str, Resource] = {}
    listed = [*values.graph.objects(node, DCAT.distribution), *values.graph.objects(node, DCAT.distributions)]
    for distribution in dict.fromkeys(listed):
        resource = _resource(values, distribution, notes, now)
        if resource is not None and resource.key in found:
            notes.add(_note("resource-twice", resource.url, resource.title))
        if resource is not None:
            found[resource.key] = resource
    for part in values.graph.objects(node, DCT.hasPart):
        if iri(part):
            found.setdefault(
                iri(part), Resource(iri(part), _title(values, part, iri(part), ""), iri(part), kind="other")
            )
    return tuple(found.values())


def _part(values: Reader, part: Term, url: str) -> Resource:
    shape = _format(values, part)
    return Resource(url, _title(values, part, url, shape), url, shape, kind="other", iri=url)


def address(values: Reader, distribution: Term) -> str:
    """Where it is downloaded, else accessed."""
    return values.first(distribution, DCAT.downloadURL) or values.first(distribution, DCAT.accessURL)


def _resource(values: Reader, node: Term, notes: Notes, now: datetime) -> Resource | None:
    url = address(values, node)
    shape = _format(values, node)
    title = _title(values, node, url, shape)
    if not url:
        notes.add(_note("resource-without-url", "", values.value(node, DCT.title) or iri(node)))
        return None
    if not admitted(url):
        notes.add(_note("url-refused", url, title))
    elif sample(url):
        notes.add(_note("url-sample", urlsplit(url).hostname or ""))
    api = values.graph.value(node, DCAT.accessService) is not None
    if api:
        notes.add(_note("resource-api", "", title))
    media = values.value(node, DCAT.mediaType, RDFS.label)
    _checksum(values, node, notes, title)
    _dates(values, node, notes, now, title)
    return Resource(
        key=f"{url} {title}" if shape in _SERVICES else url,
        title=title,
        url=url,
        format=shape,
        media_type=media.removeprefix(_MEDIA),
        size=_size(values, node, notes, title),
        kind="api" if api else "main",
        iri=iri(node),
    )


def _format(values: Reader, node: Term) -> str:
    """The protocol of an OGC service, else the code of the format (`format_from_rdf`)."""
    service = values.graph.value(node, DCAT.accessService)
    if service is not None:
        graph = values.graph
        for standard in (*graph.objects(service, GEODCATAP.serviceProtocol), *graph.objects(service, DCT.conformsTo)):
            if text(standard).startswith(_OGC):
                return text(standard).removeprefix(_OGC).lower()
    given = values.value(node, DCT["format"], RDFS.label)
    if given.startswith(_MEDIA):
        return given.rpartition("/")[2].lower()
    return given.removeprefix(_FILES).lower()


def _title(values: Reader, node: Term, url: str, shape: str) -> str:
    """The title, else the file's name, else words made of the format (`title_from_rdf`)."""
    last = url.rpartition("/")[2]
    if given := values.value(node, DCT.title):
        return given
    if "." in last and "?" not in last:
        return last
    return f"Ressource {shape}" if shape else "Ressource sans nom"


def _size(values: Reader, node: Term, notes: Notes, title: str) -> str:
    given = values.value(node, DCAT.byteSize)
    try:
        return str(int(Decimal(given))) if given else ""
    except (InvalidOperation, ValueError, OverflowError):
        notes.add(_note("size-unreadable", given, title))
        return ""


def _checksum(values: Reader, node: Term, notes: Notes, title: str) -> None:
    """rdflib makes bytes of `xsd:hexBinary`, which udata's field for the value refuses."""
    graph = values.graph
    checksum = graph.value(node, SPDX.checksum)
    if checksum is None:
        return
    algorithm = graph.value(checksum, SPDX.algorithm)
    if not isinstance(algorithm, NamedNode | BlankNode):
        notes.add(_note("checksum-without-algorithm", "", title))
    elif text(algorithm) in _ALGORITHMS:
        value = values.best(checksum, SPDX.checksumValue)
        if isinstance(value, Literal) and value.datatype in _BINARY:
            notes.add(_note("checksum-binary", "", title))


def _dates(values: Reader, node: Term, notes: Notes, now: datetime, title: str) -> None:
    issued, modified = values.value(node, DCT.issued), values.value(node, DCT.modified)
    if issued and instant(issued) is None:
        notes.add(_note("date-unreadable", issued, title))
    if modified and instant(modified) is None:
        notes.add(_note("modified-unreadable", modified, title))
    elif future(modified, now):
        notes.add(_note("modified-future", modified, title))


def _note(name: str, value: str = "", where: str = "") -> Note:
    return Note(rules("udata")[name], value, where)
