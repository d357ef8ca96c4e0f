"""What `garonne validate` reads: files, addresses, the standard input, or a release."""

from __future__ import annotations

from collections.abc import Sequence

from pyoxigraph import Triple

from catalog.archive import Archive
from catalog.assembly import release_triples
from catalog.commands.support import current_release, say
from catalog.errors import UsageError
from catalog.releases import Releases
from catalog.settings import Settings
from shapes.provenance import Source
from shapes.read import Document, read


def documents_at(places: Sequence[str], limit: int, lang: str) -> list[Document]:
    """The documents, each at most `limit` bytes; what their readers should know goes to standard error."""
    found = []
    for index, place in enumerate(places):
        document = read(place, limit=limit, fetch=fetch, blank="" if len(places) == 1 else f"d{index + 1}")
        for note in document.notes:
            say(note.of(lang))
        found.append(document)
    return found


def together(documents: Sequence[Document]) -> tuple[tuple[Source, ...], tuple[Triple, ...]]:
    """What to call the documents in a report, and their statements, each once."""
    sources = tuple(Source(d.name, d.sha256, d.size) for d in documents)
    return sources, tuple(dict.fromkeys(t for d in documents for t in d.triples))


def fetch(url: str, most: int) -> tuple[bytes, str]:
    """The body and content type at `url`. The user named it, so it may be on this machine or network."""
    from catalog.web import Client  # requests is slow to import, and files need none of it

    accept = "text/turtle, application/n-triples, application/ld+json;q=0.9, application/rdf+xml;q=0.8, */*;q=0.1"
    return Client(allow_private=True).get_bytes(url, accept=accept, max_bytes=most)


def release(settings: Settings, number: int | None = None) -> tuple[tuple[Source, ...], tuple[Triple, ...]]:
    """A release as a source, with its exact statements; the current one where no number is given.

    `UsageError` where there are no settings.
    """
    if settings.file is None:
        raise UsageError(
            "there is no FILE to validate, and no settings file here whose release could be.",
            hint="Name a file, a URL or `-`; or give --config; or run in the folder of garonne.toml.",
        )
    found = current_release(settings) if number is None else Releases(settings.store.path).get(number)
    view = Archive(settings.store.path).at(found.number)
    source = Source(f"release {found.number}", found.manifest.fingerprint)
    return (source,), tuple(dict.fromkeys(release_triples(settings, view)))
