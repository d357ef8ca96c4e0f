"""Rules on how to get at a dataset: exports, attached files, alternative exports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from harvest.mapping import wording
from harvest.mapping.addresses import address
from harvest.mapping.draft import Draft
from harvest.mapping.labels import APPLICABLE, LEGISLATION
from harvest.mapping.reader import Reader
from harvest.mapping.references import DOCUMENT, LABEL, PAGE
from harvest.mapping.rights import LICENCE, RIGHTS
from harvest.mapping.statements import Term, iri, node, segment, text
from harvest.mapping.text import one_line
from vocab.formats import format_for
from vocab.namespaces import DCAT, DCT
from vocab.terms import table

DISTRIBUTION, DISTRIBUTION_CLASS = node(DCAT.distribution), node(DCAT.Distribution)
ACCESS_URL, DOWNLOAD_URL = node(DCAT.accessURL), node(DCAT.downloadURL)
TITLE, DESCRIPTION, MODIFIED = node(DCT.title), node(DCT.description), node(DCT.modified)
FORMAT, MEDIA_TYPE, PACKAGE = node(DCT["format"]), node(DCAT.mediaType), node(DCAT.packageFormat)

SHAPEFILE_LIMIT = 50_000
"""OpenDataSoft makes no shapefile of more records than that."""


@dataclass(frozen=True, slots=True)
class Export:
    """One export format of the Explore API: its EU file type and IANA media type, and whether only maps have it."""

    file_type: str
    media_type: str
    label: str
    geographic: bool = False
    package: str = ""


EXPORTS: Mapping[str, Export] = MappingProxyType(
    {
        "csv": Export("CSV", "text/csv", "CSV"),
        "json": Export("JSON", "application/json", "JSON"),
        "geojson": Export("GEOJSON", "application/geo+json", "GeoJSON", geographic=True),
        "shp": Export("SHP", "application/vnd.shp", "Shapefile", geographic=True, package="application/zip"),
        "fgb": Export("", "", "FlatGeobuf", geographic=True),
        "gpx": Export("GPX", "application/gpx+xml", "GPX", geographic=True),
        "jsonl": Export("", "application/jsonl", "JSON Lines"),
        "jsonld": Export("JSON_LD", "application/ld+json", "JSON-LD"),
        "kml": Export("KML", "application/vnd.google-earth.kml+xml", "KML", geographic=True),
        "n3": Export("N3", "text/n3", "N3"),
        "ov2": Export("", "", "OV2", geographic=True),
        "parquet": Export("PARQUET", "application/vnd.apache.parquet", "Parquet"),
        "rdfxml": Export("RDF_XML", "application/rdf+xml", "RDF/XML"),
        "shp.zip": Export("SHP", "application/zip", "Shapefile", geographic=True),
        "turtle": Export("RDF_TURTLE", "text/turtle", "Turtle"),
        "xlsx": Export("XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel"),
    }
)
ALWAYS = ("csv", "json", "geojson", "shp")
"""What data.gouv.fr holds of every OpenDataSoft portal (aggregators.md, 1.1.7)."""


def exports(view: Reader, out: Draft) -> None:
    """`has_records` and `features` → one distribution for each export, its address byte for byte as aggregators know it.

    csv and json always, geojson and shp where there is geometry (shp up to 50,000 records), then the source's own
    additional formats: each address becomes a resource that data.gouv.fr never removes.
    """
    if view.take("has_records") is not True:
        return
    if not out.portal:
        view.refuse("has_records", wording.NO_PORTAL)
        return
    geographic = _is_geographic(view)
    stem = f"{out.portal}/api/explore/v2.1/catalog/datasets/{segment(view.record.id)}/exports/"
    for name in dict.fromkeys((*ALWAYS, *out.context.exports)):
        export = EXPORTS.get(name)
        if export is None or (export.geographic and not geographic):
            continue
        if name == "shp" and _count(view) > SHAPEFILE_LIMIT:
            continue
        made = distribution(out, name, iri(f"{stem}{name}{out.context.export_suffix.get(name, '')}"))
        out.exports.add(name)
        for predicate, value in _constants(name):
            out.statements.add(made, predicate, value)
        if out.processed:
            out.statements.add(made, MODIFIED, out.processed)


def _is_geographic(view: Reader) -> bool:
    """Whether the portal has geometry; notes the features that say so, each once."""
    features = view.get("features")
    if not isinstance(features, list):
        return False
    for i, feature in enumerate(features):
        if feature == "geo":
            view.claim("features", item=i)
    return "geo" in features


def _count(view: Reader) -> int:
    count = view.get("default.records_count")
    return count if isinstance(count, int) else 0


@cache
def _constants(name: str) -> tuple[tuple[Term, Term], ...]:
    """What every export in this format states of itself."""
    export = EXPORTS[name]
    found = [
        (TITLE, text(f"Export {export.label}", "fr")),
        (TITLE, text(f"{export.label} export", "en")),
        (DESCRIPTION, text(f"Tous les enregistrements du jeu de données, au format {export.label}.", "fr")),
        (DESCRIPTION, text(f"All records of the dataset, as {export.label}.", "en")),
    ]
    known = table("file-type").by_code(export.file_type) if export.file_type else None
    if known:
        found.append((FORMAT, iri(known.iri)))
    for predicate, name_ in ((MEDIA_TYPE, export.media_type), (PACKAGE, export.package)):
        media = table("media-type").find(name_) if name_ else None
        if media:
            found.append((predicate, iri(media.iri)))
    return tuple(found)


def distribution(out: Draft, key: str, url: Term, *, download: bool = True) -> Term:
    """A distribution with the licence, rights and legislation of its dataset; `download` for a file, not a page."""
    made = out.below("distribution", key)
    out.add(DISTRIBUTION, made)
    out.statements.typed(made, DISTRIBUTION_CLASS)
    out.statements.add(made, ACCESS_URL, url)
    if download:
        out.statements.add(made, DOWNLOAD_URL, url)
    if out.licence:
        out.statements.add(made, LICENCE, out.licence)
    for one in out.rights:
        out.statements.add(made, RIGHTS, one)
    if out.hvd:
        out.statements.add(made, APPLICABLE, LEGISLATION)
    return made


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────

_DOCUMENTS = frozenset(
    "pdf doc docx odt rtf txt md html htm ppt pptx odp png jpg jpeg gif svg webp".split()
)


def attachments(view: Reader, out: Draft) -> None:
    """`attachments` → distributions; documents of a dataset that has records are `foaf:page`.

    A notice among the distributions would lower the dataset's score at data.europa.eu.
    """
    for item, file in _files(view, "attachments"):
        url = _file_url(view, out, "attachments", file)
        if url is None:
            view.refuse("attachments", wording.NO_FILE, item=item)
        elif view.get("has_records") is True and _is_document(file):
            out.add(PAGE, url)
            out.statements.typed(url, DOCUMENT)
            if title := _title(file):
                out.statements.add(url, LABEL, text(title, out.tag))
        else:
            _file(out, "attachment", file, url)


def alternative_exports(view: Reader, out: Draft) -> None:
    """`alternative_exports` → distributions."""
    for item, file in _files(view, "alternative_exports"):
        url = _file_url(view, out, "alternative_exports", file)
        if url is None:
            view.refuse("alternative_exports", wording.NO_FILE, item=item)
        else:
            _file(out, "alternative", file, url)


def _files(view: Reader, path: str) -> Iterator[tuple[int, dict[str, Any]]]:
    value = view.take(path)
    if value is not None and not isinstance(value, list):
        view.refuse(path, wording.WRONG_TYPE)
        return
    for i, one in enumerate(value or []):
        if isinstance(one, dict):
            yield i, one
        else:
            view.refuse(path, wording.WRONG_TYPE, item=i)


def _file_url(view: Reader, out: Draft, kind: str, file: Mapping[str, Any]) -> Term | None:
    """Where the file is downloaded: its own web address, else the portal's for its identifier. Never `odsfile://`."""
    own = file.get("url")
    if isinstance(own, str) and own.startswith(("http://", "https://")) and (found := address(own)):
        return found
    name = file.get("id")
    if not out.portal or not isinstance(name, str) or not name.strip():
        return None
    path = out.context.attachment_path.format(
        dataset_id=segment(view.record.id), kind=kind, file_id=segment(name.strip())
    )
    return iri(out.portal + path)


def _extension(file: Mapping[str, Any]) -> str:
    for key in ("url", "title", "id"):
        name = file.get(key)
        if isinstance(name, str) and "." in name.rsplit("/", 1)[-1]:
            return name.rsplit(".", 1)[-1].lower().split("?")[0]
    name = file.get("id")
    return name.rsplit("_", 1)[-1].lower() if isinstance(name, str) and "_" in name else ""


def _is_document(file: Mapping[str, Any]) -> bool:
    mime = file.get("mimetype")
    if _extension(file) in _DOCUMENTS:
        return True
    return isinstance(mime, str) and mime.split(";")[0].strip() in ("application/pdf", "application/msword", "text/html")


def _title(file: Mapping[str, Any]) -> str:
    title = file.get("title")
    return one_line(title) if isinstance(title, str) else ""


def _file(out: Draft, kind: str, file: Mapping[str, Any], url: Term) -> None:
    name = file.get("id")
    key = name.strip() if isinstance(name, str) and name.strip() else url
    made = distribution(out, f"{kind}-{key}" if key != url else f"{kind}-{_digest(url)}", url)
    if title := _title(file):
        out.statements.add(made, TITLE, text(title, out.tag))
    words = file.get("description")
    if isinstance(words, str) and (plain := one_line(words)):
        out.statements.add(made, DESCRIPTION, text(plain, out.tag))
    _format(out, made, file)
