"""OpenDataSoft portals: Explore API v2.1, the catalogue export streamed, else the paged listing.

`catalog/exports/json` has no limit of its own. Where a portal does not offer it, `catalog/datasets` is paged with
`order_by=dataset_id` (without it pages overlap and leave gaps), at most 100 records a page; beyond the 10,000 that
paging reaches, the listing is divided by modification date.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from catalog.errors import ResponseInvalid, SourceError, SourceRefused
from catalog.model import Identity, Mapped, Record, Text
from catalog.settings import HarvestSettings, SourceSettings
from harvest import json_stream
from harvest.documents import saved_json
from harvest.documents.saved_json import looks_like_json
from harvest.fetching import client_of
from harvest.mapping import opendatasoft as mapping
from harvest.mapping.context import Context
from harvest.ods_identity import identify
from harvest.ods_record import normalise
from harvest.source import Check, Rejected, canonical_hash

KIND = "opendatasoft"
API = "/api/explore/v2.1/catalog"
PAGE = 100
WALL = 10_000
"""The API refuses `offset + limit` beyond this."""
FIRST = datetime(1970, 1, 1, tzinfo=UTC)


class OpenDataSoft:
    """One OpenDataSoft portal, live."""

    def __init__(self, settings: SourceSettings, harvest: HarvestSettings, notify: Callable[[str], None]) -> None:
        self.settings = settings
        self.harvest = harvest
        self.notify = notify
        self.total: int | None = None
        self.complete = True
        self.root = settings.url.rstrip("/") + API
        self.client = client_of(settings, harvest, notify)

    def records(self) -> Iterator[Record | Rejected]:
        """Every dataset of the portal. Raises `SourceError`, also when fewer came than the portal says it has."""
        self.total = self._count("")
        count = 0
        for record in self._listing():
            count += 1
            yield record
        if count < self.total:
            raise ResponseInvalid(
                f"the listing is incomplete: {count} datasets came of the {self.total} that the portal counts.",
                what=self.settings.url,
                hint="Nothing was changed; the next run tries again.",
            )

    def _listing(self) -> Iterator[Record | Rejected]:
        url = f"{self.root}/exports/json"
        try:
            with self.client.stream(url, accept="application/json") as (chunks, _):
                for text, data in json_stream.elements(chunks, what=url, limit=self.harvest.max_record):
                    yield self._record(data, text)
        except SourceRefused as e:
            self.notify(f"{e} Reading the catalogue page by page instead.")
            yield from self._pages()

    def _pages(self) -> Iterator[Record | Rejected]:
        if (self.total or 0) < WALL:
            yield from self._paged("")
            return
        self.notify(f"{self.total} datasets are more than paging reaches; reading them by modification date.")
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
            ) from e
        if (
            not isinstance(page, dict)
            or not isinstance(page.get("results"), list)
            or type(page.get("total_count")) is not int
        ):
            raise ResponseInvalid("this is JSON, but no OpenDataSoft catalogue.", what=url)
        return page

    def check(self) -> Check:
        """Asks the portal how many datasets it has."""
        try:
            total = self._count("")
        except SourceError as e:
            return Check(ok=False, message=f"{e.what}: {e.message}", hint=e.hint)
        return Check(ok=True, message="OpenDataSoft, Explore API v2.1", datasets=total)

    def admit(self, record: Record, context: Context) -> Text | None:
        """Not admitted: datasets that are not public, and federated ones unless the source says so."""
        return mapping.admission(normalise(record.data), context)

    def map(self, record: Record, identity: Identity, context: Context) -> Mapped:
        """The record as DCAT-AP 3."""
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
