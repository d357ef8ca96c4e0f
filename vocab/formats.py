"""Formats: what a distribution is, as an EU file type and an IANA media type.

The two answer different questions: a zipped shapefile is of file type SHP, and comes as `application/zip`. A media
type that IANA has not registered gives none: DCAT-AP wants the registered IRI.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs, unquote, urlsplit

from .alignment import REASONS, REMEMBERED, Alignment, Line, Reason, builtin, city_match, resolve
from .alignment import key as index
from .terms import Term, table

FILE_TYPES = "file-type"
MEDIA_TYPES = "media-type"

_EXPORTED_AS_ZIP = frozenset({"shp"})
"""Export keys of OpenDataSoft whose answer is an archive."""


@dataclass(frozen=True, slots=True)
class FormatMatch:
    """The EU file type and the IANA media type; `rule` is how the file type was found, `reason` why it was not."""

    file_type: Term | None
    media_type: Term | None
    rule: str = ""
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class _Format:
    """What one value says."""

    file_type: Term | None = None
    media_type: Term | None = None
    rule: str = ""
    reason: Reason | None = None


_NOTHING = _Format(reason=REASONS["missing"])


def format_for(
    *,
    key: str | None = None,
    mimetype: str | None = None,
    extension: str | None = None,
    label: str | None = None,
    url: str | None = None,
    extra: Mapping[str, str] | None = None,
) -> FormatMatch:
    """The format that the values state together; each may be missing.

    `key` is an export key of OpenDataSoft, `extension` a file's ending with or without its dot, `label` a portal's
    format field. The file type comes from the first that knows: the city's line for the label, the media type or the
    extension; the key; the label; the extension; the address; the media type. The media type is the stated one where
    it is registered and says more than "bytes"; else the one that the file type is registered with.
    """
    own = _city((label, mimetype, extension, key), extra)
    if own is not None:
        return own
    if key:
        return _match(_export(key.strip().lower()), _NOTHING)
    names = [_name(one) for one in (label, extension) if one and one.strip()]
    if url:
        names.append(_address(url))
    stated = _name(mimetype) if mimetype and mimetype.strip() else _NOTHING
    return _match(_first([*names, stated]), stated)


def _city(values: tuple[str | None, ...], extra: Mapping[str, str] | None) -> FormatMatch | None:
    for value in values:
        own = city_match(FILE_TYPES, value, extra) if extra and value else None
        if own is not None:
            media = _usual_media_type(own.term)
            return FormatMatch(own.term, media, own.rule, own.reason)
    return None


def _first(formats: list[_Format]) -> _Format:
    """The first that has a file type; else the first that says why not."""
    for one in formats:
        if one.file_type:
            return one
    told = [one for one in formats if one.reason and one.reason.code not in ("missing", "unknown")]
    return next(iter([*told, *formats]), _NOTHING)


_PACKED_AS = frozenset({"application/zip", "application/gzip"})


def _match(best: _Format, stated: _Format) -> FormatMatch:
    """A stated media type that belongs to another file type is a server's mistake, unless it says how it is packed."""
    media = best.media_type
    if stated.media_type is not None:
        packed = stated.media_type.code in _PACKED_AS
        agrees = stated.file_type == best.file_type
        if packed or agrees or (media is None and stated.file_type is None):
            media = stated.media_type
    return FormatMatch(best.file_type, media, best.rule, best.reason)


def _export(name: str) -> _Format:
    found = _name(name)
    if name in _EXPORTED_AS_ZIP:
        return _Format(found.file_type, resolve(MEDIA_TYPES, "application/zip"), found.rule)
    return found


@lru_cache(REMEMBERED)
def _name(value: str) -> _Format:
    """A word, an extension, a media type or an IRI of either list."""
    word = _IANA.sub("", value.strip()).split(";")[0].strip()
    if "://" in word:
        return _file_type_iri(word)
    if "/" in word:
        return _media_type(word)
    line = builtin("formats").get(index(word))
    ogc = _OGC.match(word)
    if line is None:
        return _name(ogc[1]) if ogc else _own(word)
    return _of_line(line, _registered(line.also))


def _media_type(word: str) -> _Format:
    """A media type: itself where it is registered and not obsolete, else the one that our table puts in its place."""
    line = builtin("formats").get(index(word))
    own = None if word.lower() in _OBSOLETE else _registered(word)
    if line is None:
        return _Format(None, own, "", REASONS["unknown"])
    return _of_line(line, own or _registered(line.also))


def _of_line(line: Line, media: Term | None) -> _Format:
    if line.targets:
        return _Format(resolve(FILE_TYPES, line.targets[0]), media, "table")
    return _Format(None, media, "", REASONS[line.reason])


def _file_type_iri(iri: str) -> _Format:
    """A term's own IRI; or an IRI that somebody built by adding his own word to the list's."""
    found = Alignment(FILE_TYPES, {}).match(iri)
    if found.term is not None:
        return _Format(found.term, _usual_media_type(found.term), found.rule)
    if "/file-type/" in iri:
        return _name(iri.rsplit("/", 1)[-1])
    line = builtin("formats").get(index(iri))
    return _of_line(line, _registered(line.also)) if line else _Format(reason=REASONS["unknown"])


_IANA = re.compile(r"^https?://www\.iana\.org/assignments/media-types/(?=.)", re.IGNORECASE)
_OGC = re.compile(r"(?:OGC|GLG):(WMS|WFS|WMTS|WCS|KML)\b", re.IGNORECASE)
_OBSOLETE = frozenset({"application/vnd.geo+json", "application/javascript"})
"""Registered, and replaced by another registration since (RFC 7946, RFC 9239)."""


def _own(word: str) -> _Format:
    """A code or a label of the EU list that our table does not repeat."""
    found = Alignment(FILE_TYPES, {}).match(word)
    return _Format(found.term, _usual_media_type(found.term), found.rule, found.reason)


def _usual_media_type(file_type: Term | None) -> Term | None:
    """The registered media type that files of this type have."""
    for name in (file_type.code, file_type.en, file_type.en.split()[-1]) if file_type else ():
        line = builtin("formats").get(index(name))
        if line and file_type and line.targets == (file_type.code,) and line.also:
            return _registered(line.also)
    return None


_VAGUE = frozenset({"application/octet-stream"})


def _registered(media_type: str) -> Term | None:
    """The media type, if IANA lists it and it says more than that there are bytes."""
    found = table(MEDIA_TYPES).by_code(media_type)
    return None if found is None or found.code in _VAGUE else found


_EXPORT = re.compile(r"/(?:exports|alternative_exports)/(?P<key>[a-z0-9]+)/?$")
_ENDING = re.compile(r"\.(?P<ending>[A-Za-z0-9]{1,10})$")
_PACKED = re.compile(r"[._-](?P<ending>[A-Za-z0-9]{2,10}\.(?:zip|gz|gzip))$")
_SERVICES = frozenset({"wms", "wfs", "wmts", "wcs"})


@lru_cache(REMEMBERED)
def _address(url: str) -> _Format:
    """What an address says of itself: an OpenDataSoft export, an OGC service, a file's ending, a `format` argument."""
    try:
        parts = urlsplit(url.strip())
        arguments = {name.lower(): values[-1] for name, values in parse_qs(parts.query).items()}
    except ValueError:
        return _NOTHING
    export = _EXPORT.search(parts.path)
    if export:
        return _export(export["key"])
    if arguments.get("service", "").lower() in _SERVICES and "outputformat" not in arguments:
        return _name(arguments["service"])
    for found in _endings(unquote(parts.path).rsplit("/", 1)[-1], parts.path, arguments):
        if found.file_type:
            return found
    return _NOTHING


def _endings(file: str, path: str, arguments: Mapping[str, str]) -> list[_Format]:
    packed, single = _PACKED.search(f"-{file}"), _ENDING.search(file)
    stated = arguments.get("format") or arguments.get("outputformat") or ""
    exported = _export if path.rstrip("/").endswith("/download") else _name
    return [
        *([_name(packed["ending"].lower())] if packed else []),
        *([exported(stated.lower())] if stated else []),
        *([_name(single["ending"].lower())] if single else []),
    ]
