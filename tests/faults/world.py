"""A portal whose datasets change at random, and the city that harvests it; what must be published is known here."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from catalog.settings import Settings
from tests.fakes.opendatasoft import names, record
from tests.faults.portal import Portal
from tests.harvest.city import City, city, live

MORE = "[store]\nkeep = 3\n"


class World:
    """`records` are what the portal lists, `gone` what it listed once, `banned` the uids that were taken down."""

    def __init__(self, folder: Path, rng: random.Random, datasets: int = 24) -> None:
        self.rng = rng
        self.portal = Portal(folder / "portal.json")
        self.city: City = city(folder / "city", MORE + live(self.portal.address), timeout=1)
        self.records: list[dict[str, Any]] = [record(name) for name in names(datasets)]
        self.gone: list[dict[str, Any]] = []
        self.banned: set[str] = set()
        self.changes = 0
        self.say()

    @property
    def settings(self) -> Settings:
        return self.city.settings

    def say(self, mood: str = "") -> None:
        """The portal lists the records from now on, in this mood."""
        self.portal.say(self.records, mood)

    def expected(self) -> dict[str, str]:
        """The titles of what must be published, by uid."""
        return {r["dataset_uid"]: _title(r) for r in self.records if r["dataset_uid"] not in self.banned}

    def change(self) -> None:
        """Some datasets get another title; now and then one is new, withdrawn, renamed, or comes back."""
        for one in self.rng.sample(self.records, self.rng.randint(1, 4)):
            self._retitle(one)
        what = self.rng.choice(("new", "withdrawn", "renamed", "back", "", ""))
        self.changes += 1
        if what == "new":
            self.records.append(record(f"nouveau-{self.changes}"))
        elif what == "withdrawn" and len(self.records) > 12:
            self.gone.append(self.records.pop(self.rng.randrange(len(self.records))))
        elif what == "renamed":
            one = self.rng.choice(self.records)
            one["dataset_id"] = f"{one['dataset_uid'].removeprefix('da_')}-alias-{self.changes}"
        elif what == "back" and self.gone:
            self.records.append(self.gone.pop(0))
        self.say()

    def _retitle(self, one: dict[str, Any]) -> None:
        self.changes += 1
        one["metas"]["default"]["title"] = f"Titre {self.changes} du jeu, assez long pour être le sien"
        one["metas"]["default"]["modified"] = (
            f"2025-01-01T00:{self.changes // 60 % 60:02d}:{self.changes % 60:02d}+00:00"
        )

    def close(self) -> None:
        """Ends the portal."""
        self.portal.close()


def _title(one: dict[str, Any]) -> str:
    return str(one["metas"]["default"]["title"])
