"""`garonne releases`: list, show, compare, roll back, prune."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from catalog import copies, lock, mending
from catalog.commands.support import language, put_json, put_table, say, settings_of
from catalog.comparison import Judgement, compare, compare_findings, plain, plain_findings
from catalog.draft import Draft
from catalog.errors import UsageError
from catalog.history import prune as drop
from catalog.history import restore
from catalog.publication import publish
from catalog.releases import Manifest, Release, Releases
from catalog.settings import Settings
from catalog.staging import Staging
from shapes.text import LANGUAGES, visible


@click.group()
def releases() -> None:
    """List, compare and roll back releases."""


def _row(release: Release, current: int) -> dict[str, Any]:
    m: Manifest = release.manifest
    return {
        "number": m.number,
        "current": m.number == current,
        "published": m.published.isoformat(),
        "datasets": m.datasets,
        "quads": m.quads,
        "fingerprint": m.fingerprint,
        "run": m.run,
        "reason": m.reason,
        "counts": m.counts,
        "events": m.events,
    }


@releases.command("list")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """The releases that are kept, oldest first; the current one is marked."""
    found = Releases(settings_of(ctx).store.path)
    current = found.pointer()
    rows = [_row(r, current) for r in found.list()]
    if as_json:
        put_json(rows)
        return
    if not rows:
        say("There is no release yet. `garonne harvest run` makes the first.")
    table = [
        [
            f"{r['number']}{' *' if r['current'] else ''}",
            r["published"],
            r["datasets"],
            _events(r["events"]),
            r["reason"],
        ]
        for r in rows
    ]
    put_table(["release", "published", "datasets", "changes", ""], table)


def _events(events: dict[str, int]) -> str:
    return ", ".join(f"{n} {kind}" for kind, n in sorted(events.items()) if n) or "none"


@releases.command()
@click.argument("number", type=int)
@click.option("--json", "as_json", is_flag=True, help="For a program.")
@click.pass_context
def show(ctx: click.Context, number: int, as_json: bool) -> None:
    """What is known of release NUMBER."""
    found = Releases(settings_of(ctx).store.path)
    row = _row(found.get(number), found.pointer())
    if as_json:
        put_json(row)
    else:
        for name, value in row.items():
            shown = ", ".join(f"{k}: {v}" for k, v in value.items()) if isinstance(value, dict) else value
            click.echo(f"{name:12} {'' if shown is None else shown}".rstrip())


@releases.command()
@click.argument("before", type=int)
@click.argument("after", type=int)
@click.option("--json", "as_json", is_flag=True, help="For a program.")
@click.option("--full", is_flag=True, help="Show every statement and every finding that was added or removed.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language of the findings. [default: the system's, else fr]")
@click.pass_context
def diff(ctx: click.Context, before: int, after: int, as_json: bool, full: bool, lang: str | None) -> None:
    """What changed from release BEFORE to release AFTER, byte for byte, and which findings came, went and stayed."""
    settings = settings_of(ctx)
    lang = lang or language(os.environ)
    found = Releases(settings.store.path)
    both = found.get(before), found.get(after)
    changes = compare(settings.store.path, *both)
    judgement = compare_findings(settings.store.path, *both)
    if as_json:
        put_json({"changes": [plain(c) for c in changes], "findings": plain_findings(judgement, lang)})
        return
    for c in changes:
        click.echo(f"{c.change:9}  {c.kind:8} {c.iri}  {c.title}  (+{len(c.added)} −{len(c.removed)})")
        if full:
            for sign, lines in (("-", c.removed), ("+", c.added)):
                for line in lines:
                    click.echo(f"    {sign} {line}")
    if not changes:
        click.echo(f"Releases {before} and {after} say the same.")
    _put_judgement(judgement, lang, full=full)


def _put_judgement(judgement: Judgement, lang: str, *, full: bool) -> None:
    """The findings by cause, or each of them; nothing where there are none at all."""
    if not judgement.new and not judgement.fixed and not judgement.remaining:
        return
    counts = len(judgement.new), len(judgement.fixed), judgement.remaining
    click.echo("findings: {} new, {} fixed, {} remaining".format(*counts))
    for sign, found in (("+", judgement.new), ("-", judgement.fixed)):
        if full:
            for iri, one in found:
                click.echo(f"    {sign} {one.cause.severity:9}  {iri}  {visible(one.message(lang))}")
            continue
        causes = Counter(one.cause for _, one in found)
        for cause, number in causes.items():
            click.echo(f"    {sign} {number} {cause.severity:9}  {visible(cause.rule.of(lang))}")


@releases.command()
@click.argument("number", type=int)
@click.option("--json", "as_json", is_flag=True, help="For a program.")
@click.pass_context
def rollback(ctx: click.Context, number: int, as_json: bool) -> None:
    """Publish a new release that says what release NUMBER said. Nothing is deleted; numbers are never used twice."""
    settings = settings_of(ctx)
    with lock.writing(settings.store.path):
        release = roll_back(settings, number)
    if as_json:
        put_json(_row(release, release.number))
    else:
        say(
            f"Release {release.number} is published; it equals release {number} ({_events(release.manifest.events)}). "
            "The next harvest takes the sources' present state again."
        )


def roll_back(settings: Settings, number: int) -> Release:
    """Publishes a release equal to an earlier one. The caller holds the write lock."""
    found = Releases(settings.store.path)
    target = found.get(number)
    found.clean()
    current = mending.sound(settings)
    if current is None or current.number == number:
        raise UsageError(f"release {number} is the current one already.")
    now = datetime.now(UTC).replace(microsecond=0)
    at = max(now, current.manifest.published + timedelta(seconds=1))
    draft = Draft(settings.store.path, current.number + 1, at, settings.catalog.base)
    if wrong := mending.flaw(target):
        target = mending.mended(settings, target, wrong)
    staging = Staging(settings.store.path, target)
    try:
        restore(draft, number)
        return publish(settings, draft, staging, run=None, reason=f"rollback to {number}")
    except BaseException:
        draft.abandon()
        raise
    finally:
        draft.close()
        staging.close()


@releases.command()
@click.argument("number", type=int)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For a program.")
@click.pass_context
def export(ctx: click.Context, number: int, folder: Path, as_json: bool) -> None:
    """Write a whole copy of release NUMBER to FOLDER, which must not exist: store, descriptions, events, findings.

    The copy needs nothing else to be served: `garonne serve --release FOLDER`, on this machine or any other.
    """
    copy = copies.export(settings_of(ctx), number, folder)
    if as_json:
        put_json({"release": number, "folder": str(folder), "files": len(copy.files), "bytes": copy.size})
        return
    say(f"Release {number} is in {folder}: {len(copy.files)} files, {copy.size // 1_000_000:,} MB.")
    if not any(f"/{copies.ANSWERS}/runs.json" in name for name in copy.files):
        say("No service has put the named queries to it yet: each service of the copy will do so itself.")


@releases.command()
@click.option("--keep", type=click.IntRange(min=1), help="How many to keep; [store] keep by default.")
@click.pass_context
def prune(ctx: click.Context, keep: int | None) -> None:
    """Remove all but the newest releases."""
    settings = settings_of(ctx)
    found = Releases(settings.store.path)
    with lock.writing(settings.store.path):
        current = found.current()
        if current is None:
            say("There is no release yet.")
            return
        oldest = found.prune(keep or settings.store.keep)
        draft = Draft(settings.store.path, current.number + 1, current.manifest.published, settings.catalog.base)
        try:
            drop(draft, oldest)
        finally:
            draft.close()
    say(f"Kept releases {oldest} to {current.number}.")
