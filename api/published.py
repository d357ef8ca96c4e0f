"""What the doors answer from: the release of the moment, and the exact descriptions of it."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from api.errors import BadRequest, Missing, NotPublished, Withdrawn
from catalog.archive import Archive, View
from catalog.errors import NotFound, StoreDamaged
from catalog.model import Text
from catalog.releases import MANIFEST, Release, Releases
from catalog.settings import Settings
from catalog.standby import Shown, legible, shown

log = logging.getLogger("garonne.published")

EDITION = "edition.json"
"""In the store's folder: the edition that was served last, and since when it has been."""


class Published:
    """Reads the pointer at each request: a new release is served from its first moment, without a restart."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.releases = Releases(settings.store.path)
        self.archive = Archive(settings.store.path)
        self._seen: tuple[tuple[int, ...], Shown] | None = None
        self._refused: set[Path] = set()
        self.edition = _edition(settings)
        """Digest of what an answer depends on besides its release: this program, and the settings that it shows."""
        self._since: datetime | None = None
        self.keepers: list[Callable[[], None]] = []
        """What makes each door forget what it keeps in memory of releases."""

    def let_go(self) -> None:
        """Make every door forget what it keeps: releases say something else than they did."""
        for forget in self.keepers:
            forget()

    def changed(self, moment: datetime) -> datetime:
        """When what is shown of this moment last became other than it was: for `Last-Modified`.

        That is the moment itself, or the start of this edition where it came later: another version of the program,
        or other settings, show the same release otherwise.
        """
        if self._since is None:
            self._since = _edition_since(self.settings.store.path / EDITION, self.edition)
        return max(moment, self._since)

    def last_changed(self, release: Release) -> datetime:
        """The same of what a whole release says. A takedown rewrites releases that are published."""
        moment = release.manifest.published
        if release.manifest.without:
            moment = max(moment, datetime.fromtimestamp((release.path / MANIFEST).stat().st_mtime, UTC))
        return self.changed(moment)

    def current(self) -> Release | None:
        """The release that every door speaks of, None before the first.

        The current one, or an older one while that is damaged (`trouble` says so). Raises `StoreDamaged` where nothing
        can be shown.
        """
        return self._shown().release

    def trouble(self) -> Text | None:
        """Why an older release is shown than the current one, or not all of that; None when all is well."""
        return self._shown().reason

    def refuse(self, store: Path) -> None:
        """A worker could not read this store: an older release is shown until it is repaired."""
        if store not in self._refused:
            log.error("%s cannot be read; `garonne doctor --repair` makes it anew", store)
            self._refused.add(store)
            self._seen = None

    def swap(self) -> tuple[int, ...] | None:
        """What changes with every swap of the pointer: to another release, or to one that says something else since.

        None where there is no pointer.
        """
        return self.releases.stamp()

    def unchanged(self, release: Release) -> bool:
        """Whether a release still is what it was when it was looked up: a takedown or a repair may have changed it."""
        try:
            now = self.releases.get(release.number).manifest
        except (NotFound, StoreDamaged):
            return False
        return (now.store, now.fingerprint) == (release.manifest.store, release.manifest.fingerprint)

    def _shown(self) -> Shown:
        now = self.releases.stamp()
        if self._seen is None or now is None or self._seen[0] != now:
            found = shown(self.releases, self._refused)
            if found.reason is not None:
                log.error("%s", found.reason.en)
            if found.release is None or now is None:
                return found
            self._seen = now, found
        return self._seen[1]

    def required(self) -> Release:
        """The current release. Raises `NotPublished` before the first."""
        found = self.current()
        if found is None:
            raise NotPublished(
                Text(
                    "Aucune édition du catalogue n’est encore publiée.", "No release of the catalogue is published yet."
                ),
                Text("Lancez «\u00a0garonne harvest run\u00a0».", "Run `garonne harvest run`."),
            )
        return found

    def listed(self) -> list[Release]:
        """The releases that are kept and can be read, oldest first."""
        return legible(self.releases)

    def kept(self, number: int) -> Release:
        """A release by its number. Raises `Missing`, listing those that are kept."""
        for release in self.listed():
            if release.number == number:
                return release
        kept = ", ".join(str(r.number) for r in self.listed()) or "–"
        raise Missing(
            Text(f"L’édition {number} n’est pas conservée.", f"Release {number} is not kept."),
            Text(f"Éditions conservées\u00a0: {kept}.", f"Kept releases: {kept}."),
        )

    def named(self, given: str) -> Release:
        """The release that a request's `release` parameter names; the current one when it is empty.

        Raises `Withdrawn` for one that is no longer kept, `Missing` for one that never was.
        """
        current = self.required()
        if not given:
            return current
        if not given.isascii() or not given.isdigit() or len(given) > 6:
            raise BadRequest(
                Text(
                    f"«\u00a0{given[:20]}\u00a0» n’est pas un numéro d’édition.",
                    f"`{given[:20]}` is no release number.",
                ),
                Text("Donnez un entier, comme 12.", "Give a whole number, such as 12."),
            )
        number = int(given)
        kept = {r.number: r for r in self.listed()}
        if number in kept or not 0 < number < current.number:
            return self.kept(number)
        listed = ", ".join(str(n) for n in kept)
        raise Withdrawn(
            Text(f"L’édition {number} n’est plus conservée.", f"Release {number} is no longer kept."),
            Text(f"Éditions conservées\u00a0: {listed}.", f"Kept releases: {listed}."),
        )

    def moment(self, number: int) -> datetime | None:
        """When a release became visible, kept or not; None where that was not noted."""
        rows = self.archive.rows("SELECT published FROM releases WHERE number = :number", number=number)
        return datetime.fromisoformat(rows[0][0]) if rows else None

    def view(self, release: Release) -> View:
        """The exact descriptions of a release."""
        return self.archive.at(release.number)


def _edition(settings: Settings) -> str:
    sources = [(s.id, s.kind, s.url) for s in settings.sources]  # pages about findings lead to where they are edited
    shown = (version("garonne"), settings.catalog, settings.serve.checksums, settings.serve.dumps, sources)
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def _edition_since(file: Path, edition: str) -> datetime:
    """Since when this edition has been served; where no other is known, since ever."""
    since = datetime.min.replace(tzinfo=UTC)
    with suppress(OSError, ValueError, TypeError, KeyError):
        known = json.loads(file.read_text())
        if known["edition"] == edition:
            return datetime.fromisoformat(known["since"])
        since = datetime.now(UTC)
    try:
        pending = file.with_name(f"{file.name}.{os.getpid()}.tmp")
        pending.write_text(json.dumps({"edition": edition, "since": since.isoformat()}))
        os.replace(pending, file)
    except OSError as e:
        log.warning("%s cannot be kept: %s", file, e)
    return since
