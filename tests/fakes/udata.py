"""A udata portal: both versions of its API with their pages, and its moods."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.fakes.server import Answer, Running, serving

CITY = {
    "id": "534fff4da3a7292c64a77cd1",
    "name": "Ville de Toulouse",
    "slug": "ville-de-toulouse",
    "business_number_id": "21310555400017",
    "url": "https://ville.example.org",
}


def dataset(name: str, **more: Any) -> dict[str, Any]:
    """A small dataset as the first version of the API gives it."""
    return {
        "id": f"id-{name}",
        "slug": name,
        "title": f"Jeu {name}",
        "description": "Écrit à la **main**.",
        "acronym": None,
        "private": False,
        "deleted": None,
        "archived": None,
        "created_at": "2024-05-06T07:08:09.123000+00:00",
        "last_modified": "2024-06-07T08:09:10+00:00",
        "frequency": "annual",
        "license": "lov2",
        "tags": ["arbres"],
        "badges": [],
        "organization": {"id": CITY["id"], "name": CITY["name"], "slug": CITY["slug"]},
        "owner": None,
        "spatial": {"geom": None, "granularity": "fr:commune", "zones": ["fr:commune:31555"]},
        "temporal_coverage": {"start": "2020-01-01", "end": "2020-12-31"},
        "contact_points": [],
        "harvest": None,
        "extras": {},
        "metrics": {"reuses": 0, "views": 12},
        "page": f"https://www.example.org/datasets/{name}/",
        "uri": f"https://www.example.org/api/1/datasets/{name}/",
        "resources": [resource(f"r-{name}")],
        **more,
    }


def resource(name: str, **more: Any) -> dict[str, Any]:
    """A small resource."""
    return {
        "id": name,
        "title": "Fichier",
        "url": f"https://static.example.org/{name}.csv",
        "latest": f"https://www.example.org/datasets/r/{name}",
        "format": "csv",
        "mime": "text/csv",
        "filesize": 12,
        "filetype": "file",
        "type": "main",
        "checksum": {"type": "sha1", "value": "5b787ad25b85b994d03b5c536d8ecdecef3da9a1"},
        "schema": {"name": "etalab/schema-irve-statique", "url": None, "version": "2.2.0"},
        "created_at": "2024-05-06T07:08:09+00:00",
        "last_modified": "2024-06-07T08:09:10+00:00",
        "extras": {"check:status": 200},
        "metrics": {"views": 56},
        **more,
    }


def service(name: str, **more: Any) -> dict[str, Any]:
    """A small data service."""
    return {
        "id": f"id-{name}",
        "slug": name,
        "title": f"API {name}",
        "description": "Une API.",
        "base_api_url": "https://api.example.org/v1",
        "machine_documentation_url": "https://api.example.org/openapi.json",
        "access_type": "open",
        "organization": {"id": CITY["id"], "name": CITY["name"]},
        "self_web_url": f"https://www.example.org/dataservices/{name}/",
        "datasets": [],
        "private": False,
        "tags": [],
        **more,
    }


@dataclass
class Portal:
    """`v1` off: only the second version has datasets. `counted` is a false count, `circle` always names a next page."""

    datasets: list[dict[str, Any]] = field(default_factory=list)
    services: list[dict[str, Any]] | None = field(default_factory=list)
    reuses: list[dict[str, Any]] = field(default_factory=list)
    organizations: list[dict[str, Any]] = field(default_factory=lambda: [CITY])
    v1: bool = True
    counted: int | None = None
    circle: bool = False
    size: int = 1000

    def reply(self, path: str) -> Answer:
        """The answer to one request."""
        url = urlsplit(path)
        asked = {k: v[0] for k, v in parse_qs(url.query).items()}
        parts = url.path.strip("/").split("/")
        if parts[:2] not in (["api", "1"], ["api", "2"]):
            return Answer(b"<html>", status=404, kind="text/html")
        second, what, rest = parts[1] == "2", parts[2], parts[3:]
        if what == "organizations" and rest:
            found = next((o for o in self.organizations if rest[0] in (o["id"], o["slug"])), None)
            return Answer(json.dumps(found).encode()) if found else _not_found()
        if what == "organizations":
            return self._page(self.organizations, asked)
        if what == "datasets" and (second or self.v1):
            return self._datasets(rest, asked, second=second)
        if what == "reuses":
            wanted = asked.get("dataset")
            return self._page([r for r in self.reuses if not wanted or wanted in map(_key, r["datasets"])], asked)
        if what == "dataservices" and self.services is not None:
            return self._page(_of(self.services, asked), asked, self.counted)
        return _not_found()

    def _datasets(self, rest: list[str], asked: dict[str, str], *, second: bool) -> Answer:
        if rest and not second:
            found = next((d for d in self.datasets if d["id"] == unquote(rest[0])), None)
            return Answer(json.dumps(found).encode()) if found else _not_found()
        if rest:
            return self._page(next(d for d in self.datasets if d["id"] == rest[0])["resources"], asked)
        if "organization" in asked and not any(o["id"] == asked["organization"] for o in self.organizations):
            return Answer(b'{"message": "Organization arg must be an identifier"}', status=400)
        found = _of(self.datasets, asked)
        if second:
            link = {"rel": "subsection", "type": "GET"}
            found = [{**d, "resources": {**link, "total": len(d["resources"])}} for d in found]
        return self._page(found, asked, self.counted)

    def _page(self, found: list[Any], asked: dict[str, str], counted: int | None = None) -> Answer:
        number, size = int(asked.get("page", "1")), min(int(asked.get("page_size", "20")), self.size)
        more = number * size < len(found) or self.circle
        start = 0 if self.circle else (number - 1) * size
        page = {
            "data": found[start : start + size],
            "page": number,
            "page_size": size,
            "next_page": f"https://elsewhere.example.org/?page={number + 1}" if more else None,
            "previous_page": None,
            "total": len(found) if counted is None else counted,
        }
        return Answer(json.dumps(page).encode())


def _key(one: dict[str, Any]) -> str:
    return str(one["id"])


def _of(found: list[dict[str, Any]], asked: dict[str, str]) -> list[dict[str, Any]]:
    wanted = asked.get("organization")
    return [d for d in found if not wanted or d["organization"]["id"] == wanted]


def _not_found() -> Answer:
    return Answer(b'{"message": "Not found"}', status=404)


@contextmanager
def portal(state: Portal) -> Iterator[Running]:
    """Runs the portal on a free loopback port."""
    with serving(state.reply) as running:
        yield running
