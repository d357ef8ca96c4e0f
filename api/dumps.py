"""`/dump.{nq,nt,ttl}.gz`: the whole release in one file, made once in the background, with its SHA-256 beside it."""

from __future__ import annotations

import asyncio
import base64
import logging
import sys
from contextlib import suppress
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from api.conditional import entity_tag
from api.delivery import Compressed, send
from api.errors import Missing, NotReady
from api.published import Published
from api.ranges import send_file
from catalog import dump
from catalog.releases import Release
from catalog.settings import Settings
from vocab.errors import GaronneError, unknown_choice
from vocab.text import Text

log = logging.getLogger("garonne.dumps")

LOOK = 1.0
"""Seconds between two looks at whether there is a new release."""
PATIENCE = 60.0
"""Seconds after which dumps that could not be made are tried again."""
NAMES = tuple(f"{suffix}.gz" for suffix in dump.SUFFIXES)


class Dumps:
    """Makes the dumps of each release as soon as it is seen, in a process that gives way to all others; sends them."""

    def __init__(self, settings: Settings, published: Published, compressed: Compressed) -> None:
        self.settings = settings
        self.published = published
        self.compressed = compressed
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to look for releases."""
        if self.settings.serve.dumps:
            self._task = asyncio.create_task(self._attend())

    async def close(self) -> None:
        """Stop; dumps under way are dropped."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    # ── sending ──────────────────────────────────────────────────────────────────────────────────────────────────

    def answer(self, request: Request) -> Response:
        """One dump of the current release, or of the one that `release` names; or its checksum."""
        name = request.path_params["name"]
        plain = name.removesuffix(".sha256")
        if plain not in NAMES:
            raise _unknown(name)
        release = self.published.named(request.query_params.get("release", ""))
        found = dump.find(release, plain.removesuffix(".gz"))
        if found is None:
            raise self._absent(release)
        changed = self.published.last_changed(release)
        headers = {"Garonne-Release": str(release.number)}
        if name != plain:
            body = dump.checksum(found.path).read_bytes()
            shown = self.compressed.represent(body, "text/plain; charset=utf-8", changed, headers=headers)
            return send(request, shown)
        digest = base64.b64encode(bytes.fromhex(found.sha256)).decode()
        headers |= {"Repr-Digest": f"sha-256=:{digest}:"}  # RFC 9530, section 3
        return send_file(request, found.path, entity_tag(found.sha256), changed, "application/gzip", headers)

    def _absent(self, release: Release) -> Missing | NotReady:
        current = self.published.required()
        if not self.settings.serve.dumps:
            return Missing(
                Text("Ce service ne fait pas de fichiers complets.", "This service makes no dumps."),
                Text(
                    "L’exploitant les permet par [serve] dumps\u00a0; le flux /catalog.ttl a les mêmes descriptions.",
                    "Its operator allows them by [serve] dumps; the feed /catalog.ttl has the same descriptions.",
                ),
            )
        if release.number != current.number:
            return Missing(
                Text(
                    f"L’édition {release.number} n’a pas de fichier complet.",
                    f"Release {release.number} has no dump.",
                ),
                Text(
                    "Demandez celui de l’édition actuelle, sans «\u00a0release\u00a0».",
                    "Ask for the current one's, without `release`.",
                ),
            )
        since = (datetime.now(UTC) - release.manifest.published).total_seconds()
        return NotReady(
            Text(
                f"Le fichier complet de l’édition {release.number} est en préparation.",
                f"The dump of release {release.number} is being made.",
            ),
            Text("Redemandez-le dans quelques minutes.", "Ask again in a few minutes."),
            retry_after=10 if since < 60 else 60,
        )

    # ── making ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def _attend(self) -> None:
        while True:
            try:
                release = await asyncio.to_thread(self.published.current)
                if release is not None and not await asyncio.to_thread(_made, release):
                    await self._make(release)
                    if not await asyncio.to_thread(_made, release):
                        await asyncio.sleep(PATIENCE)
            except (GaronneError, OSError) as e:
                log.warning("the dumps could not be made: %s", e)
                await asyncio.sleep(PATIENCE)
            await asyncio.sleep(LOOK)

    async def _make(self, release: Release) -> None:
        folder, base = self.settings.store.path.absolute(), self.settings.catalog.base
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "api.dumper", str(folder), base, str(release.number)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            _, words = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await asyncio.shield(process.wait())
        if process.returncode:
            log.warning("the dumps of release %d could not be made: %s", release.number, words.decode()[-500:].strip())


def _made(release: Release) -> bool:
    return all(dump.find(release, suffix) for suffix in dump.SUFFIXES)


def _unknown(name: str) -> Missing:
    error = unknown_choice("dump", name, NAMES)
    return Missing(
        Text(f"Il n’y a pas de fichier complet «\u00a0{name}\u00a0».", error.message),
        Text(f"Au choix\u00a0: {', '.join(NAMES)}, et {NAMES[0]}.sha256.", f"{error.hint} Each also with .sha256."),
    )
