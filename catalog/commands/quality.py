"""`garonne quality`: how the metadata of a release stand, by rule, publisher or dataset."""

from __future__ import annotations

import os
from typing import Any

import click

from catalog.archive import Archive
from catalog.commands.support import current_release, language, put_json, put_table, settings_of
from catalog.quality import CauseCount, DatasetCount, Overview, Quality, Totals
from catalog.releases import Release, Releases
from catalog.settings import Settings
from shapes.noise import named
from shapes.text import LANGUAGES, visible

WIDEST = 90
"""Characters of a sentence that a line of a table shows."""


@click.command()
@click.option("--by", type=click.Choice(["dataset", "publisher", "rule"]), default="rule", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="For a program.")
@click.option("--release", "number", type=int, help="A kept release; the current one by default.")
@click.option("--limit", type=click.IntRange(min=1), help="How many lines to show; all by default.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language of the rules. [default: the system's, else fr]")
@click.pass_context
def quality(
    ctx: click.Context, by: str, as_json: bool, number: int | None, limit: int | None, lang: str | None
) -> None:
    """What validation found in a release: worst first.

    Ends with 0 when no dataset has a violation, with 1 when one has.
    """
    lang = lang or language(os.environ)
    settings = settings_of(ctx)
    release = _release(settings, number)
    found = Quality(Archive(settings.store.path).at(release.number))
    overview = found.overview()
    rows = _rows(found, overview, by)[:limit]
    if as_json:
        put_json({**_totals(release, overview), f"{by}s": [_plain(row, lang) for row in rows]})
    else:
        _put(release, overview, rows, by, lang)
    ctx.exit(1 if overview.totals.violations else 0)


def _release(settings: Settings, number: int | None) -> Release:
    return current_release(settings) if number is None else Releases(settings.store.path).get(number)


def _rows(found: Quality, overview: Overview, by: str) -> list[Any]:
    if by == "rule":
        return [*overview.causes, *overview.noise]
    if by == "publisher":
        return list(found.publishers())
    return [d for d in found.datasets(limit=-1)[1] if d.counts]


def _totals(release: Release, overview: Overview) -> dict[str, Any]:
    totals = overview.totals
    return {
        "release": release.number,
        "datasets": totals.datasets,
        "without_violation": totals.clean,
        "violations": totals.violations,
        "warnings": totals.warnings,
        "set_apart": sum(c.findings for c in overview.noise),
    }


def _plain(row: CauseCount | Totals | DatasetCount, lang: str) -> dict[str, Any]:
    if isinstance(row, CauseCount):
        cause = row.cause
        words = {"severity": cause.severity.value, "expected": cause.rule.of(lang), "repair": cause.repair.of(lang)}
        rest = {name: getattr(cause, name) for name in ("path", "component", "shape", "profile", "fields", "noise")}
        known = named(cause.noise) if cause.noise else None
        rest["reference"] = known.reference if known else ""
        return {"cause": cause.name, **words, **rest, "findings": row.findings, "datasets": row.datasets}
    if isinstance(row, Totals):
        sums = {name: getattr(row, name) for name in ("datasets", "clean", "violations", "warnings")}
        return {"iri": row.iri, "name": row.title, **sums}
    return {name: getattr(row, name) for name in ("iri", "slug", "title", "violations", "warnings")}


def _put(release: Release, overview: Overview, rows: list[Any], by: str, lang: str) -> None:
    totals = _totals(release, overview)
    click.echo(
        "release {release}: {datasets} datasets validated, {without_violation} without violation;"
        " {violations} violations, {warnings} warnings, {set_apart} set apart".format(**totals)
    )
    if not rows:
        return
    click.echo()
    plain = [_plain(row, lang) for row in rows]
    if by == "rule":
        header = ["severity", "findings", "datasets", "rule"]
        put_table(header, [[_severity(p), p["findings"], p["datasets"], _short(p["expected"])] for p in plain])
        for p in (p for p in plain if p["noise"]):
            click.echo(f"set apart, {p['noise']}: {visible(p['repair'])} ({p['reference']})")
    elif by == "publisher":
        header = ["datasets", "clean", "violations", "warnings", "publisher"]
        put_table(header, [[*(p[name] for name in header[:4]), _short(p["name"]) or "–"] for p in plain])
    else:
        header = ["violations", "warnings", "slug", "title"]
        put_table(header, [[*(p[name] for name in header[:3]), _short(p["title"])] for p in plain])


def _severity(plain: dict[str, Any]) -> str:
    return "set apart" if plain["noise"] else str(plain["severity"])


def _short(sentence: str) -> str:
    shown = visible(sentence)
    return shown if len(shown) <= WIDEST else f"{shown[: WIDEST - 1]}…"
