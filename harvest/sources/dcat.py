"""Catalogues in RDF: at an address or in a file, in any format, page by page where they are paged (Hydra).

Nothing of a catalogue is kept in memory but one dataset at a time: its documents are spooled to a temporary store on
disk, and read back closure by closure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from catalog.errors import ResponseInvalid, SettingsInvalid, SourceError, SourceRefused
from catalog.model import Identity, Mapped, Record, Text
from catalog.settings import HarvestSettings, SourceSettings
from harvest.fetching import client_of
from harvest.graph.mapping import map_graph
from harvest.graph.records import graph_of, record_of
from harvest.mapping.context import Context
from harvest.rdf import formats
from harvest.rdf.read import HEAD, Document
from harvest.rdf.spool import Spool
from harvest.repair import iris
from harvest.source import Check, Rejected

KIND = "dcat"
MOST_PAGES = 10_000


class Dcat:
    """One catalogue in RDF. `options.max_pages` bounds how many pages of it are followed."""

    def __init__(self, settings: SourceSettings, harvest: HarvestSettings, notify: Callable[[Text], None]) -> None:
        if not settings.url and settings.path is None:
            raise SettingsInvalid(f"source `{settings.id}` needs a `url` or a `path`.")
        self.settings = settings
        self.harvest = harvest
        self.notify = notify
        self.total: int | None = None
        self.complete = True
        self.client = client_of(settings, harvest, notify)
        given = settings.options.get("max_pages", MOST_PAGES)
        if type(given) is not int or given < 1:
            raise SettingsInvalid(f"source `{settings.id}`: options.max_pages is a number from 1 on; it is {given!r}.")
        self.most = given

    def records(self) -> Iterator[Record | Rejected]:
        """Every dataset, series and data service of the catalogue."""
        with closing(Spool()) as spool:
            if self.settings.path is not None:
                base = self.settings.url
                self._read(spool, self.settings.path, what=str(self.settings.path), name=self.settings.path.name)
            else:
                base = self._pages(spool)
            yield from self._spooled(spool, base)

    def _spooled(self, spool: Spool, base: str) -> Iterator[Record | Rejected]:
        self.total = spool.count()
        for found in spool.closures():
            yield record_of(self.settings.id, found, base=base, kind=KIND)

    def _pages(self, spool: Spool) -> str:
        """Fetches every page; returns the address of the first."""
        waiting = [self.settings.url]
        met: set[str] = set()
        host = urlsplit(self.settings.url).hostname
        while waiting:
            url = waiting.pop(0)
            if url in met:
                continue
            if len(met) >= self.most:
                raise ResponseInvalid(
                    f"the catalogue goes on after {self.most} pages.",
                    what=url,
                    hint="If it is that long, raise `max_pages` in the source's options.",
                    french=f"le catalogue continue après {self.most} pages.",
                    french_hint="S’il est si long, augmentez `max_pages` dans les options de la source.",
                )
            met.add(url)
            self._page(spool, url)
            for one in dict.fromkeys(spool.next):
                following = _resolved(one, url)
                if urlsplit(following).hostname != host:
                    raise SourceRefused(
                        f"its next page is on another host, {following}.",
                        what=url,
                        hint="Configure that one itself.",
                        french=f"sa page suivante est sur un autre serveur, {following}.",
                        french_hint="Configurez celui-là même.",
                    )
                if following not in met:
                    waiting.append(following)
            if waiting:
                self.notify(
                    Text(
                        f"{spool.count()} ressources en {len(met)} pages",
                        f"{spool.count()} resources in {len(met)} pages",
                    )
                )
        return self.settings.url

    def _page(self, spool: Spool, url: str) -> None:
        file = spool.folder / f"page-{spool.page + 1}"
        with self.client.stream(url, accept=formats.ACCEPT) as (chunks, kind), file.open("wb") as out:
            for chunk in chunks:
                out.write(chunk)
        self._read(spool, file, what=url, name=urlsplit(url).path.rsplit("/", 1)[-1], content_type=kind, base=url)
        file.unlink()

    def _read(
        self, spool: Spool, file: Path, *, what: str, name: str, content_type: str = "", base: str = ""
    ) -> Document:
        """Spools one document; a faulty one is recovered, and what stood in the way is told."""
        if not file.is_file():
            raise SourceRefused("there is no such file.", what=what, french="ce fichier n’existe pas.")
        document = Document(file, what, content_type, name, self.harvest.max_bytes, spool.folder)
        spool.begin_page()
        spool.add(document.triples(spool.forget_page))
        for problem in document.problems:
            self.notify(Text(f"{what}\u00a0: {problem.fr}", f"{what}: {problem.en}"))
        return document

    def check(self) -> Check:
        """Reads the first page."""
        try:
            with closing(Spool()) as spool:
                if self.settings.path is not None:
                    self._read(spool, self.settings.path, what=str(self.settings.path), name=self.settings.path.name)
                else:
                    self._page(spool, self.settings.url)
                count, more = spool.count(), bool(spool.next)
                total = spool.total if more else count
        except SourceError as e:
            return Check(ok=False, message=f"{e.what}: {e.message}", hint=e.hint)
        if not count:
            return Check(ok=False, message="RDF, and no dcat:Dataset in it", hint="Is this the address of a catalogue?")
        return Check(ok=True, message="a catalogue in RDF" + (", of several pages" if more else ""), datasets=total)

    def admit(self, record: Record, context: Context) -> Text | None:
        """Whatever a catalogue in RDF lists is public."""
        return None

    def map(self, record: Record, identity: Identity, context: Context) -> Mapped:
        """The record as DCAT-AP 3."""
        return map_graph(record, graph_of(record), identity, context, base=record.data["base"])

    # ── saved responses ──────────────────────────────────────────────────────────────────────────────────────────

    @classmethod
    def recognises(cls, file: Path, head: bytes) -> bool:
        """Whether it is an RDF document."""
        text = head.decode("utf-8", "ignore")
        return formats.detect(text[:HEAD], name=file.name) is not None

    def saved(self, file: Path) -> Iterator[Record | Rejected]:
        """The resources of one document."""
        with closing(Spool()) as spool:
            document = self._read(spool, file, what=str(file), name=file.name)
            found = 0
            for one in self._spooled(spool, self.settings.url):
                found += 1
                yield one
            if not found:
                yield Rejected(file.name, nothing_in(document))


def nothing_in(document: Document) -> Text:
    """Why a document in RDF gives no record."""
    if document.problems:
        first = document.problems[0]
        return Text(
            f"aucun jeu de données dans ce document\u00a0; {first.fr}.", f"no dataset in this document; {first.en}."
        )
    return Text("aucun jeu de données dans ce document RDF.", "no dataset in this RDF document.")


def _resolved(address: str, page: str) -> str:
    given = iris.original(address)
    return urljoin(page, address if given is None else given)
