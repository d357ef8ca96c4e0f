"""CKAN portals, and DKAN's variant of their API: `package_search` page by page in a stable order.

Where a portal has no `package_search` (DKAN), `current_package_list_with_resources` is paged instead.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from catalog.errors import ResponseInvalid, SettingsInvalid, SourceError, SourceRefused
from catalog.model import Identity, Mapped, Record, Text
from catalog.settings import HarvestSettings, SourceSettings
from harvest.ckan_record import packages, record_of
from harvest.documents import json as json_document
from harvest.documents.saved_json import looks_like_json, values
from harvest.fetching import client_of
from harvest.incremental import Given, NotIncremental, Same, asked_for, together
from harvest.mapping import ckan as mapping
from harvest.mapping.context import Context
from harvest.source import Check, Rejected

API = "/api/3/action/"
PAGE = 500
"""Packages a page; CKAN 2.9 gives at most 1,000."""
NAMES = 1_000
"""Identifiers a page."""
AT_ONCE = 50
"""Packages asked for by name at a time."""
_MARKS = (
    b'"license_id"',
    b'"license_title"',
    b'"owner_org"',
    b'"num_resources"',
    b'"metadata_created"',
    b'"tag_string"',
)


class Ckan:
    """One CKAN portal. `options.fq` narrows what is asked for, as `fq` of `package_search` does.

    With `options.incremental`, only packages with a later `metadata_modified` are read, beside the identifiers of all.
    """

    def __init__(self, settings: SourceSettings, harvest: HarvestSettings, notify: Callable[[Text], None]) -> None:
        if not settings.url and settings.path is None:
            raise SettingsInvalid(f"source `{settings.id}` needs a `url`.")
        self.settings = settings
        self.harvest = harvest
        self.notify = notify
        self.total: int | None = None
        self.complete = True
        self.root = settings.url.rstrip("/").removesuffix("/api/3/action").removesuffix("/api/3") + API
        self.client = client_of(settings, harvest, notify)
        self.query = settings.options.get("fq", "")
        if not isinstance(self.query, str):
            raise SettingsInvalid(f"source `{settings.id}`: options.fq is a text, as in `organization:ville`.")
        self.incremental = asked_for(settings)

    def records(self) -> Iterator[Record | Rejected]:
        """Every package of the portal. Raises `SourceError`, also when fewer came than the portal counts."""
        try:
            first = self._search(0)
        except SourceRefused as e:
            self.notify(
                Text(
                    f"{e.told.fr} Les jeux sont listés sans recherche, comme DKAN le permet.",
                    f"{e.told.en} Listing packages without a search instead, as DKAN offers it.",
                )
            )
            yield from self._listed()
            return
        yield from self._searched(first)

    def changes(self, since: datetime, known: Mapping[str, bytes]) -> Iterator[Record | Rejected | Same]:
        """As `harvest.incremental.Incremental` has it."""
        later = f"metadata_modified:[{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ} TO *]"
        try:
            listed = [name for name, _ in self._found({"fl": "id"}, rows=NAMES)]
        except SourceRefused as e:
            raise NotIncremental from e
        self.total = len(listed)
        yield from together(listed, known, self._by_name, self._records(later))

    def _by_name(self, names: list[str]) -> Iterator[Given]:
        for start in range(0, len(names), AT_ONCE):
            quoted = " OR ".join(json.dumps(name) for name in names[start : start + AT_ONCE])
            yield from self._records(f"id:({quoted})")

    def _records(self, condition: str) -> Iterator[Given]:
        fq = f"+({self.query}) +{condition}" if self.query else condition
        return ((name, self._record(one)) for name, one in self._found({"fq": fq}, rows=PAGE))

    def _found(self, params: dict[str, str], *, rows: int) -> Iterator[tuple[str, Any]]:
        """Everything that a search finds, each once, by its identifier; raises when fewer came than are counted."""
        seen: set[str] = set()
        start = 0
        while True:
            page = self._search(start, rows=rows, **params)
            for one in page["results"]:
                id_ = str(one.get("id") if isinstance(one, dict) else one)
                if id_ not in seen:
                    seen.add(id_)
                    yield id_, one
            start += len(page["results"])
            if not page["results"] or start >= page["count"]:
                break
        self._complete(len(seen), page["count"])

    def _searched(self, page: dict[str, Any]) -> Iterator[Record | Rejected]:
        self.total = page["count"]
        start = 0
        seen: set[str] = set()
        while page["results"]:
            for one in page["results"]:
                id_ = str(one.get("id") if isinstance(one, dict) else one)
                if id_ not in seen:  # a package that moved to the next page while we read
                    seen.add(id_)
                    yield self._record(one)
            start += len(page["results"])
            if start >= page["count"]:
                break
            page = self._search(start)
        self._complete(len(seen), self.total)

    def _complete(self, came: int, counted: int) -> None:
        if came < counted:
            raise ResponseInvalid(
                f"the listing is incomplete: {came} packages came of the {counted} that the portal counts.",
                what=self.settings.url,
                hint="Nothing was changed; the next run tries again.",
                french=f"la liste est incomplète\u00a0: {came} jeux de données sont venus sur {counted}.",
                french_hint="Rien n’a changé\u00a0; le prochain moissonnage réessaie.",
            )

    def _search(self, start: int, *, rows: int = PAGE, **more: str) -> dict[str, Any]:
        params = {"rows": str(rows), "start": str(start), "sort": "id asc"}
        if self.query:
            params["fq"] = self.query
        params |= more
        found = self._result("package_search", params)
        if (
            not isinstance(found, dict)
            or type(found.get("count")) is not int
            or not isinstance(found.get("results"), list)
        ):
            raise ResponseInvalid(
                "this is JSON, but no CKAN search result.",
                what=self.root + "package_search",
                french="c’est du JSON, mais pas un résultat de recherche de CKAN.",
            )
        return found

    def _listed(self) -> Iterator[Record | Rejected]:
        """DKAN: the packages page by page until a page is empty, or brings nothing new."""
        offset = 0
        seen: set[str] = set()
        while True:
            params = {"limit": str(PAGE), "offset": str(offset)}
            result = self._result("current_package_list_with_resources", params)
            page = [
                p
                for one in (result if isinstance(result, list) else [])
                for p in (one if isinstance(one, list) else [one])
            ]
            fresh = [p for p in page if str(p.get("id") if isinstance(p, dict) else p) not in seen]
            for one in fresh:
                seen.add(str(one.get("id") if isinstance(one, dict) else one))
                yield self._record(one)
            offset += len(page)
            if not fresh or len(page) < PAGE:
                self.total = len(seen)
                return

    def _result(self, action: str, params: dict[str, str]) -> Any:
        url = self.root + action
        body, _ = self.client.get_bytes(url, accept="application/json", params=params)
        answer = json_document.load(body, what=url)
        if not isinstance(answer, dict) or "result" not in answer:
            raise ResponseInvalid(
                "this is JSON, but no answer of CKAN's API.",
                what=url,
                french="c’est du JSON, mais pas une réponse de l’API de CKAN.",
            )
        if answer.get("success") is False:
            raise SourceRefused(
                f"CKAN answered with an error: {answer.get('error')}.",
                what=url,
                french=f"CKAN a répondu par une erreur\u00a0: {answer.get('error')}.",
            )
        return answer["result"]

    def _record(self, data: Any) -> Record | Rejected:
        found = next(packages(data if isinstance(data, dict) else [data]), Text("", ""))
        return record_of(self.settings.id, found, json.dumps(data, ensure_ascii=False), portal=self.settings.url)

    def check(self) -> Check:
        """Asks the portal how many packages it has."""
        try:
            found = self._result("package_search", {"rows": "0"})
            total = found.get("count") if isinstance(found, dict) else None
        except SourceRefused:
            return self._check_listing()
        except SourceError as e:
            return Check(ok=False, message=f"{e.what}: {e.message}", hint=e.hint)
        return Check(ok=True, message="CKAN, Action API 3", datasets=total if isinstance(total, int) else None)

    def _check_listing(self) -> Check:
        try:
            self._result("current_package_list_with_resources", {"limit": "1"})
        except SourceError as e:
            return Check(ok=False, message=f"{e.what}: {e.message}", hint=e.hint)
        return Check(ok=True, message="CKAN's API without search, as DKAN has it")

    def admit(self, record: Record, context: Context) -> Text | None:
        """Not admitted: private and draft packages, and what is no dataset."""
        return mapping.admission(record.data)

    def map(self, record: Record, identity: Identity, context: Context) -> Mapped:
        """The record as DCAT-AP 3."""
        return mapping.map_record(record, identity, context)

    # ── saved responses ──────────────────────────────────────────────────────────────────────────────────────────

    @classmethod
    def recognises(cls, file: Path, head: bytes) -> bool:
        """Whether it is JSON with the fields of CKAN, or an answer of its API."""
        if not looks_like_json(head) or b'"@context"' in head[:2000]:
            return False
        answer = (b'"success"' in head and b'"result"' in head) or (b'"success"' in head and b'"error"' in head)
        return answer or (b'"notes"' in head and b'"resources"' in head) or any(m in head for m in _MARKS)

    def saved(self, file: Path) -> Iterator[Record | Rejected]:
        """The packages in a response of the API, or in a list."""
        for data, text in values(file, self.harvest, lists=()):
            found = list(packages(data))
            for one in found:
                alone = len(found) == 1 and one is data
                made = record_of(self.settings.id, one, text if alone else json.dumps(one), portal=self.settings.url)
                yield made if isinstance(made, Record) else Rejected(file.name, made.reason)
