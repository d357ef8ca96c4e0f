"""`garonne doctor`: looks at installation, settings, store, releases and bookkeeping, and says what is wrong."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import sys
import tempfile
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

import click

from catalog import copies, plugins, schema
from catalog.archive import Archive
from catalog.commands.support import put_json, settings_of
from catalog.errors import GaronneError, StoreDamaged
from catalog.model import Kind
from catalog.releases import Release, Releases
from catalog.replica import replica
from catalog.sealed import sealed
from catalog.settings import Settings
from catalog.store import Workspace, clone, open_read_only

PACKAGES = ("catalog", "vocab", "shapes", "harvest", "api")
Result = tuple[bool, str]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For a program.")
@click.option("--deep", is_flag=True, help="Also compare every statement of the default graph with the named graphs.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool, deep: bool) -> int:
    """Check the installation, the settings, the store and the releases. Changes nothing."""
    found = [("installation", *r) for r in _guarded(installation)]
    try:
        settings = settings_of(ctx)
    except GaronneError as e:
        found.append(("settings", False, str(e)))
    else:
        found.append(("settings", True, f"read from {settings.file or 'defaults'}"))
        found += [("settings", *r) for r in _guarded(lambda: named_things(settings))]
        found += [("disk", *r) for r in _guarded(lambda: disk(settings))]
        found += [("copy", *r) for r in _guarded(lambda: copy(settings))]
        found += [("bookkeeping", *r) for r in _guarded(lambda: bookkeeping(settings))]
        found += [("releases", *r) for r in _guarded(lambda: releases(settings, deep=deep))]
    if as_json:
        put_json([{"about": about, "ok": ok, "message": message} for about, ok, message in found])
    else:
        for about, ok, message in found:
            click.echo(f"{'ok ' if ok else 'BAD'}  {about}: {message}")
    return 0 if all(ok for _, ok, _ in found) else 3


def _guarded(check: Callable[[], Iterator[Result]]) -> list[Result]:
    found: list[Result] = []
    try:
        found.extend(check())
    except (GaronneError, OSError, sqlite3.Error) as e:
        found.append((False, str(e)))
    return found


def installation() -> Iterator[Result]:
    """Whether the packages that Python finds are the ones that the distribution installed."""
    yield sys.version_info >= (3, 11), f"Python {sys.version.split()[0]}"
    recorded = {str(f): f for f in distribution("garonne").files or ()}
    for name in PACKAGES:
        spec = find_spec(name)
        origin = Path(spec.origin) if spec and spec.origin else None
        if origin is None:
            yield False, f"the package `{name}` is not found"
            continue
        entry = recorded.get(f"{name}/__init__.py")
        if entry is None:
            yield True, f"`{name}` is {origin.parent} (editable)"
        elif entry.hash is not None and _digest(origin, entry.hash.mode) != entry.hash.value:
            yield False, f"`{name}` is {origin.parent}, which is not what this distribution installed"
        else:
            yield True, f"`{name}` is {origin.parent}"


def _digest(file: Path, mode: str) -> str:
    return urlsafe_b64encode(hashlib.new(mode, file.read_bytes()).digest()).rstrip(b"=").decode()


def named_things(settings: Settings) -> Iterator[Result]:
    """Whether what the settings name is there: kinds of source, profiles, files of the `[mapping]` tables."""
    for group, kind, names in (
        (plugins.SOURCES, "source kind", [s.kind for s in settings.sources]),
        (plugins.PROFILES, "profile", settings.validation.profiles),
    ):
        for name in sorted(set(names) - plugins.installed(group).keys()):
            yield False, f"the {kind} `{name}` is not installed; installed: {', '.join(plugins.installed(group))}"
    for path in vars(settings.mapping).values():
        if path is not None and not path.is_file():
            yield False, f"the [mapping] table {path} does not exist"


def disk(settings: Settings) -> Iterator[Result]:
    """Whether the store's folder can hold another release."""
    folder = settings.store.path
    existing = next(p for p in (folder, *folder.parents) if p.exists())
    usage = shutil.disk_usage(existing)
    yield usage.free > 200_000_000, f"{usage.free // 1_000_000:,} MB free at {existing}"


def copy(settings: Settings) -> Iterator[Result]:
    """Where the folder is an exported copy: whether every file of it is what was exported."""
    if sealed(settings.store.path):
        wrong = copies.damaged(settings.store.path)
        yield not wrong, f"these files changed: {', '.join(wrong)}" if wrong else "every file is what was exported"


def bookkeeping(settings: Settings) -> Iterator[Result]:
    """Whether the bookkeeping is whole, and its last run."""
    if not (settings.store.path / schema.FILE).exists():
        yield True, "nothing yet; `garonne harvest run` makes it"
        return
    with closing(schema.connect(settings.store.path)) as db:
        answer = str(db.execute("PRAGMA quick_check").fetchone()[0])
    yield answer == "ok", f"SQLite says: {answer}"
    for run in Archive(settings.store.path).runs(1):
        yield True, f"last run {run['n']}: {run['status']}, started {run['started']}"


def releases(settings: Settings, *, deep: bool) -> Iterator[Result]:
    """Whether the pointer names a whole release and each kept one can be read; `deep` compares all statements."""
    found = Releases(settings.store.path)
    current: Release | None = None
    try:
        current = found.current()
    except StoreDamaged as e:
        yield False, str(e)
    if not found.whole():
        yield True, "no release yet"
    for release in found.whole():
        datasets = Archive(settings.store.path).at(release.number).count(Kind.DATASET)
        quads = len(open_read_only(release.store))
        whole = datasets == release.manifest.datasets and quads == release.manifest.quads
        mark = " (current)" if current and release.number == current.number else ""
        yield (
            whole,
            (
                f"release {release.number}{mark}: {datasets} datasets described of {release.manifest.datasets}, "
                f"{quads} quads stored of {release.manifest.quads}"
            ),
        )
    if (elsewhere := replica(settings)) is not None:
        for release in found.list():
            whole, words = elsewhere.check(release)
            yield whole, f"release {release.number}: {words}"
    if deep and current:
        yield from _in_step(settings, current.store)


def _in_step(settings: Settings, store: Path) -> Iterator[Result]:
    place = None if sealed(settings.store.path) else settings.store.path  # the same disk: hard links instead of copies
    with tempfile.TemporaryDirectory(prefix="doctor-", dir=place) as folder:
        clone(store, Path(folder) / "store")
        workspace = Workspace(Path(folder) / "store")
        wrong = workspace.out_of_step()
        workspace.close()
    yield not wrong, "default graph and named graphs agree" if not wrong else "; ".join(wrong)
