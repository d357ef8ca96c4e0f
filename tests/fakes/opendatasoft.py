"""An OpenDataSoft portal: Explore API v2.1, its catalogue only, with the limits of the real service and its moods."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes.server import Answer, Running, serving

CATALOG = "/api/explore/v2.1/catalog"


def record(name: str, *, title: str = "", modified: str | None = "2024-05-06T07:08:09+00:00") -> dict[str, Any]:
    """A small record in the v2.1 shape."""
    default = {"title": title or f"Jeu {name}", "modified": modified, "description": "<p>Écrit à la main.</p>"}
    return {
        "dataset_id": name,
        "dataset_uid": f"da_{name}",
        "has_records": True,
        "features": ["analyze"],
        "metas": {"default": default, "dcat": {}},
        "fields": [],
        "attachments": [],
    }


def names(count: int, first: str = "jeu") -> list[str]:
    """Identifiers in order."""
    return [f"{first}-{i:05d}" for i in range(count)]


@dataclass
class Portal:
    """`export` is the answer of the export end point where it is not the records; `moods` come before everything.

    `api` is the only API that the portal has: `v2.1`, `v2.0` (`v2.0 rows`: with older parameters), `v1`,
    or `rdf` for the RDF export alone, whose answer is `rdf`.
    """

    records: list[dict[str, Any]] = field(default_factory=list)
    export: Answer | None = None
    moods: list[Answer] = field(default_factory=list)
    counted: int | None = None
    api: str = "v2.1"
    rdf: bytes = b""

    def reply(self, path: str) -> Answer:
        """The answer to one request."""
        if self.moods:
            return self.moods.pop(0)
        url = urlsplit(path)
        asked = {k: v[0] for k, v in parse_qs(url.query).items()}
        if self.api != "v2.1":
            return self._older(url.path, asked)
        if url.path == f"{CATALOG}/exports/json":
            return self.export or Answer(chunks=list(self._export(asked)))
        if url.path == f"{CATALOG}/datasets":
            return self._datasets(asked)
        return _error(404, "NotFound", "unknown path")

    def _older(self, path: str, asked: dict[str, str]) -> Answer:
        if path == "/api/v2/catalog/datasets" and self.api.startswith("v2.0"):
            names = ("rows", "start") if "rows" in self.api else ("limit", "offset")
            if names[0] not in asked:
                return _error(400, "InvalidRESTParameterError", f"unknown parameter, {names[0]} is wanted")
            rows, start = int(asked[names[0]]), int(asked[names[1]])
            page = [{"dataset": r, "links": []} for r in self.records[start : start + min(rows, 100)]]
            return Answer(json.dumps({"total_count": len(self.records), "datasets": page}).encode())
        if path == "/api/datasets/1.0/search/" and self.api == "v1":
            start = int(asked.get("start", 0))
            page = [_v1(r) for r in self.records[start : start + int(asked.get("rows", 10))]]
            return Answer(json.dumps({"nhits": len(self.records), "parameters": {}, "datasets": page}).encode())
        if path == "/api/v2/catalog/exports/dcat" and self.api == "rdf":
            return Answer(self.rdf, kind="application/rdf+xml")
        return _error(404, "NotFound", "unknown path")

    def _export(self, asked: dict[str, str]) -> Iterator[bytes]:
        found = [r for r in self.records if _fits(r, asked.get("where", ""))]
        if "select" in asked:
            found = [{key: r[key] for key in asked["select"].split(",")} for r in found]
        text = json.dumps(found, ensure_ascii=False).encode()
        yield from (text[i : i + 700] for i in range(0, len(text), 700))

    def _datasets(self, asked: dict[str, str]) -> Answer:
        limit, offset = int(asked.get("limit", 10)), int(asked.get("offset", 0))
        if not 0 <= limit <= 100 or offset < 0 or offset + limit >= 10_000:
            return _error(400, "InvalidRESTParameterError", "limit <= 100, offset + limit < 10000")
        try:
            conditions = [_condition(part) for part in asked.get("where", "").split(" and ") if part]
        except ValueError as e:
            return _error(400, "ODSQLError", str(e))
        found = [r for r in self.records if all(c(_moment(r)) for c in conditions)]
        if asked.get("order_by") == "dataset_id":
            found.sort(key=lambda r: str(r["dataset_id"]))
        else:
            random.shuffle(found)  # as the real service does
        total = len(found) if self.counted is None else self.counted
        return Answer(json.dumps({"total_count": total, "results": found[offset : offset + limit]}).encode())


def _fits(found: dict[str, Any], where: str) -> bool:
    """Conditions with `or` between them, or a list of names."""
    if where.startswith("dataset_id in ("):
        return found["dataset_id"] in json.loads(f"[{where.removeprefix('dataset_id in (').removesuffix(')')}]")
    return not where or any(_condition(part)(_moment(found)) for part in where.split(" or "))


def _v1(found: dict[str, Any]) -> dict[str, Any]:
    """The same record in the v1 shape."""
    return {"datasetid": found["dataset_id"], "has_records": True, "metas": found["metas"]["default"], "fields": []}


def _error(status: int, code: str, message: str) -> Answer:
    return Answer(json.dumps({"error_code": code, "message": message}).encode(), status)


def _condition(part: str) -> Callable[[str | None], bool]:
    """One condition of ODSQL on `modified`, given as far as its seconds."""
    if part == "modified is null":
        return lambda moment: moment is None
    match = re.fullmatch(r"modified (>=|<) date'(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z'", part)
    if match is None:
        raise ValueError(f"not understood: {part}")
    limit = match[2]
    if match[1] == "<":
        return lambda moment: moment is not None and moment < limit
    return lambda moment: moment is not None and moment >= limit


def _moment(found: dict[str, Any]) -> str | None:
    modified: str | None = found["metas"]["default"]["modified"]
    return modified[:19] if modified else None


@contextmanager
def portal(state: Portal) -> Iterator[Running]:
    """Runs the portal on a free loopback port."""
    with serving(state.reply) as running:
        yield running
