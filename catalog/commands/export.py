"""`garonne export`: the current release, exactly as described, in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from catalog.assembly import release_quads, release_triples
from catalog.commands.support import current_view, say, settings_of, write_result
from catalog.formats import FORMATS, format_named, write

GRAPHS = ("nq", "trig")
"""Formats that keep the named graphs."""


@click.command()
@click.option("--format", "suffix", default="", help=f"One of {', '.join(FORMATS)}; from the file's suffix, else ttl.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write; standard output by default.")
@click.pass_context
def export(ctx: click.Context, suffix: str, output: Path | None) -> None:
    """Write the whole catalogue: catalogue, datasets, agents, concepts and the labels of controlled terms.

    nq and trig keep the named graphs, one for each dataset's record; the other formats merge them.
    """
    chosen = suffix or (output.suffix.lstrip(".") if output and output.suffix else "ttl")
    fmt = format_named(chosen)
    settings = settings_of(ctx)
    release, view = current_view(settings)
    whole = release_quads(settings, view) if fmt.suffix in GRAPHS else release_triples(settings, view)
    statements: list[Any] = list(dict.fromkeys(whole))
    write_result(write(statements, fmt), output)
    say(f"release {release.number}: {release.manifest.datasets} datasets, {len(statements)} statements")
