"""Reading RDF that somebody hands in: any format, by its suffix and else by its look, with errors that help.

Parsing is strict, stays on this machine (a remote JSON-LD context is refused, `owl:imports` are not followed), and
keeps literals exactly as written, but for language tags, which the parser lower-cases.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, TypeVar

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from shapes import nesting
from shapes.parser_words import broken, french
from shapes.text import Text
from vocab.errors import InputInvalid, UsageError

LIMIT = 200 * 1024 * 1024
"""Bytes that a document may have unless the caller allows more."""

Fetch = Callable[[str, int], tuple[bytes, str]]
"""Gets a URL: (url, most bytes) to (body, content type)."""

SUFFIXES = {
    "ttl": RdfFormat.TURTLE,
    "turtle": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "nq": RdfFormat.N_QUADS,
    "trig": RdfFormat.TRIG,
    "n3": RdfFormat.N3,
    "rdf": RdfFormat.RDF_XML,
    "xml": RdfFormat.RDF_XML,
    "owl": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
    "json": RdfFormat.JSON_LD,
}
"""Which format a file name's ending announces."""

SNIFFED = 65536  # bytes looked at to recognise a format


@dataclass(frozen=True)
class Document:
    """A document as read: where from, in which format, its statements (all named graphs together), its size in bytes.

    `sha256` is that of its bytes as they came. `notes` are remarks for the reader, such as a format that its name did
    not announce.
    """

    name: str
    format: str
    triples: tuple[Triple, ...]
    size: int
    notes: tuple[Text, ...] = ()
    sha256: str = ""


def read(place: str, *, limit: int = LIMIT, fetch: Fetch | None = None, blank: str = "") -> Document:
    """The document at `place`: a file, `-` for the standard input, or an http(s) URL where `fetch` is given.

    `blank` begins the label of every blank node, so that several documents can be put together; those that the
    document leaves unnamed are numbered. Raises `UsageError` for a folder and for a URL without `fetch`, and
    `InputInvalid` for everything that cannot be read.
    """
    if place.startswith(("http://", "https://")):
        return _fetched(place, limit, fetch, blank)
    body = content(place, limit=limit)
    if place == "-":
        return parsed(body, name="standard input", blank=blank)
    return parsed(body, name=place, suffix=Path(place).suffix, base=base_of(place), blank=blank)


def content(place: str, *, limit: int = LIMIT) -> bytes:
    """The bytes of a file, or of the standard input for `-`; raises as `read` does."""
    if place == "-":
        return _whole(sys.stdin.buffer.read(limit + 1), "standard input", limit)
    return _file(Path(place), limit)


def base_of(place: str) -> str:
    """The IRI that relative IRIs in a file are relative to: its own."""
    return Path(place).resolve().as_uri()


def _fetched(url: str, limit: int, fetch: Fetch | None, blank: str) -> Document:
    if fetch is None:
        raise UsageError("a URL cannot be read here.", what=url, hint="Give a file, or `-` for the standard input.")
    body, content_type = fetch(url, limit)
    media = content_type.split(";")[0].strip().lower()
    announced = RdfFormat.from_media_type(media) if media not in ("", "text/plain", "application/xml") else None
    suffix = announced.file_extension if announced else Path(url.split("?")[0]).suffix
    return parsed(_whole(body, url, limit), name=url, suffix=suffix, base=url, blank=blank)


def _file(path: Path, limit: int) -> bytes:
    if path.is_dir():
        raise UsageError("this is a folder.", what=str(path), hint=_inside(path))
    try:
        with path.open("rb") as stream:
            if path.is_file() and path.stat().st_size > limit:
                raise _too_large(str(path), limit)
            return _whole(stream.read(limit + 1), str(path), limit)
    except FileNotFoundError:
        hint = "Check the spelling and the current folder."
        raise InputInvalid("there is no such file.", what=str(path), hint=hint) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputInvalid(f"the file cannot be read: {reason}.", what=str(path), hint="Check its rights.") from None


def _inside(folder: Path) -> str:
    names = sorted(p.name for p in folder.iterdir() if p.suffix.lstrip(".").lower() in SUFFIXES)[:5]
    return f"Name the files, such as {', '.join(names)}." if names else "Name a file; no RDF file lies in this folder."


def _whole(body: bytes, name: str, limit: int) -> bytes:
    if len(body) > limit:
        raise _too_large(name, limit)
    return body


def _too_large(name: str, limit: int) -> InputInvalid:
    return InputInvalid(
        f"it is larger than {limit / 1024 / 1024:.3g} MiB.",
        what=name,
        hint="Raise the limit with --max-size, or validate it in parts.",
        french=f"il dépasse {limit / 1024 / 1024:.3g} Mio.",
        french_hint="Vérifiez-le en plusieurs parties.",
    )


def parsed(body: bytes, *, name: str, suffix: str = "", base: str | None = None, blank: str = "") -> Document:
    """The document in `body`; the format is the one that `suffix` announces if it parses, else the one it looks like.

    Raises `InputInvalid` with line and column where the parser knows them.
    """
    if not body.strip(b"\xef\xbb\xbf \t\r\n"):
        raise InputInvalid(
            "it is empty.",
            what=name,
            hint=f"Expected RDF: {_formats()}.",
            french="il est vide.",
            french_hint=f"Du RDF est attendu\u00a0: {_formats()}.",
        )
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputInvalid(
            "it is written in UTF-16.",
            what=name,
            hint="Save it as UTF-8.",
            french="il est écrit en UTF-16.",
            french_hint="Enregistrez-le en UTF-8.",
        )
    source = _Source(name, base, blank, hashlib.sha256(body).hexdigest(), len(body))
    body = body.removeprefix(b"\xef\xbb\xbf")
    announced = SUFFIXES.get(suffix.lstrip(".").lower())
    looks = sniffed(body)
    if looks is None and (announced is None or body[:SNIFFED].lstrip().lower().startswith(_NEVER_RDF)):
        raise _not_rdf(body, name)
    if announced is not None and (looks is None or looks == announced):
        return _document(body, announced, source)
    assert looks is not None  # noqa: S101 - the first test left no other case
    if announced is None:
        return _document(body, looks, source)
    return _either(body, announced, looks, source)


class _Source(NamedTuple):
    """What is known of a document beside its bytes."""

    name: str
    base: str | None
    blank: str
    sha256: str
    size: int


def _either(body: bytes, announced: RdfFormat, looks: RdfFormat, source: _Source) -> Document:
    """Name and look disagree: the name is believed first (N-Triples is Turtle as well), then the look."""
    try:
        return _document(body, announced, source)
    except InputInvalid as first:
        if {announced, looks} <= _ALIKE:
            raise
        try:
            found = _document(body, looks, source)
        except InputInvalid as second:
            raise second from first
    note = Text(
        f"{source.name}\u00a0: le suffixe annonce {announced.name}\u00a0; lu comme {looks.name}, ce que c’est.",
        f"{source.name}: the suffix announces {announced.name}; it was read as {looks.name}, which it is.",
    )
    return replace(found, notes=(*found.notes, note))


_ALIKE = {RdfFormat.TURTLE, RdfFormat.N_TRIPLES, RdfFormat.N3, RdfFormat.TRIG, RdfFormat.N_QUADS}


def _document(body: bytes, rdf_format: RdfFormat, source: _Source) -> Document:
    name = source.name
    nesting.refuse(body, rdf_format, name)
    try:
        quads = list(parse(body, format=rdf_format, base_iri=source.base))
    except SyntaxError as error:
        raise broken(error, rdf_format, name, body) from None
    except ValueError as error:
        raise InputInvalid(
            f"this is not correct {rdf_format.name}: {error}.",
            what=name,
            french=f"ce n’est pas du {rdf_format.name} correct\u00a0: {french(str(error))}.",
        ) from None
    triples = tuple(dict.fromkeys(statements(quads, name, source.blank)))
    if not triples:
        raise InputInvalid(
            f"it is {rdf_format.name}, and holds no statement.",
            what=name,
            hint="JSON without `@context` says nothing in RDF." if rdf_format == RdfFormat.JSON_LD else "",
            french=f"c’est du {rdf_format.name}, sans aucun énoncé.",
            french_hint="Sans @context, du JSON ne dit rien en RDF." if rdf_format == RdfFormat.JSON_LD else "",
        )
    return Document(name, rdf_format.name, triples, source.size, sha256=source.sha256)


def statements(quads: Iterable[Quad], name: str, blank: str) -> Iterator[Triple]:
    """The statements of the document `name`, in its order, its blank nodes called as `read` says."""
    labels: dict[str, BlankNode] = {}
    for quad in quads:
        if isinstance(quad.subject, Triple) or not isinstance(quad.object, NamedNode | BlankNode | Literal):
            raise InputInvalid(
                "it speaks about statements (triple terms of RDF 1.2), which SHACL 1.0 cannot see.",
                what=name,
                hint="Leave these statements out.",
                french="il parle d’énoncés (les triplets cités de RDF 1.2), que SHACL 1.0 ne voit pas.",
                french_hint="Ôtez ces énoncés.",
            )
        if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode):
            subject = _labelled(quad.subject, labels, blank)
            yield Triple(subject, quad.predicate, _labelled(quad.object, labels, blank))
        else:
            yield quad.triple


_UNNAMED = re.compile(r"[0-9a-f]{24,32}")  # what the parser calls a blank node that the document does not name

_Any = TypeVar("_Any")


def _labelled(term: _Any, labels: dict[str, BlankNode], prefix: str) -> _Any | BlankNode:
    if not isinstance(term, BlankNode):
        return term
    if term.value not in labels:
        label = f"n{len(labels) + 1}x" if _UNNAMED.fullmatch(term.value) else term.value
        labels[term.value] = BlankNode(prefix + label)
    return labels[term.value]


_PAGE = (b"<!doctype html", b"<html")
_PACKED = (b"pk\x03\x04", b"\x1f\x8b")
_NEVER_RDF = (*_PAGE, *_PACKED)


def _not_rdf(body: bytes, name: str) -> InputInvalid:
    start = body[:SNIFFED].lstrip().lower()
    if start.startswith(_PAGE):
        return InputInvalid(
            "this is a web page, not RDF.",
            what=name,
            hint="Look for a link to RDF, Turtle or JSON-LD on that page.",
            french="c’est une page web, et non du RDF.",
            french_hint="Cherchez-y un lien vers RDF, Turtle ou JSON-LD.",
        )
    if start.startswith(_PACKED):
        return InputInvalid(
            "this is a compressed file.",
            what=name,
            hint="Unpack it first.",
            french="c’est un fichier compressé.",
            french_hint="Décompressez-le d’abord.",
        )
    return InputInvalid(
        "this is not RDF.",
        what=name,
        hint=f"Expected: {_formats()}.",
        french="ce n’est pas du RDF.",
        french_hint=f"Formats attendus\u00a0: {_formats()}.",
    )


def _formats() -> str:
    return ", ".join(f".{suffix}" for suffix in SUFFIXES)


def sniffed(body: bytes) -> RdfFormat | None:
    """The format that the first bytes look like, or `None` where they look like no RDF at all."""
    start = body[:SNIFFED].decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if start.startswith("<?xml") or re.match(r"<!--|<!DOCTYPE rdf|<[\w.-]+:?[\w.-]*\s+xmlns|<rdf:RDF", start):
        return RdfFormat.RDF_XML if "<html" not in start.lower() else None
    if re.match(r"""\{\s*["}]|\[\s*\{\s*["}]""", start):
        return RdfFormat.JSON_LD
    lines = [line for line in start.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return _sniffed_lines(lines) if lines else None


_TERM = r"(?:<[^<>\s]*>|_:\S+)"
_LITERAL = r'"(?:[^"\\]|\\.)*"(?:@[\w-]+|\^\^<[^>\s]*>)?'
_LINE = re.compile(rf"\s*{_TERM}\s*<[^<>\s]*>\s*(?:{_TERM}|{_LITERAL})\s*(?P<graph>{_TERM})?\s*\.\s*(?:#.*)?$")
_TURTLE = re.compile(
    r"\s*(?:@prefix|@base|prefix\s+\S*:|base\s*<|@version|version\s|<[^<>\s]*>|[\w.-]*:[\w.-]+|_:\S+|\[|\()",
    re.IGNORECASE,
)


def _sniffed_lines(lines: list[str]) -> RdfFormat | None:
    quad = _LINE.match(lines[0])
    if quad:
        return RdfFormat.N_QUADS if quad["graph"] else RdfFormat.N_TRIPLES
    if not _TURTLE.match(lines[0]) or lines[0].lower().startswith(("<html", "<!")):
        return None
    text = "\n".join(lines)
    if not re.search(r"@prefix|^\s*prefix\s|<[a-z][\w+.-]*:|@base", text, re.IGNORECASE | re.MULTILINE):
        return None
    graph = re.search(r"^\s*(?:graph\s+)?(?:<[^<>\s]*>|[\w.-]*:[\w./-]*)?\s*\{", text, re.IGNORECASE | re.MULTILINE)
    return RdfFormat.TRIG if graph else RdfFormat.TURTLE
