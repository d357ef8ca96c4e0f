"""Where and when the data of a DCAT-US dataset are of."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pyoxigraph import NamedNode

from harvest.graph.sketch import Sketch
from harvest.mapping.dcat_us_periods import interval
from harvest.ods_record import is_empty
from harvest.repair.iris import is_valid
from vocab.namespaces import DCAT, DCT, LOCN, SKOS

Dataset = Mapping[str, Any]


def listed(value: Any) -> Iterator[tuple[int, Any]]:
    """The values of a field that holds one or several, with their places."""
    for i, one in enumerate(value if isinstance(value, list) else [value]):
        if not is_empty(one):
            yield i, one


def places(data: Dataset, to: Sketch) -> None:
    """`spatial`: sides of a box, GeoJSON, WKT or the name of a place; in DCAT-US 3 an object with all of these."""
    value = data.get("spatial")
    if isinstance(value, dict) and "coordinates" in value:  # GeoJSON by itself
        to.say(to.root, DCT.spatial, box(value), "spatial")
        return
    for i, one in listed(value):
        item = i if isinstance(value, list) else None
        if not isinstance(one, dict):
            if not isinstance(value, list) or isinstance(one, str):
                to.say(to.root, DCT.spatial, box(one), "spatial", item)
            continue
        if "coordinates" in one:
            to.say(to.root, DCT.spatial, box(one), "spatial", item)
            continue
        node = (
            NamedNode(one["@id"]) if is_valid(str(one.get("@id") or "")) and ":" in str(one.get("@id")) else to.blank()
        )
        to.link(to.root, DCT.spatial, node)
        to.typed(node, DCT.Location)
        to.text(node, SKOS.prefLabel, one.get("prefLabel") or one.get("label"), "spatial.prefLabel", item)
        for predicate, key in ((LOCN.geometry, "geometry"), (DCAT.bbox, "bbox"), (DCAT.centroid, "centroid")):
            to.say(node, predicate, one.get(key), f"spatial.{key}", item)
    if isinstance(value, list) and value and not any(isinstance(one, str | dict) for one in value):
        to.say(to.root, DCT.spatial, box(json.dumps(value)), "spatial")


def box(value: Any) -> Any:
    """Two corners written as JSON become west, south, east, north; other values stay as they are.

    ArcGIS writes longitude first, as GeoJSON does; some federal catalogues write latitude first, which shows where
    the second number of a corner is no latitude.
    """
    if isinstance(value, dict):
        return json.dumps(value)
    if not isinstance(value, str) or not value.strip().startswith("["):
        return value
    try:
        corners = json.loads(value)
    except (ValueError, RecursionError):
        return value
    if not (
        isinstance(corners, list)
        and len(corners) == 2
        and all(isinstance(c, list) and len(c) == 2 and all(type(n) in (int, float) for n in c) for c in corners)
    ):
        return value
    (a, b), (c, d) = corners
    if max(abs(b), abs(d)) > 90 >= max(abs(a), abs(c)):
        a, b, c, d = b, a, d, c
    return f"{min(a, c)},{min(b, d)},{max(a, c)},{max(b, d)}"


def periods(data: Dataset, to: Sketch) -> None:
    """`temporal`: `start/end`, a start and a duration; in DCAT-US 3 objects with a start and an end."""
    value = data.get("temporal")
    for i, one in listed(value):
        item = i if isinstance(value, list) else None
        if isinstance(one, dict):
            node = to.blank()
            to.link(to.root, DCT.temporal, node)
            to.say(node, DCAT.startDate, one.get("startDate"), "temporal.startDate", item)
            to.say(node, DCAT.endDate, one.get("endDate"), "temporal.endDate", item)
            continue
        period = interval(one) if isinstance(one, str) else None
        if period is None:
            to.say(to.root, DCT.temporal, one, "temporal", item)
        else:
            node = to.blank()
            to.link(to.root, DCT.temporal, node)
            for predicate, day in zip((DCAT.startDate, DCAT.endDate), period, strict=True):
                to.say(node, predicate, day, "temporal", item)
