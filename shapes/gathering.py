"""What belongs to a set of shapes: the files given, and what they import (`owl:imports`), each once.

An import is looked for among the files given, then beside them (by its address, or by the ontology that a file there
says it is), then among those registered before. Only where the
caller gives a way to fetch is anything sought elsewhere. Imports may form circles.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from pyoxigraph import RdfFormat

from shapes.lint import Sheet
from shapes.lint.imports import documents_named, imported, ontologies
from shapes.lint.sheets import sheet_of
from shapes.profiles import Profile, from_file, holds_shapes, mark, without_shapes
from shapes.read import LIMIT, SUFFIXES, Document, base_of, content, parsed, read
from shapes.registry import Given, Registry
from vocab.errors import GaronneError
from vocab.text import Text

MOST = 100
"""Documents that imports may bring."""

NEIGHBOUR = 20 * 1024 * 1024
"""Bytes of a file beside the given ones that is opened to see which ontology it is; a larger one must be given."""

Fetch = Callable[[str], tuple[bytes, str]]
"""Gets a URL: its body and content type; raises `GaronneError`."""


@dataclass
class Gathered:
    """The documents, the imports that were not read, and what there is to say of these."""

    given: list[Given] = field(default_factory=list)
    sheets: list[Sheet] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)


def gathered(places: Sequence[str], registry: Registry, fetch: Fetch | None = None) -> Gathered:
    """The files at `places` and what they import; raises as `shapes.read.read` does for the files themselves."""
    found = Gathered()
    for place in dict.fromkeys(places):
        base = "" if place == "-" else base_of(place)
        _take(found, Given(place, base, content(place), Path(place).suffix))
    search = _Search(found, registry, [Path(place).resolve().parent for place in places if place != "-"], fetch)
    asked: set[str] = set()
    for sheet in found.sheets:  # which grows
        for iri in imported(sheet.document.triples):
            if iri not in asked:
                asked.add(iri)
                search.resolve(iri)
    return found


@dataclass(frozen=True)
class FileProfile(Profile):
    """One shapes file with what it imports, as far as that is beside it or registered: a file may only import."""

    registry: Registry = field(kw_only=True)

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """See `Profile.documents`."""
        (place,) = self.files
        own = read(place, limit=LIMIT, blank=mark(place))
        found = (own, *map(_document, self._imported)) if imported(own.triples) else (own,)
        if not any(holds_shapes(one.triples) for one in found):
            raise without_shapes(place)
        return found

    @cached_property
    def _imported(self) -> tuple[Given, ...]:
        return tuple(one for one in gathered(self.files, self.registry).given if one.imported)

    @property
    def addresses(self) -> tuple[str, ...]:
        """See `Profile.addresses`."""
        more = (address for one in self._imported for address in (one.base, one.origin))
        return (*super().addresses, *more)


def profile_of(place: str, registry: Registry) -> Profile:
    """The profile of one shapes file, named after it, with what it imports; nothing is fetched."""
    plain = from_file(place)
    return FileProfile(plain.name, plain.title, plain.files, given=True, registry=registry)


def _document(given: Given) -> Document:
    blank = f"s{hashlib.sha256(given.body).hexdigest()[:12]}"
    return parsed(given.body, name=given.origin, suffix=given.suffix, base=given.base, blank=blank)


def _take(found: Gathered, given: Given) -> None:
    sheet = sheet_of(given.origin, given.body, f"f{len(found.sheets)}x", given.base, given.suffix)
    found.given.append(given)
    found.sheets.append(sheet)


class _Search:
    """Where imports are looked for."""

    def __init__(self, found: Gathered, registry: Registry, folders: Sequence[Path], fetch: Fetch | None) -> None:
        self._found = found
        self._registry = registry
        self._folders = folders
        self._fetch = fetch

    def resolve(self, iri: str) -> None:
        """Takes the document that is meant, or says why it is not read."""
        if iri.removesuffix("#") in self._here():
            return
        try:
            given = self._beside(iri) or self._named(iri) or self._registered(iri) or self._fetched(iri)
            if given is None:
                self._found.missing.append(iri)
            elif len(self._found.given) >= MOST:
                self._refuse(iri, Text(f"plus de {MOST} documents", f"more than {MOST} documents"))
            else:
                _take(self._found, given)
        except GaronneError as error:
            self._refuse(iri, Text(str(error), str(error)))

    def _here(self) -> set[str]:
        triples = (t for sheet in self._found.sheets for t in sheet.document.triples)
        return documents_named(triples, [one for given in self._found.given for one in (given.base, given.origin)])

    def _refuse(self, iri: str, why: Text) -> None:
        self._found.missing.append(iri)
        self._found.notes.append(
            Text(f"L’importation <{iri}> n’est pas lue\u00a0: {why.fr}", f"The import <{iri}> is not read: {why.en}")
        )

    def _beside(self, iri: str) -> Given | None:
        """A file that is named relatively, in the folder of a given one or below it."""
        if not iri.startswith("file:"):
            return None
        path = Path(url2pathname(urlsplit(iri).path)).resolve()
        if not path.is_file() or not any(path.is_relative_to(folder) for folder in self._folders):
            return None
        return Given(str(path), iri.removesuffix("#"), content(str(path)), path.suffix, imported=True)

    def _named(self, iri: str) -> Given | None:
        """A file in the folder of a given one that says that it is this ontology."""
        return next((given for names, given in self._neighbours if iri.removesuffix("#") in names), None)

    @cached_property
    def _neighbours(self) -> list[tuple[set[str], Given]]:
        """The files in the folders of the given ones that are ontologies, by name; what cannot be read is none."""
        found = []
        for path in (path for folder in dict.fromkeys(self._folders) for path in sorted(folder.iterdir())):
            try:
                if path.suffix.lstrip(".").lower() not in SUFFIXES or path.stat().st_size > NEIGHBOUR:
                    continue
                given = Given(str(path), base_of(str(path)), content(str(path)), path.suffix, imported=True)
                if b"Ontology" in given.body:
                    found.append((ontologies(_document(given).triples), given))
            except (GaronneError, OSError):
                continue
        return found

    def _registered(self, iri: str) -> Given | None:
        """A file that was registered under any name, by its address or by what it describes as an ontology."""
        bare = iri.removesuffix("#")
        for name in self._registry.registered():
            profile = self._registry.profile(name)
            for copy, place, document in zip(
                self._registry.get(name).copies, profile.files, profile.documents, strict=True
            ):
                if bare in documents_named(document.triples, (copy.base, copy.origin)):
                    return Given(copy.origin, copy.base, content(place), Path(place).suffix, imported=True)
        return None

    def _fetched(self, iri: str) -> Given | None:
        if self._fetch is None or not iri.startswith(("http://", "https://")):
            return None
        body, content_type = self._fetch(iri)
        media = RdfFormat.from_media_type(content_type.split(";")[0].strip().lower())
        suffix = Path(urlsplit(iri).path).suffix
        if media is not None and content_type.split(";")[0].strip() not in ("text/plain", "application/xml"):
            suffix = f".{media.file_extension}"
        if suffix.lstrip(".").lower() not in SUFFIXES:
            suffix = ""
        return Given(iri, iri.removesuffix("#"), body, suffix, imported=True)
