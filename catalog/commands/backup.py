"""`garonne backup` and `garonne restore`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from catalog.backups import Backup, back_up, damaged, read
from catalog.commands.support import put_json, say, settings_of
from catalog.errors import StoreDamaged
from catalog.restoration import restore as put_back


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For a program.")
@click.pass_context
def backup(ctx: click.Context, folder: Path, as_json: bool) -> int:
    """Write a backup of every kept release, the bookkeeping and the settings to FOLDER, which must be new.

    Harvests and the service go on meanwhile. Every file of a release is compared with what was published: one that has
    gone bad is left out and named, and the exit code is 1. A damaged bookkeeping ends with 3 and no backup. Every file
    has its SHA-256 in backup.json, which is written last: a folder without it is no backup.
    """
    return _tell("backed up", back_up(settings_of(ctx), folder), folder, as_json=as_json)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Only verify the backup; exit code 3 when it is damaged.")
@click.option("--replace", is_flag=True, help="Set a catalogue that is there aside, under another name.")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
@click.pass_context
def restore(ctx: click.Context, folder: Path, check: bool, replace: bool, as_json: bool) -> int:
    """Put the backup in FOLDER where the settings have the store, after verifying every file of it.

    A service that runs is to be started again afterwards. The exit code is 1 where the backup names files that had gone
    bad when it was made: `garonne doctor --repair` makes them anew.
    """
    if not check:
        return _tell("restored", put_back(folder, settings_of(ctx), replace=replace), folder, as_json=as_json)
    found, wrong = read(folder), damaged(folder)
    if wrong:
        raise StoreDamaged(f"these files are not what was backed up: {', '.join(wrong)}.", what=str(folder))
    return _tell("whole" if not found.rotten else "whole but for what is named", found, folder, as_json=as_json)


def _tell(done: str, found: Backup, folder: Path, *, as_json: bool) -> int:
    """Says what was done; 1 where something had gone bad before."""
    if as_json:
        told = asdict(found) | {"size": found.size, "files": len(found.files), "links": len(found.links)}
        put_json({"folder": str(folder), "done": done, **told})
    else:
        numbers = f"{found.releases[0]} to {found.releases[-1]}" if len(found.releases) > 1 else str(found.release)
        size = f"{found.size / 1e6:,.1f} MB in {len(found.files)} files"
        click.echo(f"{done}: releases {numbers}, current {found.release}; {size}, taken {found.taken}")
    for name, wrong in found.rotten.items():
        say(f"gone bad before the backup, and not in it: {name} {wrong}")
    if found.rotten:
        say(_REMEDY.get(done, _LATER))
    return int(bool(found.rotten))


_REMEDY = {
    "backed up": "All else is in the backup. `garonne doctor --repair` makes the releases whole; then back up again.",
    "restored": "`garonne doctor --repair` makes it anew from the bookkeeping, and so does the next run.",
}
_LATER = "`garonne doctor --repair` makes it anew after a restore."
