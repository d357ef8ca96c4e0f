"""Repositories that speak OAI-PMH 2.0: data repositories, archives, catalogues of research data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from catalog.errors import ResponseInvalid, SettingsInvalid, SourceError
from catalog.model import Foreign, Identity, Mapped, Record, Text
from catalog.settings import HarvestSettings, SourceSettings
from harvest import dublin_core
from harvest.csw.responses import is_rdf
from harvest.fetching import client_of
from harvest.graph.mapping import map_graph
from harvest.graph.records import graph_of
from harvest.graph.records import record_of as rdf_record
from harvest.incremental import NotIncremental, Same, asked_for
from harvest.iso import records as iso
from harvest.iso.document import Element, local
from harvest.mapping.context import Context
from harvest.oai import responses
from harvest.oai.responses import Item, Page
from harvest.rdf.elements import spool_elements
from harvest.rdf.spool import Spool
from harvest.source import Check, Rejected
from vocab.namespaces import DCAT

KIND = "oai-pmh"
MOST_PAGES = 100_000
MOST_BYTES = 100_000_000
"""What one answer may be large: it is held in memory as a tree, which takes several times as much."""
_ROOT = re.compile(rb"<(?![?!])(?:[\w.-]+:)?OAI-PMH\b")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}Z)?\Z")
_RESOURCES = (DCAT.Dataset.value, DCAT.DatasetSeries.value, DCAT.DataService.value)
_NO_DATA = re.compile(
    r"(?:.*/)?(?:text|stillimage|movingimage|sound|physicalobject|event|article|book|bookpart|thesis|preprint|report|"
    r"lecture|review|(?:bachelor|master|doctoral)thesis|conference\w*|workingpaper|annotation|patent)\Z",
    re.IGNORECASE,
)
NO_METADATA = Text("la fiche n’a pas de métadonnées.", "the record has no metadata.")
NO_DATASET = Text(
    "la fiche est en RDF et ne décrit aucun jeu de données.", "the record is RDF, and describes no dataset."
)
UNKNOWN_FORMAT = Text(
    "la fiche est dans un format qui n’est pas lu\u00a0; demandez `dcat_ap`, `iso19139` ou `oai_dc`.",
    "the record is in a format that is not read; ask for `dcat_ap`, `iso19139` or `oai_dc`.",
)
NOT_DATA = Foreign(
    "ce n’est pas un jeu de données, selon son type (texte, image, son…).",
    "it is no dataset, by its type (text, image, sound…).",
)
NO_RECORD = Text("la réponse ne contient aucune fiche.", "the answer holds no record.")


class OaiPmh:
    """One repository.

    Options: `prefix` is the metadata format (else the one that says most), `set` one of the repository's sets, `from`
    and `until` bound the datestamps of the records, `max_pages` is when to give up.

    With `incremental = true`, a repository that keeps its deletions for ever is asked for what changed (`from`), where
    its records are in Dublin Core: there each is called by its header's identifier, as deletions are.

    Any other run reads the whole list that these options select: deleted records are then absent, and withdrawn as
    such, whatever the repository remembers of its deletions.
    """

    def __init__(self, settings: SourceSettings, harvest: HarvestSettings, notify: Callable[[Text], None]) -> None:
        self.settings = settings
        self.harvest = harvest
        self.notify = notify
        self.total: int | None = None
        self.complete = True
        self.client = client_of(settings, harvest, notify)
        self.prefix = str(settings.options.get("prefix", ""))
        self.bounds: dict[str, str] = {
            n: str(settings.options[n]) for n in ("from", "until", "set") if n in settings.options
        }
        for name in ("from", "until"):
            if name in self.bounds and not _DATE.match(self.bounds[name]):
                raise SettingsInvalid(
                    f"source `{settings.id}`: options.{name} is a day (`2024-01-31`) or a moment in UTC "
                    f"(`2024-01-31T12:00:00Z`); it is {self.bounds[name]!r}."
                )
        given = settings.options.get("max_pages", MOST_PAGES)
        if type(given) is not int or given < 1:
            raise SettingsInvalid(f"source `{settings.id}`: options.max_pages is a number from 1 on; it is {given!r}.")
        self.most = given
        self.incremental = asked_for(settings)

    # ── harvesting ───────────────────────────────────────────────────────────────────────────────────────────────

    def records(self) -> Iterator[Record | Rejected]:
        """Every record of the list that is not deleted."""
        if self.settings.path is not None:
            yield from self.saved(self.settings.path)
            return
        if not self.settings.url:
            raise SettingsInvalid(f"source `{self.settings.id}` needs a `url` or a `path`.")
        self.prefix = self.prefix or self._format()
        self.total = None
        listed = deleted = 0
        with closing(Spool()) as spool:
            for page in self._pages():
                listed += len(page.items)
                deleted += sum(i.deleted for i in page.items)
                yield from self._read(page.items, spool)
            yield from self._described(spool)
        if deleted:
            self.notify(
                Text(
                    f"{deleted} des {listed} notices sont supprimées dans l’entrepôt",
                    f"{deleted} of {listed} records are deleted in the repository",
                )
            )
        self._all_came(listed)

    def _all_came(self, listed: int) -> None:
        """Whether as many records came as the repository announced."""
        if self.total is not None and listed < self.total:
            self.complete = False
            self.notify(
                Text(
                    f"{self.settings.url}\u00a0: {listed} des {self.total} notices annoncées ont été données",
                    f"{self.settings.url}: {listed} of the {self.total} records announced were given",
                )
            )

    def changes(self, since: datetime, known: Mapping[str, bytes]) -> Iterator[Record | Rejected | Same]:
        """As `harvest.incremental.Incremental` has it; the list is what is known, with what changed and was deleted."""
        if self.settings.path is not None or self.bounds.keys() & {"until", "set"}:
            raise NotIncremental  # whoever leaves a set is not told as deleted
        found = responses.repository(self._ask({"verb": "Identify"}))
        self.prefix = self.prefix or self._format()
        if found.deletions != "persistent" or self.prefix != "oai_dc":
            raise NotIncremental
        exact = "%Y-%m-%dT%H:%M:%SZ" if "hh" in found.granularity else "%Y-%m-%d"
        bounds = {"from": max(self.bounds.get("from", ""), since.astimezone(UTC).strftime(exact))}
        met: set[str] = set()
        listed = 0
        with closing(Spool()) as spool:
            for page in self._pages(bounds):
                listed += len(page.items)
                met |= {one.id for one in page.items}
                yield from self._read(page.items, spool)
        self._all_came(listed)
        self.total = None
        yield from (Same(name) for name in sorted(known.keys() - met))

    def _format(self) -> str:
        offered = responses.formats(self._ask({"verb": "ListMetadataFormats"}))
        found = responses.preferred(offered)
        if not found:
            raise ResponseInvalid(
                f"it offers no format that is read; offered: {', '.join(sorted(offered)) or 'none'}.",
                what=self.settings.url,
            )
        return found

    def _pages(self, bounds: dict[str, str] | None = None) -> Iterator[Page]:
        """Page after page by the resumption token, which takes the place of all other arguments (section 3.5)."""
        asked: dict[str, str] = {"verb": "ListRecords", "metadataPrefix": self.prefix, **(bounds or self.bounds)}
        met: set[str] = set()
        while True:
            page = responses.page(self._ask(asked))
            if self.total is None:
                self.total = page.size
            yield page
            if not page.token:
                return
            if page.token in met:
                raise ResponseInvalid(
                    "it gave the same resumption token twice: its list would never end.", what=self.settings.url
                )
            met.add(page.token)
            if len(met) >= self.most:
                raise ResponseInvalid(
                    f"the list goes on after {self.most} pages.",
                    what=self.settings.url,
                    hint="If it is that long, raise `max_pages` in the source's options.",
                )
            asked = {"verb": "ListRecords", "resumptionToken": page.token}

    @property
    def _limit(self) -> int:
        return min(MOST_BYTES, self.harvest.max_bytes)

    def _ask(self, arguments: dict[str, str]) -> Element:
        url = self.settings.url
        accept = "application/xml, text/xml"
        body, _ = self.client.get_bytes(url, accept=accept, params=arguments, max_bytes=self._limit)
        return responses.checked(responses.tree(body, what=url), what=url)

    def check(self) -> Check:
        """Asks what the repository is, which formats it has, and for the first page."""
        if self.settings.path is not None:
            return Check(ok=self.settings.path.is_file(), message=f"saved answer {self.settings.path}")
        try:
            found = responses.repository(self._ask({"verb": "Identify"}))
            self.prefix = self.prefix or self._format()
            page = next(self._pages())
        except SourceError as e:
            return Check(ok=False, message=f"{e.what}: {e.message}", hint=e.hint)
        size = page.size if page.size is not None or page.token else len(page.items)
        named = f"«{found.name}», " if found.name else ""
        return Check(
            ok=bool(page.items),
            message=f"{named}OAI-PMH, records in `{self.prefix}`, deletions: {found.deletions or 'not said'}",
            datasets=size,
            hint="" if page.items else "No record matches; are there bounds or a set in the options?",
        )

    # ── records ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _read(self, items: list[Item], spool: Spool) -> Iterator[Record | Rejected]:
        """The records in these items; those in RDF wait in the spool until all have come."""
        described = []
        for one in items:
            inside = one.metadata
            if one.deleted:
                continue
            if inside is None:
                yield Rejected(one.id or "-", NO_METADATA)
            elif is_rdf(inside):
                if any(_is_resource(e) for e in inside.iter()):
                    described.append(inside)
                else:
                    yield Rejected(one.id, NO_DATASET)
            elif iso.is_record(inside):
                yield iso.record_of(self.settings.id, inside, kind=KIND)
            elif local(inside) in ("dc", "qualifieddc", "Record"):
                yield dublin_core.record_of(self.settings.id, inside, kind=KIND, id_=one.id, pages=True)
            else:
                yield Rejected(one.id, UNKNOWN_FORMAT)
        if described:
            what = self.settings.url or self.settings.id
            spool_elements(spool, described, what=what, limit=self.harvest.max_bytes)

    def _described(self, spool: Spool) -> Iterator[Record | Rejected]:
        for found in spool.closures():
            yield rdf_record(self.settings.id, found, base=self.settings.url, kind=KIND)

    def admit(self, record: Record, context: Context) -> Text | None:
        """Whatever a repository lists is public; what it calls a text or an image is no dataset."""
        types = dublin_core.types(record) if record.data.get("form") == "dc" else ()
        return NOT_DATA if types and all(_NO_DATA.match(t) for t in types) else None

    def map(self, record: Record, identity: Identity, context: Context) -> Mapped:
        """The record as DCAT-AP 3."""
        form = record.data.get("form")
        if form == "iso":
            return iso.map_record(record, identity, context)
        if form == "dc":
            return dublin_core.map_record(record, identity, context)
        return map_graph(record, graph_of(record), identity, context, base=record.data["base"])

    # ── saved responses ──────────────────────────────────────────────────────────────────────────────────────────

    @classmethod
    def recognises(cls, file: Path, head: bytes) -> bool:
        """Whether it is an answer of the protocol."""
        text = re.sub(rb"<!--.*?-->", b"", head.removeprefix(b"\xef\xbb\xbf"), flags=re.DOTALL)
        found = re.search(rb"<(?![?!])", text)
        return found is not None and _ROOT.match(text, found.start()) is not None

    def saved(self, file: Path) -> Iterator[Record | Rejected]:
        """The records in a saved answer."""
        if file.stat().st_size > self._limit:
            raise ResponseInvalid(
                f"the file is larger than the {self._limit:,} bytes that one answer may have.",
                what=str(file),
                hint="Save the answers page by page.",
            )
        root = responses.tree(file.read_bytes(), what=str(file))
        if told := responses.error(root):
            yield Rejected(file.name, told[1])
            return
        items = responses.page(root).items
        if not items:
            yield Rejected(file.name, NO_RECORD)
        with closing(Spool()) as spool:
            yield from self._read(items, spool)
            yield from self._described(spool)


def _is_resource(element: Element) -> bool:
    """Whether an element of RDF/XML says of something that it is a dataset, a series or a service."""
    tag = element.tag if isinstance(element.tag, str) else ""
    stated = element.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource") or ""
    return tag.replace("{", "").replace("}", "") in _RESOURCES or (local(element) == "type" and stated in _RESOURCES)
