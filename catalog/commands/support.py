"""What the commands share: settings from the global option, output of results, talk on standard error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import click

from catalog.archive import Archive, View
from catalog.errors import NotFound
from catalog.releases import Release, Releases
from catalog.settings import Settings, load
from shapes import profiles
from shapes.profiles import Profile
from shapes.registry import Registry


def settings_of(ctx: click.Context) -> Settings:
    """The settings that `--config` names, else those of the current folder."""
    path: Path | None = (ctx.find_root().obj or {}).get("config")
    return load(path)


def profile_named(ctx: click.Context, name: str) -> Profile:
    """The profile of this name: installed, which needs no settings, or registered beside their store."""
    if name in profiles.names():
        return profiles.profile(name)
    return Registry.beside(settings_of(ctx).store.path).profile(name)


def file_profile(ctx: click.Context, place: str) -> Profile:
    """The profile of a shapes file, with what it imports from beside it or from those registered."""
    from shapes.gathering import profile_of  # who names no file needs none of it

    return profile_of(place, Registry.beside(settings_of(ctx).store.path))


def current_release(settings: Settings) -> Release:
    """The current release; `NotFound` says how to make one."""
    release = Releases(settings.store.path).current()
    if release is None:
        raise NotFound(
            "There is no release yet.", what=str(settings.store.path), hint="`garonne harvest run` makes the first."
        )
    return release


def current_view(settings: Settings) -> tuple[Release, View]:
    """The current release and its descriptions; raises as `current_release` does."""
    release = current_release(settings)
    return release, Archive(settings.store.path).at(release.number)


def language(environ: Mapping[str, str]) -> str:
    """`en` where the system speaks a language other than French, `fr` where it speaks French or says nothing."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = environ.get(name, "")
        if value:
            return "fr" if value.startswith("fr") or value.split(".")[0] in ("C", "POSIX") else "en"
    return "fr"


def put_json(value: Any) -> None:
    """A result for a program, on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def put_table(header: list[str], rows: list[list[Any]]) -> None:
    """A result for people, in columns, on standard output."""
    cells = [[str(c) for c in row] for row in [header, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    for row in cells:
        click.echo("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip())


@contextmanager
def result_to(output: Path | None) -> Iterator[BinaryIO]:
    """Where to write a result: standard output, or a file that is replaced when the block ends without an error.

    A device or a pipe is written to as it is.
    """
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if not output.parent.is_dir():
        raise NotFound("there is no such folder.", what=str(output.parent), hint="Make it, or name another file.")
    if output.exists() and not output.is_file():
        with output.open("wb") as file:
            yield file
        return
    pending = output.with_name(output.name + ".tmp")
    try:
        with pending.open("wb") as file:
            yield file
        os.replace(pending, output)
    finally:
        pending.unlink(missing_ok=True)


def write_result(data: bytes, output: Path | None) -> None:
    """A result to a file, whole or not at all, or to standard output."""
    with result_to(output) as file:
        file.write(data)


def say(text: str) -> None:
    """Talk, on standard error."""
    click.echo(text, err=True)
