"""Where a dataset is about, in the extras that CKAN's and udata's readers know."""

from __future__ import annotations

import json
import re
from typing import Any

from pyoxigraph import Literal, NamedNode

from api.ckan.values import Graph
from api.preview.geometry import from_wkt
from vocab.namespaces import DCAT, DCT, GEO, LOCN, RDFS, SKOS

_CRS84 = re.compile(r"\A\s*<http://www\.opengis\.net/def/crs/OGC/1\.3/CRS84>")
"""What WKT literals begin with that say their system, which is the default one (GeoSPARQL 1.1, section 8.5.1)."""
_AREAS = ("Polygon", "MultiPolygon")
"""The geometries that udata reads; it refuses a package with another one."""


def places(graph: Graph, node: NamedNode) -> dict[str, str]:
    """`spatial`, an area as GeoJSON; `spatial_uri`, a place of a register; `spatial_text`, what it is called."""
    found: dict[str, str] = {}
    for place in graph.nodes(node, DCT.spatial):
        own = not isinstance(place, NamedNode) or place.value.startswith(f"{node.value}/")
        if not own:
            found.setdefault("spatial_uri", place.value)
        label = graph.text(place, SKOS.prefLabel) or graph.text(place, RDFS.label)
        if label:
            found.setdefault("spatial_text", label)
        for predicate in (DCAT.bbox, LOCN.geometry):
            for value in graph.reading.objects(place, predicate):
                if area := _area(value):
                    found.setdefault("spatial", json.dumps(area))
    return found


def _area(value: object) -> dict[str, Any] | None:
    if not isinstance(value, Literal):
        return None
    if value.datatype == GEO.wktLiteral:
        shape = from_wkt(_CRS84.sub("", value.value).strip().upper())
    else:
        try:
            shape = json.loads(value.value)
        except (ValueError, RecursionError):
            return None
    return shape if isinstance(shape, dict) and shape.get("type") in _AREAS else None
