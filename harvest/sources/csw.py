"""Catalogue services of geographic metadata (OGC CSW 2.0.2 and 3.0): GeoNetwork, pycsw, ArcGIS, Isogeo and others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from itertools import chain
from pathlib import Path

from catalog.errors import RecordInvalid, ResponseInvalid, SettingsInvalid, SourceError, unknown_choice
from catalog.model import Identity, Mapped, Record, Text
from catalog.settings import HarvestSettings, SourceSettings
from harvest import dublin_core
from harvest.csw import requests, responses
from harvest.csw.service import ISO, Manner, Service
from harvest.fetching import client_of
from harvest.graph.mapping import map_graph
from harvest.graph.records import graph_of
from harvest.graph.records import record_of as rdf_record
from harvest.incremental import MOST_UNKNOWN, NotIncremental, Same, asked_for
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
NO_DATES = Text(
    "le service ne dit pas qu’il se laisse interroger par date de fiche en ISO 19115\u00a0; tout est lu.",
    "the service does not say that it can be asked for records of ISO 19115 by their date; all is read.",
)
NOT_BY_DATE = Text(
    "interrogé par date de fiche, le service ne trouve pas toutes les siennes\u00a0; tout est lu.",
    "asked by date, the service does not find all of its records; all is read.",
)
NO_NAMES = Text(
    "la liste du service ne désigne pas chaque fiche par son identifiant\u00a0; tout est lu.",
    "the list of the service does not call each record by its identifier; all is read.",
)
_LONG_AGO = "1900-01-01"
NO_RECORD = Text("la réponse ne contient aucune fiche.", "the answer holds no record.")


class Csw:
    """One catalogue service.

    Options: `version` (`2.0.2`, `3.0.0`), `method` (`get`, `post`) and `schema` (`gmd`, `mdb`, `dcat`, `record`); what
    they leave open, the service's capabilities decide. `filter` is a constraint in CQL, `page_size` how many records
    are asked for at a time, `max_pages` when to give up.

    With `incremental = true`, a service whose records are in ISO 19115 and which can be asked by the date of their last
    change gives the names of all and the records that changed; what services say of the others is made from those kept.
    """

    def __init__(self, settings: SourceSettings, harvest: HarvestSettings, notify: Callable[[Text], None]) -> None:
        self.settings = settings
        self.harvest = harvest
        self.notify = notify
        self.client = client_of(settings, harvest, notify)
        self.incremental = asked_for(settings)
        manner = Manner(
            self._choice("version", requests.VERSIONS),
            self._choice("method", ("get", "post")),
            self._choice("schema", (*requests.SCHEMAS, "record")),
            str(settings.options.get("filter", "")),
            self._count("page_size", PAGE),
            self._count("max_pages", MOST_PAGES),
            min(MOST_BYTES, harvest.max_bytes),
        )
        self.service = Service(settings.url, self.client, manner, notify)
        self.total: int | None = None

    @property
    def complete(self) -> bool:
        """As `Source` has it."""
        return self.service.complete

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
        service = self.service
        service.complete = True
        service.introduce()
        with closing(Spool()) as spool, closing(Coupling()) as coupling:
            listed = 0
            for page in service.pages(service.question()):
                listed += len(page)
                self.total = service.total
                yield from self._read(page, spool, coupling)
            service.came(listed)
            yield from self._kept(spool, coupling)

    def changes(self, since: datetime, known: Mapping[str, bytes]) -> Iterator[Record | Rejected | Same]:
        """As `harvest.incremental.Incremental` has it; a service that operates on data is always given as a record."""
        service = self.service
        if self.settings.path is not None or not self.settings.url:
            raise NotIncremental
        service.introduce()
        modified = service.offer.modified
        if service.manner.schema not in ISO or not modified:
            raise self._reads_all(NO_DATES)
        listed = self._listed()
        self.total = len(listed)
        if service.page(replace(service.question(f"{modified} >= '{_LONG_AGO}'"), most=1)).matched != len(listed):
            raise self._reads_all(NOT_BY_DATE)
        unknown = self._unknown([name for name in listed if name not in known])
        changed = service.pages(service.question(f"{modified} >= '{since.date()}'"))
        with closing(Spool()) as spool, closing(Coupling()) as coupling:
            given: set[str] = set()
            for page in chain((unknown,), changed):
                yield from self._read([one for one in page if _first(one, given)], spool, coupling)
            yield from self._same(known, (name for name in listed if name in known and name not in given), coupling)
            yield from self._kept(spool, coupling)
            self.total = len(listed)

    def _reads_all(self, reason: Text) -> NotIncremental:
        self.notify(Text(f"{self.settings.url}\u00a0: {reason.fr}", f"{self.settings.url}: {reason.en}"))
        return NotIncremental()

    def _listed(self) -> dict[str, None]:
        """The names of all records. `NotIncremental` where they do not tell one from the other."""
        names = list(self.service.names())
        found = dict.fromkeys(names)
        self.service.came(len(names))
        if "" in found or len(found) != len(names) or not self.service.complete:
            raise self._reads_all(NO_NAMES)
        return found

    def _unknown(self, names: list[str]) -> list[Element | Rejected]:
        """The records of these names. `NotIncremental` where they are many, or called otherwise by themselves."""
        if len(names) > MOST_UNKNOWN:
            raise NotIncremental
        found: list[Element | Rejected] = []
        for name in names:
            elements = self.service.record(name)
            if any(not iso.is_record(one) or iso.name_of(one) not in ("", name) for one in elements):
                raise self._reads_all(NO_NAMES)
            found += elements
        return found

    def _same(self, known: Mapping[str, bytes], names: Iterator[str], coupling: Coupling) -> Iterator[Same]:
        """The records of these names by name alone, but for services on data, which wait as they do when read."""
        for name in names:
            try:
                waits = coupling.holds(iso.kept(known[name], name))
            except RecordInvalid:
                waits = False
            if not waits:
                yield Same(name)

    def check(self) -> Check:
        """Asks for the capabilities and for one record."""
        if self.settings.path is not None:
            return Check(ok=self.settings.path.is_file(), message=f"saved response {self.settings.path}")
        try:
            self.service.introduce()
            page = self.service.page(replace(self.service.question(), most=1))
        except SourceError as e:
            return Check(ok=False, message=f"{e.what}: {e.message}", hint=e.hint)
        how, title = self.service.manner, self.service.offer.title
        return Check(
            ok=bool(page.elements),
            message=(f"«{title}», " if title else "")
            + f"CSW {how.version}, records in {how.schema} by {how.method.upper()}",
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
        if file.stat().st_size > self.service.manner.limit:
            raise ResponseInvalid(
                f"the file is larger than the {self.service.manner.limit:,} bytes that one answer may have.",
                what=str(file),
                hint="Save the answers page by page.",
            )
        root, problem = responses.tree(file.read_bytes(), what=str(file))
        if problem:
            self.service.complete = False
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


def _first(one: Element | Rejected, given: set[str]) -> bool:
    """Whether no record of the same name was given before; takes notice of it."""
    name = "" if isinstance(one, Rejected) else iso.name_of(one)
    found = name not in given
    given.update((name,) if name else ())
    return found
