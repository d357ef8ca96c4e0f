"""The APIs that older OpenDataSoft portals have, and the catalogue that they export as RDF, for want of anything else.

Which one a portal has is found out by asking: Explore v2.1 first, then v2.0, then v1, then `exports/dcat`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from catalog.errors import ResponseInvalid, SourceError, SourceRefused
from catalog.model import Record
from catalog.settings import HarvestSettings, SourceSettings
from catalog.web import Client
from harvest.documents import json as json_document
from harvest.graph.records import record_of
from harvest.rdf import formats
from harvest.rdf.read import Document
from harvest.rdf.spool import Spool
from harvest.source import Rejected

PAGE = 100
V1_MOST = 10_000
"""Datasets that v1 gives in one answer."""
EXPORTS = ("/api/explore/v2.1/catalog/exports/dcat", "/api/v2/catalog/exports/dcat")


@dataclass
class OlderApis:
    """One portal, by whatever it has beside Explore v2.1."""

    client: Client
    portal: str

    # ── Explore v2.0 ─────────────────────────────────────────────────────────────────────────────────────────────

    def v20_count(self) -> int:
        """How many datasets v2.0 counts; raises `SourceError` where there is no such API."""
        return self._v20(0, 0)[0]

    def v20(self) -> Iterator[tuple[Any, str]]:
        """The records of v2.0, page by page in a stable order."""
        offset = 0
        while True:
            total, page = self._v20(PAGE, offset)
            for one in page:
                yield one, json.dumps(one, ensure_ascii=False)
            offset += len(page)
            if not page or offset >= total:
                return

    def _v20(self, limit: int, offset: int) -> tuple[int, list[Any]]:
        url = f"{self.portal}/api/v2/catalog/datasets"
        try:
            answer = self._json(url, {"limit": str(limit), "offset": str(offset), "order_by": "dataset_id"})
        except SourceRefused:  # the first versions of v2.0 call them otherwise
            answer = self._json(url, {"rows": str(limit), "start": str(offset), "sort": "dataset_id"})
        return _listed(answer, "total_count", url)

    # ── Explore v1 ───────────────────────────────────────────────────────────────────────────────────────────────

    def v1_count(self) -> int:
        """How many datasets v1 counts; raises `SourceError` where there is no such API."""
        return self._v1(0, 0)[0]

    def v1(self) -> Iterator[tuple[Any, str]]:
        """The records of v1, as many as there are in one answer: its order is not stable."""
        start = 0
        seen: set[str] = set()
        while True:
            total, page = self._v1(V1_MOST, start)
            for one in page:
                name = str(one.get("datasetid") if isinstance(one, dict) else one)
                if name not in seen:
                    seen.add(name)
                    yield one, json.dumps(one, ensure_ascii=False)
            start += len(page)
            if not page or start >= total:
                return

    def _v1(self, rows: int, start: int) -> tuple[int, list[Any]]:
        url = f"{self.portal}/api/datasets/1.0/search/"
        return _listed(self._json(url, {"rows": str(rows), "start": str(start), "interopmetas": "true"}), "nhits", url)

    def _json(self, url: str, params: dict[str, str]) -> Any:
        body, _ = self.client.get_bytes(url, accept="application/json", params=params)
        return json_document.load(body, what=url)

    # ── the RDF export ───────────────────────────────────────────────────────────────────────────────────────────

    def exported(self, settings: SourceSettings, harvest: HarvestSettings) -> Iterator[Record | Rejected]:
        """The datasets of `exports/dcat`, under the names that the API gives them."""
        with closing(Spool()) as spool:
            self._spool(spool, harvest)
            for found in spool.closures():
                made = record_of(settings.id, found, base=self.portal, kind="opendatasoft")
                if isinstance(made, Record):
                    name = dataset_id(made)
                    page = f"{self.portal}/explore/dataset/{name}/"
                    made = replace(made, id=name, name=name, iri="", identifier=page)
                yield made

    def _spool(self, spool: Spool, harvest: HarvestSettings) -> None:
        refusal: SourceError | None = None
        for path in EXPORTS:
            url, file = self.portal + path, spool.folder / "export"
            try:
                with self.client.stream(url, accept=formats.ACCEPT) as (chunks, kind), file.open("wb") as out:
                    for chunk in chunks:
                        out.write(chunk)
                spool.begin_page()
                document = Document(file, url, kind, "export.rdf", harvest.max_bytes, spool.folder)
                spool.add(document.triples(spool.forget_page))
            except (SourceRefused, ResponseInvalid) as e:
                refusal = refusal or e
            else:
                if spool.count():
                    return
        raise refusal or SourceRefused(
            "it exports no dataset as RDF.", what=self.portal, french="il n’exporte aucun jeu de données en RDF."
        )


def dataset_id(record: Record) -> str:
    """The portal's name of a dataset in its RDF export: its identifier, else the last part of its IRI."""
    given = record.identifier or record.id
    parts = [p for p in urlsplit(given).path.split("/") if p] if "://" in given else []
    return unquote(parts[-1]) if parts else given


def _listed(answer: Any, counter: str, url: str) -> tuple[int, list[Any]]:
    if (
        not isinstance(answer, dict)
        or type(answer.get(counter)) is not int
        or not isinstance(answer.get("datasets"), list)
    ):
        raise ResponseInvalid(
            "this is JSON, but no OpenDataSoft catalogue.",
            what=url,
            french="c’est du JSON, mais pas un catalogue OpenDataSoft.",
        )
    return answer[counter], answer["datasets"]
