"""A CKAN portal: package_search with its limits, or DKAN's listing; and its moods."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes.server import Answer, Running, serving

MOST = 1000
"""CKAN 2.9 gives at most so many packages a page."""


def package(name: str, **more: Any) -> dict[str, Any]:
    """A small package."""
    return {
        "id": f"id-{name}",
        "name": name,
        "title": f"Jeu {name}",
        "notes": "Écrit à la main.",
        "state": "active",
        "private": False,
        "metadata_created": "2024-05-06T07:08:09.123456",
        "metadata_modified": "2024-06-07T08:09:10",
        "license_id": "lov2",
        "license_title": "Licence Ouverte / Open Licence version 2.0",
        "organization": {"title": "Ville", "name": "ville"},
        "tags": [{"name": "arbres", "display_name": "arbres"}],
        "resources": [
            {"id": f"r-{name}", "name": "Fichier", "url": f"https://ville.example.org/{name}.csv", "format": "CSV"}
        ],
        **more,
    }


@dataclass
class Portal:
    """`dkan` has no search; `counted` is a false count; `moods` come before everything."""

    packages: list[dict[str, Any]] = field(default_factory=list)
    dkan: bool = False
    counted: int | None = None
    moods: list[Answer] = field(default_factory=list)

    def reply(self, path: str) -> Answer:
        """The answer to one request."""
        if self.moods:
            return self.moods.pop(0)
        url = urlsplit(path)
        asked = {k: v[0] for k, v in parse_qs(url.query).items()}
        action = url.path.removeprefix("/api/3/action/")
        if action == "package_search" and not self.dkan:
            return self._search(asked)
        if action == "current_package_list_with_resources" and self.dkan:
            start = int(asked.get("offset", "0"))
            return _result([self.packages[start : start + int(asked.get("limit", "10"))]])
        return Answer(b'{"success": false, "error": {"__type": "Not Found Error"}}', status=404)

    def _search(self, asked: dict[str, str]) -> Answer:
        found = self.packages
        for condition in _conditions(asked.get("fq", "")):
            found = [p for p in found if _fits(p, condition)]
        if asked.get("sort") == "id asc":
            found = sorted(found, key=lambda p: str(p["id"]))
        start, rows = int(asked.get("start", "0")), min(int(asked.get("rows", "10")), MOST)
        count = len(found) if self.counted is None else self.counted
        page = found[start : start + rows]
        return _result(
            {"count": count, "results": [{"id": p["id"]} for p in page] if asked.get("fl") == "id" else page}
        )


def _conditions(fq: str) -> list[str]:
    """`+(a) +b` is two conditions, anything else one."""
    if not fq.startswith("+"):
        return [fq] if fq else []
    return [part.strip().removeprefix("(").removesuffix(")") for part in re.split(r"(?:^|\s)\+", fq) if part.strip()]


def _fits(package: dict[str, Any], condition: str) -> bool:
    key, _, value = condition.partition(":")
    if key == "metadata_modified":
        since = value.removeprefix("[").removesuffix(" TO *]").removesuffix("Z")
        return bool(package[key] >= since)
    if key == "id":
        return package["id"] in json.loads(f"[{value[1:].removesuffix(')').replace(' OR ', ',')}]")
    return bool(package.get(key, {}).get("name") == value)


def _result(result: Any) -> Answer:
    return Answer(json.dumps({"help": "…", "success": True, "result": result}).encode())


@contextmanager
def portal(state: Portal) -> Iterator[Running]:
    """Runs the portal on a free loopback port."""
    with serving(state.reply) as running:
        yield running
