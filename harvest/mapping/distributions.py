"""Rules on how to get at a dataset: exports, attached files, alternative exports."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from catalog.model import Text
from harvest.mapping import wording
from harvest.mapping.addresses import address
from harvest.mapping.draft import Draft
from harvest.mapping.formats import ALWAYS, EXPORTS, SHAPEFILE_LIMIT
from harvest.mapping.labels import APPLICABLE, LEGISLATION
from harvest.mapping.reader import Reader
from harvest.mapping.references import DOCUMENT, PAGE
from harvest.mapping.rights import LICENCE, RIGHTS
from harvest.mapping.statements import Term, iri, node, segment, text
from harvest.mapping.text import one_line
from vocab.formats import FormatMatch, format_for
from vocab.namespaces import DCAT, DCT

DISTRIBUTION, DISTRIBUTION_CLASS = node(DCAT.distribution), node(DCAT.Distribution)
ACCESS_URL, DOWNLOAD_URL = node(DCAT.accessURL), node(DCAT.downloadURL)
TITLE, DESCRIPTION, MODIFIED = node(DCT.title), node(DCT.description), node(DCT.modified)
FORMAT, MEDIA_TYPE = node(DCT["format"]), node(DCAT.mediaType)


def exports(view: Reader, out: Draft) -> None:
    """`has_records` and `features` → one distribution for each export, at the address that aggregators know.

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
        if EXPORTS[name].geographic and not geographic:
            continue
        if name == "shp" and _count(view) > SHAPEFILE_LIMIT:
            continue
        made = distribution(out, name, iri(f"{stem}{name}{out.context.export_suffix.get(name, '')}"))
        out.exports.add(name)
        for predicate, value in _constants(name, out.context.languages):
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
def _constants(name: str, languages: tuple[str, ...]) -> tuple[tuple[Term, Term], ...]:
    """What every export in this format states of itself, in the languages of the catalogue."""
    label = EXPORTS[name].label
    titles = {"fr": f"Export {label}", "en": f"{label} export"}
    words = {
        "fr": f"Tous les enregistrements du jeu de données, au format {label}.",
        "en": f"All records of the dataset, as {label}.",
    }
    found = [
        (p, text(t[lang], lang)) for p, t in ((TITLE, titles), (DESCRIPTION, words)) for lang in languages if lang in t
    ]
    return (*found, *_format_of(format_for(key=name)))


def _format_of(found: FormatMatch) -> Iterator[tuple[Term, Term]]:
    if found.file_type:
        yield FORMAT, iri(found.file_type.iri)
    if found.media_type:
        yield MEDIA_TYPE, iri(found.media_type.iri)


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
    if out.rights:
        out.statements.add(made, RIGHTS, out.rights)
    if out.hvd:
        out.statements.add(made, APPLICABLE, LEGISLATION)
    return made


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────

_DOCUMENTS = frozenset(
    [
        "pdf",
        "doc",
        "docx",
        "odt",
        "rtf",
        "txt",
        "md",
        "html",
        "htm",
        "ppt",
        "pptx",
        "odp",
        "png",
        "jpg",
        "jpeg",
        "gif",
        "svg",
        "webp",
    ]
)
_DOCUMENT_TYPES = frozenset(("application/pdf", "application/msword", "text/html"))


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
            _labels(out, url, file)
        else:
            _file(view, out, "attachments", item, url)


def alternative_exports(view: Reader, out: Draft) -> None:
    """`alternative_exports` → distributions."""
    for item, file in _files(view, "alternative_exports"):
        url = _file_url(view, out, "alternative_exports", file)
        if url is None:
            view.refuse("alternative_exports", wording.NO_FILE, item=item)
        else:
            _file(view, out, "alternative_exports", item, url)


_KINDS = {"attachments": "attachment", "alternative_exports": "alternative"}
_FILE_KEYS = frozenset(("id", "url", "title", "description", "mimetype"))


def _files(view: Reader, path: str) -> Iterator[tuple[int, dict[str, Any]]]:
    value = view.take(path)
    if value is not None and not isinstance(value, list):
        view.refuse(path, wording.WRONG_TYPE)
        return
    for i, one in enumerate(value or []):
        if not isinstance(one, dict):
            view.refuse(path, wording.WRONG_TYPE, item=i)
            continue
        for key in one.keys() - _FILE_KEYS:
            view.refuse(f"{path}.{key}", wording.UNKNOWN_FIELD)
        yield i, one


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
    """The ending of the file's name; the identifier holds it after its last underscore (`notice_pdf`)."""
    for key in ("url", "title"):
        name = file.get(key)
        if isinstance(name, str) and (found := re.search(r"\.([A-Za-z0-9]{1,10})$", name.strip())):
            return found[1].lower()
    name = file.get("id")
    return name.strip().rsplit("_", 1)[-1].lower() if isinstance(name, str) and "_" in name else ""


def _is_document(file: Mapping[str, Any]) -> bool:
    mime = file.get("mimetype")
    stated = mime.split(";")[0].strip() if isinstance(mime, str) else ""
    return _extension(file) in _DOCUMENTS or stated in _DOCUMENT_TYPES


def _labels(out: Draft, thing: Term, file: Mapping[str, Any]) -> None:
    for key, predicate in (("title", TITLE), ("description", DESCRIPTION)):
        value = file.get(key)
        if isinstance(value, str) and (plain := one_line(value)):
            out.statements.add(thing, predicate, text(plain, out.tag))


def _file(view: Reader, out: Draft, path: str, item: int, url: Term) -> None:
    """A distribution keyed by the file's identifier, or by its address where it has none."""
    file = view.get(path)[item]
    name = file.get("id")
    key = name.strip() if isinstance(name, str) and name.strip() else hashlib.sha1(url.encode()).hexdigest()[:12]  # noqa: S324  a key, not a secret
    made = distribution(out, f"{_KINDS[path]}-{key}", url)
    _labels(out, made, file)
    mime = file.get("mimetype")
    stated = mime if isinstance(mime, str) else None
    found = format_for(mimetype=stated, extension=_extension(file) or None, extra=out.context.formats)
    for predicate, value in _format_of(found):
        out.statements.add(made, predicate, value)
    if stated and not (found.file_type or found.media_type):
        why = Text(found.reason.fr, found.reason.en) if found.reason else wording.NO_FORMAT
        view.refuse(f"{path}.mimetype", why, item=item, table="formats")
