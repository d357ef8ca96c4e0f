"""A city for tests: settings on a temporary folder, and the real portal of ../shared/tools on loopback."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from catalog.archive import Archive, View
from catalog.model import Description, Kind
from catalog.releases import Release, Releases
from catalog.settings import Settings, load
from harvest.options import Options
from harvest.pipeline import run
from harvest.progress import Progress
from harvest.summary import Summary
from tests.shared import shared

BASE = "https://data.example.org/"


class Portal:
    """A running portal; `control` changes what it serves."""

    def __init__(self, url: str) -> None:
        self.url = url

    def control(self, **knobs: float) -> None:
        query = "&".join(f"{k}={v}" for k, v in knobs.items())
        urlopen(Request(f"{self.url}/_control?{query}", method="POST"), timeout=10).read()


@contextmanager
def portal(datasets: int = 60) -> Iterator[Portal]:
    """The portal with so many datasets, as a process of its own."""
    script = shared("tools/portal.py")
    process = subprocess.Popen(
        [sys.executable, str(script), "--port", "0", "--datasets", str(datasets)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield Portal(process.stdout.readline().strip())
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


@dataclass
class City:
    """A folder with settings; `run` harvests in this process."""

    folder: Path
    settings: Settings

    @property
    def config(self) -> Path:
        return self.folder / "garonne.toml"

    @property
    def releases(self) -> Releases:
        return Releases(self.settings.store.path)

    def run(self, *sources: str, **options: Any) -> Summary:
        """One run, without validation unless asked for."""
        options = {"validate": False, **options}
        return run(self.settings, Options(sources, **options), Progress(quiet=True, stream=io.StringIO()))

    def current(self) -> Release:
        found = self.releases.current()
        assert found is not None, "nothing is published"
        return found

    def view(self) -> View:
        return Archive(self.settings.store.path).at(self.current().number)

    def datasets(self) -> dict[str, Description]:
        """The published datasets by slug."""
        return {d.slug: d for d in self.view().all(Kind.DATASET)}


def city(folder: Path, sources: str, *, more: str = "", timeout: float = 3) -> City:
    """A city with these `[[source]]` tables."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "garonne.toml"
    config.write_text(
        f'[catalog]\nbase = "{BASE}"\npublisher = {{ name = "Toulouse Métropole", type = "LocalAuthority" }}\n'
        f"[harvest]\ntimeout = {timeout}\nretries = 2\nbackoff = 0.05\nbatch = 25\n{more}\n{sources}\n",
        encoding="utf-8",
    )
    return City(folder, load(config))


def live(url: str, name: str = "portal", *, more: str = "") -> str:
    """A `[[source]]` table for a portal on loopback."""
    return f'[[source]]\nid = "{name}"\nkind = "opendatasoft"\nurl = "{url}"\nallow_private = true\n{more}\n'


def saved(path: Path, name: str = "saved", *, url: str = "https://portail.example.org") -> str:
    """A `[[source]]` table for saved responses."""
    return f'[[source]]\nid = "{name}"\nkind = "files"\npath = "{path}"\nurl = "{url}"\n'
