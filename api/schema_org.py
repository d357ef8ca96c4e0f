"""schema.org's description of a dataset, as Google Dataset Search reads it in the dataset's page.

https://developers.google.com/search/docs/appearance/structured-data/dataset: a name, a description of 50 to 5000
characters, and what else is known. Nothing is invented: what the metadata do not say is left out, and a description
that is too short is followed by what the metadata say otherwise.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from markupsafe import Markup
from pyoxigraph import Literal, NamedNode

from api.reading import Reading
from api.rendering import linkable
from catalog.identifiers import Minter
from catalog.settings import Settings
from vocab.namespaces import AUTHORITY, DCAT, DCT, FOAF, SKOS, VCARD
from vocab.text import Text

SHORTEST, LONGEST = 50, 5000
"""Characters of a description."""
_PUBLISHED_BY = Text("Jeu de données publié par", "A dataset published by")
_PUBLIC = f"{AUTHORITY.base}access-right/PUBLIC"
_ESCAPED = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def script(value: dict[str, Any]) -> Markup:
    """The value as JSON that may stand in a script element: nothing in it can end the element (HTML, 4.12.1.3)."""
    return Markup(json.dumps(value, ensure_ascii=False, indent=1).translate(_ESCAPED))  # noqa: S704  escaped for its place


def dataset(
    settings: Settings, reading: Reading, node: NamedNode, address: str, dates: Iterable[str]
) -> dict[str, Any]:
    """The description of a dataset, in the language of the reading.

    `address` is that of its page; `dates` are when the catalogue first published it and when it last changed it, which
    stand in where its own metadata say no such dates.
    """
    lang, base = reading.lang, settings.catalog.base
    first, last = (*dates, "", "")[:2]
    publisher = [_organisation(reading, one) for one in reading.objects(node, DCT.publisher)]
    creator = [_organisation(reading, one) for one in reading.objects(node, DCT.creator)]
    licences = _addresses(reading, node, DCT.license) or _addresses(reading, node, DCAT.distribution, DCT.license)
    site = settings.catalog.title.get(lang) or next(iter(settings.catalog.title.values()), "")
    found: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": node.value,
        "name": reading.name(node).label,
        "description": _description(reading, node, publisher),
        "url": address,
        "identifier": list(dict.fromkeys([node.value, *reading.texts(node, DCT.identifier)])),
        "sameAs": _addresses(reading, node, DCAT.landingPage),
        "alternateName": reading.texts(node, DCT.alternative),
        "license": licences,
        "creator": creator or publisher,
        "publisher": publisher,
        "keywords": list(dict.fromkeys((*reading.texts(node, DCAT.keyword), *_labels(reading, node, DCAT.theme)))),
        "inLanguage": [code for one in reading.objects(node, DCT.language) if (code := _code(one))],
        "datePublished": reading.text(node, DCT.issued) or first,
        "dateModified": reading.text(node, DCT.modified) or last,
        "version": reading.text(node, DCAT.version),
        "temporalCoverage": [t for one in reading.objects(node, DCT.temporal) if (t := _interval(reading, one))],
        "spatialCoverage": [p for one in reading.objects(node, DCT.spatial) if (p := _place(reading, one))],
        "isAccessibleForFree": True if _public(reading, node) else None,
        "includedInDataCatalog": {"@type": "DataCatalog", "@id": Minter(base).catalog, "name": site, "url": base},
        "distribution": [_download(reading, one) for one in sorted(_named(reading, node), key=lambda n: n.value)],
    }
    return _told(found)


def _told(found: dict[str, Any]) -> dict[str, Any]:
    """What is not empty; one value stands alone."""
    short = {k: v[0] if isinstance(v, list) and len(v) == 1 else v for k, v in found.items()}
    return {k: v for k, v in short.items() if v not in (None, "", [], {})}


def _description(reading: Reading, node: NamedNode, publisher: list[dict[str, Any]]) -> str:
    text = " ".join(reading.text(node, DCT.description).split())
    if len(text) < SHORTEST:
        by = ", ".join(one["name"] for one in publisher if one.get("name"))
        words = ", ".join(reading.texts(node, DCAT.keyword))
        more = (reading.name(node).label, by and f"{_PUBLISHED_BY.of(reading.lang)} {by}", words)
        sentences = [s for s in (text, *more) if s and s != text] if text else [s for s in more if s]
        text = " – ".join(dict.fromkeys(([text] if text else []) + sentences))
    if len(text) > LONGEST:
        text = text[: LONGEST - 1].rsplit(" ", 1)[0] + "…"
    return text


def _organisation(reading: Reading, node: object) -> dict[str, Any]:
    pages = [page for page in _addresses(reading, node, FOAF.homepage) if linkable(page)]
    iri = node.value if isinstance(node, NamedNode) else ""
    mail = reading.address(node, FOAF.mbox) or reading.address(node, VCARD.hasEmail)
    found = {"@type": "Organization", "@id": iri, "name": reading.name(node).label, "url": pages[:1]}
    return _told({**found, "email": mail.removeprefix("mailto:")})


def _addresses(reading: Reading, node: object, *path: NamedNode) -> list[str]:
    return sorted(str(o.value) for o in reading.objects(node, *path) if isinstance(o, NamedNode) and linkable(o.value))


def _labels(reading: Reading, node: object, *path: NamedNode) -> list[str]:
    return [named.label for named in reading.named(node, *path)]


def _code(language: object) -> str:
    """The BCP 47 code of a language of the EU's list."""
    code = language.value.rpartition("/")[2] if isinstance(language, NamedNode) else ""
    return _CODES.get(code, code.lower() if len(code) == 3 else "")


_CODES = {"FRA": "fr", "ENG": "en", "DEU": "de", "SPA": "es", "ITA": "it", "OCI": "oc", "POR": "pt", "NLD": "nl"}


def _interval(reading: Reading, node: object) -> str:
    """A period as ISO 8601 writes it, open where an end is not known."""
    begin, end = reading.text(node, DCAT.startDate), reading.text(node, DCAT.endDate)
    return f"{begin or '..'}/{end or '..'}" if begin or end else ""


def _place(reading: Reading, node: object) -> dict[str, Any] | None:
    name = reading.name(node).label if isinstance(node, NamedNode) else ""
    named = any(reading.text(node, p) for p in (SKOS.prefLabel, DCT.title))
    box = next((b for o in reading.objects(node, DCAT.bbox) if (b := _box(o))), "")
    found = {
        "@type": "Place",
        "name": name if named or not box else "",
        "geo": box and {"@type": "GeoShape", "box": box},
    }
    return _told(found) if found["name"] or box else None


def _box(bbox: object) -> str:
    """South-west and north-east corner, latitude first; empty for what is no geometry in degrees."""
    points = _points(str(bbox.value)) if isinstance(bbox, Literal) else []
    if not points or not all(abs(x) <= 180 and abs(y) <= 90 for x, y in points):
        return ""
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return f"{min(ys):g} {min(xs):g} {max(ys):g} {max(xs):g}"


def _points(geometry: str) -> list[tuple[float, float]]:
    """The points of a geometry in GeoJSON or WKT, longitude first; none in a reference system that is not known."""
    if geometry.lstrip().startswith("{"):
        try:
            return list(_pairs(json.loads(geometry).get("coordinates")))
        except (ValueError, AttributeError, OverflowError, RecursionError):
            return []
    system, _, rest = geometry.strip().removeprefix("<").partition(">")
    if not rest:
        system, rest = "", geometry
    try:
        points = [(float(x), float(y)) for x, y, *_ in map(str.split, _positions(rest))]
    except ValueError:
        return []
    if system.endswith("/EPSG/0/4326"):
        return [(x, y) for y, x in points]
    return points if not system or system.endswith("/CRS84") else []


def _positions(wkt: str) -> list[str]:
    """The texts between the parentheses and commas of WKT."""
    return [text for text in re.split(r"[(),]", wkt.partition("(")[2]) if text.strip()]


def _pairs(coordinates: object) -> Iterator[tuple[float, float]]:
    if isinstance(coordinates, list):
        if len(coordinates) > 1 and all(isinstance(n, int | float) for n in coordinates):
            yield float(coordinates[0]), float(coordinates[1])
        else:
            for one in coordinates:
                yield from _pairs(one)


def _public(reading: Reading, node: NamedNode) -> bool:
    """Whether the metadata say that anybody may have it."""
    return NamedNode(_PUBLIC) in reading.objects(node, DCT.accessRights)


def _named(reading: Reading, node: NamedNode) -> list[NamedNode]:
    return [d for d in reading.objects(node, DCAT.distribution) if isinstance(d, NamedNode)]


def _download(reading: Reading, node: NamedNode) -> dict[str, Any]:
    types = _addresses(reading, node, DCAT.mediaType)
    formats = [t.partition("/media-types/")[2] for t in types if "/media-types/" in t]
    address = _addresses(reading, node, DCAT.downloadURL) or _addresses(reading, node, DCAT.accessURL)
    size = reading.text(node, DCAT.byteSize)
    found = {
        "@type": "DataDownload",
        "@id": node.value,
        "name": reading.text(node, DCT.title),
        "contentUrl": address[:1],
        "encodingFormat": formats[:1] or _labels(reading, node, DCT["format"])[:1],
        "contentSize": f"{size} B" if size else "",
        "license": _addresses(reading, node, DCT.license)[:1],
        "dateModified": reading.text(node, DCT.modified),
    }
    return _told(found)
