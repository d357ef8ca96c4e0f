"""The distributions of a dataset as the resources of a CKAN package."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pyoxigraph import BlankNode, NamedNode

from api.ckan.values import Graph
from catalog.identifiers import package_id
from vocab.namespaces import ADMS, DCAT, DCATAP, DCT, FOAF, SPDX
from vocab.terms import term

_ONE: tuple[tuple[str, NamedNode], ...] = (
    ("access_url", DCAT.accessURL),
    ("download_url", DCAT.downloadURL),
    ("issued", DCT.issued),
    ("modified", DCT.modified),
    ("license", DCT.license),
    ("rights", DCT.rights),
    ("status", ADMS.status),
    ("availability", DCATAP.availability),
    ("temporal_resolution", DCAT.temporalResolution),
    ("spatial_resolution_in_meters", DCAT.spatialResolutionInMeters),
    ("compress_format", DCAT.compressFormat),
    ("package_format", DCAT.packageFormat),
)
_MANY: tuple[tuple[str, NamedNode], ...] = (
    ("language", DCT.language),
    ("documentation", FOAF.page),
    ("conforms_to", DCT.conformsTo),
    ("applicable_legislation", DCATAP.applicableLegislation),
)
_SERVICE: tuple[tuple[str, NamedNode], ...] = (
    ("title", DCT.title),
    ("description", DCT.description),
    ("endpoint_url", DCAT.endpointURL),
    ("endpoint_description", DCAT.endpointDescription),
    ("license", DCT.license),
    ("access_rights", DCT.accessRights),
)
_IANA = re.compile(r"https?://www\.iana\.org/assignments/media-types/")


def resources(graph: Graph, dataset: NamedNode, package: str, created: str) -> Iterator[dict[str, Any]]:
    """The resources, in the order of their IRIs; `created` is when the package first appeared."""
    for position, node in enumerate(graph.nodes(dataset, DCAT.distribution)):
        yield {"package_id": package, "position": position, **_resource(graph, dataset, node, created)}


def _resource(graph: Graph, dataset: NamedNode, node: NamedNode | BlankNode, created: str) -> dict[str, Any]:
    url = graph.value(node, DCAT.downloadURL) or graph.value(node, DCAT.accessURL)
    own = node.value if isinstance(node, NamedNode) else f"{dataset.value}#{url}"
    found: dict[str, Any] = {
        "id": package_id(own),
        "uri": own,
        "name": graph.text(node, DCT.title),
        "description": graph.text(node, DCT.description),
        "url": url or own,
        "format": _format(graph, node),
        "mimetype": _IANA.sub("", graph.value(node, DCAT.mediaType)) or None,
        "size": _size(graph.value(node, DCAT.byteSize)),
        "created": graph.value(node, DCT.issued) or created,
        "last_modified": graph.value(node, DCT.modified) or None,
        "resource_type": "api" if graph.nodes(node, DCAT.accessService) else "file",
        "state": "active",
        "url_type": None,
        "mimetype_inner": None,
        "cache_url": None,
        "cache_last_updated": None,
        **_checksum(graph, node),
    }
    more = {name: graph.value(node, predicate) for name, predicate in _ONE}
    for name, predicate in _MANY:
        values = graph.values(node, predicate)
        more[name] = json.dumps(values, ensure_ascii=False) if values else ""
    services = [_service(graph, s) for s in graph.nodes(node, DCAT.accessService)]
    more["access_services"] = json.dumps(services, ensure_ascii=False) if services else ""
    return found | {name: value for name, value in more.items() if value}


def _format(graph: Graph, node: NamedNode | BlankNode) -> str:
    """The short code of the format, as CKAN's own forms have it."""
    stated = graph.value(node, DCT["format"])
    known = term(stated)
    if known is not None:
        return known.code
    nodes = graph.nodes(node, DCT["format"])
    return graph.reading.name(nodes[0]).label if nodes else stated


def _size(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() else None


def _checksum(graph: Graph, node: NamedNode | BlankNode) -> dict[str, str]:
    for checksum in graph.nodes(node, SPDX.checksum):
        value = graph.value(checksum, SPDX.checksumValue)
        algorithm = graph.value(checksum, SPDX.algorithm)
        if value and algorithm:
            return {"hash": value, "hash_algorithm": algorithm}
    return {"hash": ""}


def _service(graph: Graph, node: NamedNode | BlankNode) -> dict[str, str]:
    found = {name: graph.value(node, predicate) for name, predicate in _SERVICE}
    if isinstance(node, NamedNode):
        found["uri"] = node.value
    return {name: value for name, value in found.items() if value}
