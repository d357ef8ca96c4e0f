"""Portals that run udata, as data.gouv.fr does: the datasets and data services of some organizations, or of all.

The first version of the API gives datasets with their resources; the second, where only that answers, gives them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from catalog.errors import ResponseInvalid, SettingsInvalid, SourceError, SourceRefused
from catalog.model import Identity, Mapped, Record, Text
from catalog.settings import HarvestSettings, SourceSettings
from harvest import identity as names
from harvest.documents import json as json_document
from harvest.documents.saved_json import looks_like_json, values
from harvest.documents.tables import rows
from harvest.fetching import client_of
from harvest.incremental import MOST_UNKNOWN, Given, NotIncremental, Same, asked_for, together
from harvest.mapping import udata as mapping
from harvest.mapping.context import Context
from harvest.mapping.statements import segment
from harvest.source import Check, Rejected
from harvest.udata_exports import is_export, objects
from harvest.udata_record import described, record_of

PAGE = 100
"""Objects a page; udata takes as many as it is asked for, and data.gouv.fr slows down beyond that."""
LISTED = 500
"""Objects a page where only their names and dates are asked for."""
NAMES = "data{id,internal{last_modified_internal},harvest{uri,last_update}},next_page,total"
"""What is asked of each then, by the mask that udata's API takes (`X-Fields`)."""
_MARKS = (b'"frequency_date"', b'"temporal_coverage"', b'"business_number_id"', b'"base_api_url"', b'"contact_points"')


class Udata:
    """One udata portal.

    `options.organizations` are the identifiers or slugs of those whose datasets are taken (all where there are none),
    `options.api` is 1 or 2 (found out where it is not said), `options.reuses` and `options.dataservices` say whether
    these are asked for. With `options.incremental`, only datasets that udata itself has changed since, or harvested
    again, are read, beside the names of all.
    """

    def __init__(self, settings: SourceSettings, harvest: HarvestSettings, notify: Callable[[Text], None]) -> None:
        if not settings.url and settings.path is None:
            raise SettingsInvalid(f"source `{settings.id}` needs a `url`.")
        self.settings = settings
        self.harvest = harvest
        self.notify = notify
        self.total: int | None = None
        self.complete = True
        self.root = settings.url.rstrip("/").removesuffix("/api/1").removesuffix("/api/2")
        self.client = client_of(settings, harvest, notify)
        self.organizations = _texts(settings, "organizations")
        self.version = str(settings.options.get("api", "")) or ""
        if self.version not in ("", "1", "2"):
            raise SettingsInvalid(f"source `{settings.id}`: options.api is 1 or 2.")
        self.with_reuses = _flag(settings, "reuses")
        self.with_services = _flag(settings, "dataservices")
        self.incremental = asked_for(settings)

    # ── live ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def records(self) -> Iterator[Record | Rejected]:
        """Every dataset, then every data service. Raises `SourceError`, also when fewer came than are counted."""
        self.total = 0
        found: dict[str, str] = {}
        for organization in self._chosen():
            reuses = self._reuses_by_dataset() if organization is None else None
            for one in self._datasets(organization):
                if isinstance(one, dict):
                    _complete(one, organization or self._known.get(_id(one.get("organization"))))
                    one["reuses"] = self._reuses_of(one, reuses)
                    harvest = one.get("harvest")
                    found[_id(one)] = str(harvest.get("uri") or "") if isinstance(harvest, dict) else ""
                yield self._record(one)
            yield from self._services_of(organization, found)

    def changes(self, since: datetime, known: Mapping[str, bytes]) -> Iterator[Record | Rejected | Same]:
        """As `harvest.incremental.Incremental` has it, by the first version of the API. All data services are read."""
        if self.version == "2":
            raise NotIncremental
        self.total = 0
        of: dict[str, dict[str, Any] | None] = {}
        later: list[str] = []
        uris: dict[str, str] = {}
        try:
            organizations = list(self._chosen())
            for organization in organizations:
                for one in self._pages(
                    "/api/1/datasets/", _asked(organization), counted=True, fields=NAMES, size=LISTED
                ):
                    of[_id(one)] = organization
                    harvest = one.get("harvest") if isinstance(one, dict) else None
                    uris[_id(one)] = str(harvest.get("uri") or "") if isinstance(harvest, dict) else ""
                    later += [] if _id(one) in known and _before(one, since) else [_id(one)]
        except SourceRefused as e:
            raise NotIncremental from e
        if len(later) > MOST_UNKNOWN:
            raise NotIncremental
        fetch = partial(self._by_name, of)
        yield from together(of, known, fetch, fetch([name for name in later if name in known]))
        for organization in organizations:
            yield from self._services_of(organization, uris)

    def _by_name(self, of: Mapping[str, dict[str, Any] | None], names: list[str]) -> Iterator[Given]:
        for name in names:
            data = self._json(f"{self.root}/api/1/datasets/{segment(name)}/", {})
            if isinstance(data, dict):
                _complete(data, of[name] or self._known.get(_id(data.get("organization"))))
                data["reuses"] = self._reuses_of(data, None)
            yield name, self._record(data)

    def _services_of(self, organization: dict[str, Any] | None, uris: Mapping[str, str]) -> Iterator[Record | Rejected]:
        for service in self._services(organization):
            if isinstance(service, dict):
                _complete(service, organization or self._known.get(_id(service.get("organization"))))
                if self.settings.identity.iri == "source":
                    _name_datasets(service, uris)
            yield self._record(service)

    def _record(self, data: Any) -> Record | Rejected:
        checked = next(described([data]), Text("", ""))
        return record_of(self.settings.id, checked, portal=self.root)

    def _chosen(self) -> Iterator[dict[str, Any] | None]:
        """The organizations that are asked for, as udata describes them; None stands for the whole portal."""
        self._known: dict[str, dict[str, Any]] = {}
        if not self.organizations:
            self._known = {_id(one): one for one in self._pages("/api/1/organizations/", {}) if isinstance(one, dict)}
            yield None
        for name in self.organizations:
            url = f"{self.root}/api/1/organizations/{segment(name)}/"
            found = self._json(url, {})
            if not isinstance(found, dict) or not _id(found):
                raise ResponseInvalid("this is JSON, but no organization of udata.", what=url)
            yield found

    def _datasets(self, organization: dict[str, Any] | None) -> Iterator[Any]:
        params = _asked(organization)
        if self.version != "2":
            pages = self._pages("/api/1/datasets/", params, counted=True)
            try:
                first = next(pages, None)
            except SourceRefused as e:
                if self.version == "1":
                    raise
                self.notify(
                    Text(
                        f"{e.told.fr} La deuxième version de l’API est essayée.",
                        f"{e.told.en} Asking the second version of the API instead.",
                    )
                )
                self.version = "2"
            else:
                self.version = "1"
                if first is not None:
                    yield first
                    yield from pages
                return
        for one in self._pages("/api/2/datasets/", params, counted=True):
            if isinstance(one, dict) and not isinstance(one.get("resources"), list):
                one["resources"] = self._resources(one)
            yield one

    def _resources(self, dataset: dict[str, Any]) -> list[Any]:
        """The second version only links to the resources."""
        link = dataset.get("resources")
        if isinstance(link, dict) and link.get("total") == 0:
            return []
        return list(self._pages(f"/api/2/datasets/{segment(_id(dataset))}/resources/", {}, whole=True))

    def _reuses_by_dataset(self) -> dict[str, list[Any]] | None:
        """All reuses of the portal by the datasets that they use."""
        found: dict[str, list[Any]] = {}
        if not self.with_reuses:
            return found
        for reuse in self._offered("/api/1/reuses/", {}):
            used = reuse.pop("datasets", None) if isinstance(reuse, dict) else None
            for one in used if isinstance(used, list) else ():
                found.setdefault(_id(one), []).append(reuse)
        return found

    def _reuses_of(self, dataset: dict[str, Any], known: dict[str, list[Any]] | None) -> list[Any]:
        if known is not None:
            return known.get(_id(dataset), [])
        counts = dataset.get("metrics")
        if not self.with_reuses or (isinstance(counts, dict) and counts.get("reuses") == 0):
            return []
        found = list(self._offered("/api/1/reuses/", {"dataset": _id(dataset)}))
        for reuse in found:
            if isinstance(reuse, dict):
                reuse.pop("datasets", None)
        return found

    def _services(self, organization: dict[str, Any] | None) -> Iterator[Any]:
        if self.with_services:
            params = {"organization": _id(organization)} if organization else {}
            yield from self._offered("/api/1/dataservices/", params, counted=True)

    def _offered(self, path: str, params: dict[str, str], *, counted: bool = False) -> Iterator[Any]:
        """What a portal may not have: older versions of udata know no data services."""
        try:
            yield from self._pages(path, params, counted=counted)
        except SourceRefused as e:
            self.notify(Text(f"{e.told.fr} Elles sont laissées de côté.", f"{e.told.en} They are left out."))
            if "reuses" in path:
                self.with_reuses = False

    def _pages(
        self,
        path: str,
        params: dict[str, str],
        *,
        counted: bool = False,
        whole: bool = False,
        fields: str = "",
        size: int = PAGE,
    ) -> Iterator[Any]:
        """The objects of a listing, page by page until udata names no next one; of each these `fields`, else all.

        An object that moved to the next page meanwhile is given once. A page that brings nothing new, and a listing
        shorter than its own count, are refused.
        """
        url = self.root + path
        seen: set[str] = set()
        number = 1
        while True:
            page = self._json(url, {**params, "page": str(number), "page_size": str(size)}, fields)
            if not isinstance(page, dict) or not isinstance(page.get("data"), list):
                raise ResponseInvalid("this is JSON, but no page of udata's API.", what=url)
            total = page.get("total")
            if number == 1 and counted and isinstance(total, int):
                self.total = (self.total or 0) + total
            fresh = [one for one in page["data"] if _id(one) not in seen]
            seen.update(_id(one) for one in fresh)
            yield from fresh
            if not page.get("next_page"):
                break
            if not fresh:
                raise ResponseInvalid(
                    f"page {number} repeats what came before, and names a next one: the pages turn in a circle.",
                    what=url,
                    hint="Nothing was changed; the next run tries again.",
                )
            number += 1
        if (counted or whole) and isinstance(total, int) and len(seen) < total:
            raise ResponseInvalid(
                f"the listing is incomplete: {len(seen)} objects came of the {total} that the portal counts.",
                what=url,
                hint="Nothing was changed; the next run tries again.",
            )

    def _json(self, url: str, params: dict[str, str], fields: str = "") -> Any:
        mask = {"X-Fields": fields} if fields else None
        body, _ = self.client.get_bytes(url, accept="application/json", params=params or None, headers=mask)
        return json_document.load(body, what=url)

    def check(self) -> Check:
        """Asks how many datasets there are, of the organizations or in all."""
        total = 0
        try:
            for name in self.organizations or [""]:
                found = self._json(f"{self.root}/api/1/organizations/{segment(name)}/", {}) if name else None
                params = {"page_size": "1", **({"organization": _id(found)} if found else {})}
                page = self._first(params)
                total += page["total"] if isinstance(page.get("total"), int) else 0
        except SourceError as e:
            return Check(ok=False, message=f"{e.what}: {e.message}", hint=e.hint)
        return Check(ok=True, message="udata", datasets=total)

    def _first(self, params: dict[str, str]) -> dict[str, Any]:
        for version in [self.version] if self.version else ["1", "2"]:
            url = f"{self.root}/api/{version}/datasets/"
            try:
                page = self._json(url, params)
            except SourceRefused:
                if version != "1" or self.version:
                    raise
                continue
            if isinstance(page, dict) and isinstance(page.get("data"), list):
                return page
            raise ResponseInvalid("this is JSON, but no page of udata's API.", what=url)
        raise AssertionError("unreachable: the last version returns or raises")

    def admit(self, record: Record, context: Context) -> Text | None:
        """Not admitted: private, deleted and archived ones, and those that udata harvested from this catalogue."""
        return mapping.admission(record.data, context)

    def map(self, record: Record, identity: Identity, context: Context) -> Mapped:
        """The record as DCAT-AP 3."""
        return mapping.map_record(record, identity, context)

    # ── saved responses ──────────────────────────────────────────────────────────────────────────────────────────────

    @classmethod
    def recognises(cls, file: Path, head: bytes) -> bool:
        """Whether it is JSON of udata's API, or one of the exports of its catalogue."""
        if looks_like_json(head):
            if b'"@context"' in head[:2000] or b'"@graph"' in head[:2000]:
                return False
            return any(m in head for m in _MARKS) or (b'"next_page"' in head and b'"page_size"' in head)
        return file.suffix.lower() in {".csv", ".tsv"} and is_export(head)

    def saved(self, file: Path) -> Iterator[Record | Rejected]:
        """The datasets and data services in a response of the API, or in an export."""
        with file.open("rb") as f:
            is_json = looks_like_json(f.read(256))
        if is_json:
            for data, _ in values(file, self.harvest, lists=()):
                for one in described(data):
                    yield self._saved(file, one)
            return
        if file.stat().st_size > self.harvest.max_bytes:
            raise ResponseInvalid(
                f"the file is larger than the {self.harvest.max_bytes:,} bytes allowed.",
                what=str(file),
                hint="Raise [harvest] max_bytes if it is right.",
            )
        for made in objects(rows(file.read_bytes(), what=str(file)), what=file.name):
            if isinstance(made, Rejected):
                yield made
            else:
                for one in described(made):
                    yield self._saved(file, one)

    def _saved(self, file: Path, one: dict[str, Any] | Text) -> Record | Rejected:
        made = record_of(self.settings.id, one, portal=self.root)
        return made if isinstance(made, Record) else Rejected(file.name, made.reason)


def _id(one: Any) -> str:
    if isinstance(one, dict):
        return str(one.get("id") or one.get("slug") or "")
    return one if isinstance(one, str) else repr(one)


def _asked(organization: dict[str, Any] | None) -> dict[str, str]:
    """The parameters of a listing of datasets: the oldest first, so that none moves while pages are turned."""
    return {"sort": "created", **({"organization": _id(organization)} if organization else {})}


def _before(one: Any, since: datetime) -> bool:
    """Whether udata itself says that it has neither changed nor harvested a dataset since.

    Its `last_modified` does not say that: of what it harvests, it is the date that the source gives.
    """
    found = []
    for part, name in (("internal", "last_modified_internal"), ("harvest", "last_update")):
        told = one.get(part) if isinstance(one, dict) else None
        given = told.get(name) if isinstance(told, dict) else None
        if given is None and part == "harvest":
            continue
        try:
            moment = datetime.fromisoformat(str(given))
        except ValueError:
            return False
        found.append(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    return all(moment < since for moment in found)


def _complete(data: dict[str, Any], organization: dict[str, Any] | None) -> None:
    """What udata says of the organization by itself, its SIRET and its site, beside what it repeats in the dataset."""
    own = data.get("organization")
    if organization and isinstance(own, dict) and _id(own) == _id(organization):
        more = {k: organization[k] for k in ("business_number_id", "url") if organization.get(k)}
        data["organization"] = {**own, **more}


def _name_datasets(service: dict[str, Any], found: Mapping[str, str]) -> None:
    """Adds the IRIs under which the datasets of a data service are published, where they brought theirs."""
    listed = service.get("datasets")
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict) and names.persistent(found.get(_id(one), "")):
            one["iri"] = found[_id(one)]


def _texts(settings: SourceSettings, name: str) -> list[str]:
    given = settings.options.get(name, [])
    given = [given] if isinstance(given, str) else given
    if not isinstance(given, list) or not all(isinstance(one, str) and one.strip() for one in given):
        raise SettingsInvalid(f'source `{settings.id}`: options.{name} is a list of texts, as in `["toulouse"]`.')
    return [one.strip() for one in given]


def _flag(settings: SourceSettings, name: str) -> bool:
    given = settings.options.get(name, True)
    if not isinstance(given, bool):
        raise SettingsInvalid(f"source `{settings.id}`: options.{name} is true or false.")
    return given
