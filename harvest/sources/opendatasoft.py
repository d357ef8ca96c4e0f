"""OpenDataSoft portals: Explore API v2.1, the catalogue export streamed, else the paged listing; else an older API.

`catalog/exports/json` has no limit of its own. Where a portal does not offer it, `catalog/datasets` is paged with
`order_by=dataset_id` (without it pages overlap and leave gaps), at most 100 records a page; beyond the 10,000 that
paging reaches, the listing is divided by modification date.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from catalog.errors import ResponseInvalid, SourceError, SourceRefused
from catalog.model import Identity, Mapped, Record, Text
from catalog.settings import HarvestSettings, SourceSettings
from harvest import json_stream
from harvest.documents import saved_json
from harvest.documents.saved_json import looks_like_json
from harvest.fetching import client_of
from harvest.graph.mapping import map_graph
from harvest.graph.records import graph_of
from harvest.incremental import Given, NotIncremental, Same, asked_for, together
from harvest.mapping import opendatasoft as mapping
from harvest.mapping.context import Context
from harvest.ods_apis import OlderApis
from harvest.ods_identity import identify
from harvest.ods_record import normalise
from harvest.source import Check, Rejected, canonical_hash

KIND = "opendatasoft"
API = "/api/explore/v2.1/catalog"
PAGE = 100
WALL = 10_000
"""The API refuses `offset + limit` beyond this."""
AT_ONCE = 50
"""Datasets asked for by name at a time."""
FIRST = datetime(1970, 1, 1, tzinfo=UTC)


class OpenDataSoft:
    """One OpenDataSoft portal, live.

    With `options.incremental`, only datasets with a later `modified`, or none, are read, beside the names of all.
    """

    def __init__(self, settings: SourceSettings, harvest: HarvestSettings, notify: Callable[[Text], None]) -> None:
        self.settings = settings
        self.harvest = harvest
        self.notify = notify
        self.total: int | None = None
        self.complete = True
        self.root = settings.url.rstrip("/") + API
        self.client = client_of(settings, harvest, notify)
        self.incremental = asked_for(settings)
        self.older = OlderApis(self.client, settings.url.rstrip("/"))

    def records(self) -> Iterator[Record | Rejected]:
        """Every dataset of the portal. Raises `SourceError`, also when fewer came than the portal says it has."""
        count = 0
        for record in self._of_some_api():
            count += 1
            yield record
        self._complete(count)

    def _complete(self, count: int) -> None:
        if self.total is not None and count < self.total:
            raise ResponseInvalid(
                f"the listing is incomplete: {count} datasets came of the {self.total} that the portal counts.",
                what=self.settings.url,
                hint="Nothing was changed; the next run tries again.",
                french=f"la liste est incomplète\u00a0: {count} jeux de données sont venus sur {self.total}.",
                french_hint="Rien n’a changé\u00a0; le prochain moissonnage réessaie.",
            )

    def changes(self, since: datetime, known: Mapping[str, bytes]) -> Iterator[Record | Rejected | Same]:
        """As `harvest.incremental.Incremental` has it; only by Explore v2.1 and its export."""
        later = f"modified >= date'{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}' or modified is null"
        try:
            self.total = self._count("")
            listed = [name for name, _, _ in self._export({"select": "dataset_id"})]
        except SourceRefused as e:
            raise NotIncremental from e
        self._complete(len(listed))
        yield from together(listed, known, self._by_name, self._changed(later))

    def _by_name(self, names: list[str]) -> Iterator[Given]:
        for start in range(0, len(names), AT_ONCE):
            quoted = ", ".join(json.dumps(name, ensure_ascii=False) for name in names[start : start + AT_ONCE])
            yield from self._changed(f"dataset_id in ({quoted})")

    def _changed(self, where: str) -> Iterator[Given]:
        return ((name, self._record(data, text)) for name, text, data in self._export({"where": where}))

    def _export(self, params: dict[str, str]) -> Iterator[tuple[str, str, Any]]:
        """Name, text and value of what the export gives."""
        url = f"{self.root}/exports/json"
        with self.client.stream(url, accept="application/json", params=params or None) as (chunks, _):
            for text, data in json_stream.elements(chunks, what=url, limit=self.harvest.max_record):
                yield str(data.get("dataset_id") if isinstance(data, dict) else data), text, data

    def _of_some_api(self) -> Iterator[Record | Rejected]:
        """The records by the first API that the portal has; raises what v2.1 said where it has none."""
        try:
            self.total = self._count("")
        except (SourceRefused, ResponseInvalid) as first:
            yield from self._of_an_older_api(first)
        else:
            yield from self._listing()

    def _of_an_older_api(self, first: SourceError) -> Iterator[Record | Rejected]:
        for name, count, listing in (
            ("v2.0", self.older.v20_count, self.older.v20),
            ("v1", self.older.v1_count, self.older.v1),
        ):
            try:
                self.total = count()
            except (SourceRefused, ResponseInvalid):
                continue
            self.notify(
                Text(
                    f"Le portail n’a pas l’API Explore v2.1\u00a0; lecture par {name}.",
                    f"The portal has no Explore API v2.1; reading it by {name}.",
                )
            )
            for data, text in listing():
                yield self._record(data, text)
            return
        exported = self.older.exported(self.settings, self.harvest)
        try:
            one = next(exported)
        except (StopIteration, SourceRefused, ResponseInvalid):
            raise first from None
        self.notify(
            Text(
                "Le portail n’a aucune API connue\u00a0; lecture du catalogue qu’il exporte en RDF.",
                "The portal has no API that is known; reading the catalogue that it exports as RDF.",
            )
        )
        yield one
        yield from exported

    def _listing(self) -> Iterator[Record | Rejected]:
        try:
            for _, text, data in self._export({}):
                yield self._record(data, text)
        except SourceRefused as e:
            self.notify(
                Text(
                    f"{e.told.fr} Le catalogue est lu page par page.",
                    f"{e.told.en} Reading the catalogue page by page instead.",
                )
            )
            yield from self._pages()

    def _pages(self) -> Iterator[Record | Rejected]:
        if (self.total or 0) < WALL:
            yield from self._paged("")
            return
        self.notify(
            Text(
                f"{self.total} jeux de données, plus que la pagination n’en atteint\u00a0; lecture par date.",
                f"{self.total} datasets are more than paging reaches; reading them by modification date.",
            )
        )
        yield from self._paged("modified is null")
        yield from self._between(FIRST, datetime.now(UTC).replace(microsecond=0) + timedelta(days=3650))

    def _between(self, start: datetime, end: datetime) -> Iterator[Record | Rejected]:
        """The datasets modified in [start, end), halving the interval until paging reaches its end."""
        where = f"modified >= date'{start:%Y-%m-%dT%H:%M:%SZ}' and modified < date'{end:%Y-%m-%dT%H:%M:%SZ}'"
        count = self._count(where)
        if count < WALL:
            if count:
                yield from self._paged(where)
            return
        if end - start <= timedelta(seconds=1):
            raise ResponseInvalid(
                f"{count} datasets were modified in the same second; the portal's paging cannot list them.",
                what=self.settings.url,
                french=f"{count} modifiés dans la même seconde\u00a0; la pagination du portail ne sait pas les lister.",
            )
        middle = (start + (end - start) / 2).replace(microsecond=0)
        yield from self._between(start, middle)
        yield from self._between(middle, end)

    def _paged(self, where: str) -> Iterator[Record | Rejected]:
        offset = 0
        while True:
            limit = min(PAGE, WALL - 1 - offset)
            page = self._page(limit=limit, offset=offset, where=where)
            for data in page["results"]:
                yield self._record(data, json.dumps(data, ensure_ascii=False))
            offset += len(page["results"])
            if not page["results"] or offset >= page["total_count"]:
                return

    def _count(self, where: str) -> int:
        count: int = self._page(limit=0, offset=0, where=where)["total_count"]
        return count

    def _page(self, *, limit: int, offset: int, where: str) -> dict[str, Any]:
        params = {"limit": str(limit), "offset": str(offset), "order_by": "dataset_id"}
        if where:
            params["where"] = where
        url = f"{self.root}/datasets"
        body, kind = self.client.get_bytes(url, accept="application/json", params=params)
        try:
            page = json.loads(body)
        except (ValueError, RecursionError) as e:
            what = "a web page" if "html" in kind or body.lstrip()[:1] == b"<" else "no valid JSON"
            raise ResponseInvalid(
                f"{what} came instead of a catalogue.",
                what=url,
                hint="Give the portal's root, without the path of its API, and check that it needs no login.",
                french="autre chose est venu qu’un catalogue\u00a0: une page web ou du JSON abîmé.",
                french_hint="Donnez la racine du portail, sans le chemin de son API, et sans identification.",
            ) from e
        if (
            not isinstance(page, dict)
            or not isinstance(page.get("results"), list)
            or type(page.get("total_count")) is not int
        ):
            raise ResponseInvalid(
                "this is JSON, but no OpenDataSoft catalogue.",
                what=url,
                french="c’est du JSON, mais pas un catalogue OpenDataSoft.",
            )
        return page

    def check(self) -> Check:
        """Asks the portal how many datasets it has."""
        refusal: SourceError | None = None
        newest: Callable[[], int] = partial(self._count, "")
        counts = (("v2.1", newest), ("v2.0", self.older.v20_count), ("v1", self.older.v1_count))
        for name, count in counts:
            try:
                return Check(ok=True, message=f"OpenDataSoft, Explore API {name}", datasets=count())
            except (SourceRefused, ResponseInvalid) as e:
                refusal = refusal or e
            except SourceError as e:
                return Check(ok=False, message=f"{e.what}: {e.message}", hint=e.hint)
        try:
            next(self.older.exported(self.settings, self.harvest))
        except (StopIteration, SourceError):
            first = refusal or SourceRefused("")
            return Check(ok=False, message=f"{first.what}: {first.message}", hint=first.hint)
        return Check(ok=True, message="OpenDataSoft, by its RDF export only")

    def admit(self, record: Record, context: Context) -> Text | None:
        """Not admitted: datasets that are not public, and federated ones unless the source says so."""
        return None if _is_graph(record) else mapping.admission(normalise(record.data), context)

    def map(self, record: Record, identity: Identity, context: Context) -> Mapped:
        """The record as DCAT-AP 3."""
        if _is_graph(record):
            return map_graph(record, graph_of(record), identity, context, base=record.data["base"])
        return mapping.map_record(record, identity, context)

    def _record(self, data: Any, text: str) -> Record | Rejected:
        return read_record(self.settings.id, data, text, portal=self.settings.url)

    # ── saved responses ──────────────────────────────────────────────────────────────────────────────────────────

    @classmethod
    def recognises(cls, file: Path, head: bytes) -> bool:
        """Whether it is JSON that speaks of an OpenDataSoft dataset."""
        return looks_like_json(head) and _DATASET.search(head) is not None

    def saved(self, file: Path) -> Iterator[Record | Rejected]:
        """The records of a page, a list, or one record, of any version of the API."""
        for data, text in saved_json.values(file, self.harvest, lists=("results", "datasets")):
            yield self._record(data, text)


def _is_graph(record: Record) -> bool:
    """Whether the record comes from the RDF export."""
    return isinstance(record.data, dict) and record.data.keys() == {"root", "base"}


_DATASET = re.compile(rb'"dataset_?id"\s*:')


def read_record(source: str, data: Any, text: str, *, portal: str = "") -> Record | Rejected:
    """A record of any OpenDataSoft shape (v1, v2.0, v2.1), or why it is none.

    By default it is identified as data.gouv.fr knows the datasets of such portals: by its page there.
    """
    found = identify(data)
    if isinstance(found, Text):
        return Rejected(f"?{canonical_hash(data)[:12]}", found)
    try:
        payload = text.encode()
    except UnicodeEncodeError:  # half a surrogate pair: written as an escape, as it came
        payload = json.dumps(data).encode()
    known = f"{portal.rstrip('/')}/explore/dataset/{found.id}/" if portal else ""
    return Record(
        source,
        found.id,
        payload,
        data,
        canonical_hash(data),
        found.modified,
        found.uid,
        identifier=known,
        name=found.id,
        kind=KIND,
    )
