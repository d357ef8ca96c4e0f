"""Catalogue services of geographic metadata (OGC CSW 2.0.2 and 3.0): GeoNetwork, pycsw, ArcGIS, Isogeo and others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from lxml import etree

from catalog.errors import ResponseInvalid, SettingsInvalid, SourceError, unknown_choice
from catalog.model import Identity, Mapped, Record, Text
from catalog.settings import HarvestSettings, SourceSettings
from harvest import dublin_core
from harvest.csw import requests, responses
from harvest.csw.requests import Question
from harvest.csw.responses import Capabilities, Page
from harvest.fetching import client_of
from harvest.graph.mapping import map_graph
from harvest.graph.records import graph_of
from harvest.graph.records import record_of as rdf_record
from harvest.iso import records as iso
from harvest.iso.coupling import Coupling
from harvest.iso.document import Element, local
from harvest.mapping.context import Context
from harvest.rdf.elements import spool_elements
from harvest.rdf.spool import Spool
from harvest.source import Check, Rejected

KIND = "csw"
MOST_PAGES = 10_000
PAGE = 50
MOST_BYTES = 100_000_000
"""What one answer may be large: it is held in memory as a tree, which takes several times as much."""
_ROOT = re.compile(rb"<(?![?!])(?:([\w.-]+):)?([\w.-]+)")
_RESPONSES = frozenset(("GetRecordsResponse", "GetRecordByIdResponse", "MD_Metadata", "MI_Metadata", "CHE_MD_Metadata"))
_NAMESPACES = (b"opengis.net/cat/csw", b"isotc211.org", b"standards.iso.org/iso/19115")
_WITHOUT_RECORDS = {
    "Capabilities": Text(
        "c’est la description d’un service de catalogage, et non des fiches.",
        "it describes a catalogue service, and holds no records.",
    ),
    "FC_FeatureCatalogue": Text(
        "c’est un catalogue d’attributs (ISO 19110), et non la fiche d’une ressource.",
        "it is a feature catalogue (ISO 19110), not the record of a resource.",
    ),
}
UNKNOWN_SCHEMA = Text(
    'la fiche est dans un schéma qui n’est pas lu\u00a0; demandez-la en ISO 19139 (`schema = "gmd"`).',
    'the record is in a schema that is not read; ask for ISO 19139 (`schema = "gmd"`).',
)
NO_RECORD = Text("la réponse ne contient aucune fiche.", "the answer holds no record.")


class Csw:
    """One catalogue service.

    Options: `version` (`2.0.2`, `3.0.0`), `method` (`get`, `post`) and `schema` (`gmd`, `mdb`, `dcat`, `record`); what
    they leave open, the service's capabilities decide. `filter` is a constraint in CQL, `page_size` how many records
    are asked for at a time, `max_pages` when to give up.
    """

    def __init__(self, settings: SourceSettings, harvest: HarvestSettings, notify: Callable[[Text], None]) -> None:
        self.settings = settings
        self.harvest = harvest
        self.notify = notify
        self.total: int | None = None
        self.complete = True
        self.client = client_of(settings, harvest, notify)
        self.version = self._choice("version", requests.VERSIONS)
        self.method = self._choice("method", ("get", "post"))
        self.schema = self._choice("schema", (*requests.SCHEMAS, "record"))
        self.filter = str(settings.options.get("filter", ""))
        self.size = self._count("page_size", PAGE)
        self.most = self._count("max_pages", MOST_PAGES)
        self.offer = Capabilities()

    def _choice(self, name: str, offered: tuple[str, ...]) -> str:
        given = str(self.settings.options.get(name, ""))
        if given and given not in offered:
            raise unknown_choice(f"options.{name} of source `{self.settings.id}`", given, list(offered))
        return given

    def _count(self, name: str, default: int) -> int:
        given = self.settings.options.get(name, default)
        if type(given) is not int or given < 1:
            raise SettingsInvalid(
                f"source `{self.settings.id}`: options.{name} is a number from 1 on; it is {given!r}."
            )
        return given

    # ── harvesting ───────────────────────────────────────────────────────────────────────────────────────────────

    def records(self) -> Iterator[Record | Rejected]:
        """Every record that the service lists, or of a saved response at `path`."""
        if self.settings.path is not None:
            yield from self.saved(self.settings.path)
            return
        if not self.settings.url:
            raise SettingsInvalid(f"source `{self.settings.id}` needs a `url` or a `path`.")
        self._ask_capabilities()
        with closing(Spool()) as spool, closing(Coupling()) as coupling:
            listed = 0
            for page in self._pages():
                listed += len(page)
                yield from self._read(page, spool, coupling)
            if self.total is not None and listed < self.total:
                self.complete = False
                self.notify(
                    Text(
                        f"{self.settings.url}\u00a0: {listed} des {self.total} notices annoncées ont été données",
                        f"{self.settings.url}: {listed} of the {self.total} records announced were given",
                    )
                )
            yield from self._kept(spool, coupling)

    def _ask_capabilities(self) -> None:
        """What the service offers. One that cannot say is asked for ISO 19139 in version 2.0.2."""
        try:
            self.offer = self._capabilities()
        except ResponseInvalid as e:
            self.notify(
                Text(
                    f"{e.told.fr} Ses notices sont demandées quand même.",
                    f"{e.told.en} Its records are asked for all the same.",
                )
            )
        self.version = self.version or self.offer.version or "2.0.2"
        preferred = ("gmd", "mdb", "dcat", "record")
        self.schema = self.schema or next((n for n in preferred if n in self.offer.schemas), "gmd")
        self.method = self.method or ("post" if self.offer.post and not self.offer.get else "get")

    def _capabilities(self) -> Capabilities:
        url = self.settings.url
        asked = _with(url, requests.capabilities(self.version))
        body, _ = self.client.get_bytes(asked, accept=requests.XML, max_bytes=self._limit)
        root, _ = responses.tree(body, what=url)
        return responses.capabilities(root, what=url)

    def _pages(self) -> Iterator[list[Element | Rejected]]:
        """Page after page, each further on than the one before; a page that cannot be read, record by record."""
        start, before, met = 1, b"", set[int]()
        while start:
            if len(met) >= self.most:
                raise ResponseInvalid(
                    f"the catalogue goes on after {self.most} pages.",
                    what=self.settings.url,
                    hint="If it is that long, raise `max_pages` in the source's options.",
                )
            met.add(start)
            try:
                page = self._page(start, self.size)
            except ResponseInvalid:
                if self.total is None or self.size == 1:
                    raise
                yield from self._one_by_one(start)
                page = Page([], self.total, start + self.size)
                start = self._next(page, start, self.size)
                continue
            if self.total is None:
                self.total = page.matched
            content = b"".join(etree.tostring(e) for e in page.elements)
            if page.elements and content == before:
                raise ResponseInvalid(
                    f"it gave the same records again when asked for those from {start} on.",
                    what=self.settings.url,
                    hint="The service does not page; ask for all at once with a larger `page_size`.",
                )
            before = content
            yield [*page.elements]
            start = self._next(page, start, len(page.elements))
            if start:
                self.notify(
                    Text(
                        f"{start - 1} notices sur {self.total or 'un nombre inconnu'}",
                        f"{start - 1} of {self.total or 'unknown'} records",
                    )
                )

    def _next(self, page: Page, start: int, given: int) -> int:
        """Where the next page begins; 0 at the end."""
        if page.following == 0 or not given:
            return 0
        if page.following is not None and page.following <= start:
            raise ResponseInvalid(
                f"its next page begins at {page.following}, which is not after {start}: it would never end.",
                what=self.settings.url,
            )
        following = page.following or start + given
        if self.total is not None:
            return following if following <= self.total else 0
        return following if page.following or given >= self.size else 0

    def _one_by_one(self, start: int) -> Iterator[list[Element | Rejected]]:
        """The records of a page that cannot be had as a whole; those that break it are set aside with the reason."""
        self.notify(
            Text(
                f"la page qui commence à la notice {start} est illisible\u00a0; ses notices sont demandées une à une",
                f"the page from record {start} on cannot be read; its records are asked for one by one",
            )
        )
        for position in range(start, min(start + self.size, (self.total or 0) + 1)):
            try:
                yield [*self._page(position, 1).elements[:1]]
            except ResponseInvalid as e:
                self.complete = False
                yield [
                    Rejected(
                        f"#{position}",
                        Text(
                            f"le service ne peut pas la donner\u00a0: {e.message}",
                            f"the service cannot give it: {e.message}",
                        ),
                    )
                ]

    @property
    def _limit(self) -> int:
        return min(MOST_BYTES, self.harvest.max_bytes)

    def _page(self, start: int, most: int) -> Page:
        schema = self.offer.schemas.get(self.schema) or requests.SCHEMAS.get(self.schema, "")
        question = Question(self.version, schema or requests.CORE[self.version], start, most, self.filter)
        if self.method == "post":
            url = self._address(self.offer.post)
            body, _ = self.client.post_bytes(
                url, question.body(), content_type=requests.XML, accept=requests.XML, max_bytes=self._limit
            )
        else:
            url = self._address(self.offer.get)
            body, _ = self.client.get_bytes(_with(url, question.kvp()), accept=requests.XML, max_bytes=self._limit)
        root, problem = responses.tree(body, what=url)
        if problem and not root.xpath("//*[local-name()='SearchResults']"):
            raise ResponseInvalid(problem, what=url)
        found = responses.page(root, what=url)
        if problem:
            self.complete = False
            self.notify(
                Text(
                    f"{url}\u00a0: document abîmé ({problem}) Ce qui peut en être lu l’est.",
                    f"{url}: {problem} What can be read of it is.",
                )
            )
        return found

    def _address(self, announced: str) -> str:
        """The address that the service announces, if it is on the host that was named; else the one in the settings."""
        host = urlsplit(self.settings.url).hostname
        if announced and _host(announced) == host:
            return announced
        return self.settings.url

    def check(self) -> Check:
        """Asks for the capabilities and for one record."""
        if self.settings.path is not None:
            return Check(ok=self.settings.path.is_file(), message=f"saved response {self.settings.path}")
        try:
            self._ask_capabilities()
            page = self._page(1, 1)
        except SourceError as e:
            return Check(ok=False, message=f"{e.what}: {e.message}", hint=e.hint)
        title = f"«{self.offer.title}», " if self.offer.title else ""
        return Check(
            ok=bool(page.elements),
            message=f"{title}CSW {self.version}, records in {self.schema} by {self.method.upper()}",
            datasets=page.matched,
            hint="" if page.elements else "It has no record; is there a `filter` in the options?",
        )

    # ── records ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _read(
        self, elements: Sequence[Element | Rejected], spool: Spool, coupling: Coupling
    ) -> Iterator[Record | Rejected]:
        """The records in these elements; those in RDF, and services that operate on data, wait until all have come."""
        described: list[Element] = []
        for one in elements:
            if isinstance(one, Rejected):
                yield one
            elif iso.is_record(one):
                if coupling.holds(one):
                    continue
                yield iso.record_of(self.settings.id, one, kind=KIND)
            elif responses.is_core(one):
                yield dublin_core.record_of(self.settings.id, one, kind=KIND)
            elif responses.is_rdf(one):
                described.append(one)
            else:
                yield Rejected(local(one), UNKNOWN_SCHEMA)
        if described:
            what = self.settings.url or self.settings.id
            spool_elements(spool, described, what=what, limit=self.harvest.max_bytes)

    def _kept(self, spool: Spool, coupling: Coupling) -> Iterator[Record | Rejected]:
        """The records that waited."""
        for element, serves in coupling.services():
            yield iso.record_of(self.settings.id, element, kind=KIND, serves=serves)
        for found in spool.closures():
            yield rdf_record(self.settings.id, found, base=self.settings.url, kind=KIND)

    def admit(self, record: Record, context: Context) -> Text | None:
        """Whatever a catalogue service lists to anybody is public."""
        return None

    def map(self, record: Record, identity: Identity, context: Context) -> Mapped:
        """The record as GeoDCAT-AP 3."""
        form = record.data.get("form")
        if form == "iso":
            return iso.map_record(record, identity, context)
        if form == "dc":
            return dublin_core.map_record(record, identity, context)
        return map_graph(record, graph_of(record), identity, context, base=record.data["base"])

    # ── saved responses ──────────────────────────────────────────────────────────────────────────────────────────

    @classmethod
    def recognises(cls, file: Path, head: bytes) -> bool:
        """Whether it is an answer of a catalogue service, or a record by itself."""
        text = re.sub(rb"<!--.*?-->", b"", head.removeprefix(b"\xef\xbb\xbf"), flags=re.DOTALL)
        root = _ROOT.search(text) if text.lstrip()[:1] == b"<" else None
        if root is None:
            return False
        name = root[2].decode()
        if name in _RESPONSES:
            return True
        inside = any(n in head for n in _NAMESPACES)
        prefix = (root[1] or b"").decode()
        if name in responses.CORE_RECORDS:
            return prefix == "csw" or inside
        return (name in _WITHOUT_RECORDS and inside) or (name == "ExceptionReport" and prefix == "ows")

    def saved(self, file: Path) -> Iterator[Record | Rejected]:
        """The records in a saved answer."""
        if file.stat().st_size > self._limit:
            raise ResponseInvalid(
                f"the file is larger than the {self._limit:,} bytes that one answer may have.",
                what=str(file),
                hint="Save the answers page by page.",
            )
        root, problem = responses.tree(file.read_bytes(), what=str(file))
        if problem:
            self.complete = False
            self.notify(
                Text(
                    f"{file}\u00a0: document abîmé ({problem}) Ce qui peut en être lu l’est.",
                    f"{file}: {problem} What can be read of it is.",
                )
            )
        known = _WITHOUT_RECORDS.get(local(root))
        if known:
            yield Rejected(file.name, known)
            return
        found = responses.page(root, what=str(file)).elements
        if not found:
            yield Rejected(file.name, NO_RECORD)
        with closing(Spool()) as spool, closing(Coupling()) as coupling:
            yield from self._read(found, spool, coupling)
            yield from self._kept(spool, coupling)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _with(url: str, more: dict[str, str]) -> str:
    """The address with these parameters in the place of its own of the same names."""
    parts = urlsplit(url)
    names = {n.lower() for n in more} | {"service", "request", "version"}
    kept = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k.lower() not in names]
    return urlunsplit((*parts[:3], urlencode([*kept, *more.items()]), ""))
