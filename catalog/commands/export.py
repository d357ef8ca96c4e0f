"""`garonne export`: the current release, exactly as described, in one file."""

from __future__ import annotations

from pathlib import Path

import click

from catalog.assembly import release_triples
from catalog.commands.support import current_view, say, settings_of, write_result
from catalog.formats import FORMATS, format_named, write


@click.command()
@click.option("--format", "suffix", default="", help=f"One of {', '.join(FORMATS)}; from the file's suffix, else ttl.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write; standard output by default.")
@click.pass_context
def export(ctx: click.Context, suffix: str, output: Path | None) -> None:
    """Write the whole catalogue: catalogue, datasets, agents, concepts and the labels of controlled terms."""
    chosen = suffix or (output.suffix.lstrip(".") if output and output.suffix else "ttl")
    fmt = format_named(chosen)
    settings = settings_of(ctx)
    release, view = current_view(settings)
    triples = dict.fromkeys(release_triples(settings, view))
    write_result(write(triples, fmt), output)
    say(f"release {release.number}: {release.manifest.datasets} datasets, {len(triples)} statements")
