"""`garonne harvest schedule`: every source when its schedule falls due, for as long as the command runs."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from threading import Thread

import click

from catalog import logs
from catalog.commands.support import language, put_json, put_table, say, settings_of
from catalog.schedule import Turn
from harvest.scheduler import Scheduler
from shapes.text import LANGUAGES
from vocab.text import Text

_COLUMNS = Text("source|horaire|dernier tour|issue|prochain tour|raison", "source|schedule|last turn|ending|next|why")


@click.command()
@click.option("--show", is_flag=True, help="Only show when each source is due, and how its last turn ended.")
@click.option("--json", "as_json", is_flag=True, help="The same for a program; implies --show.")
@click.option("--with-parent", is_flag=True, hidden=True, help="End when the standard input ends.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language of the table. [default: the system's, else fr]")
@click.pass_context
def schedule(ctx: click.Context, show: bool, as_json: bool, with_parent: bool, lang: str | None) -> None:
    """Harvest every source that has a `schedule` when it falls due, one at a time, until stopped.

    What was missed is made up for at once, what failed is tried again with growing waits. `garonne serve` does the
    same beside its doors, unless [schedule] enabled = false.
    """
    settings = settings_of(ctx)
    scheduler = Scheduler(settings)
    if show or as_json:
        _show(list(scheduler.planned(datetime.now(UTC)).values()), lang or language(os.environ), as_json=as_json)
        return
    logs.configure(settings.log)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: Thread(target=scheduler.stop, daemon=True).start())
    if with_parent:
        Thread(target=_with_parent, args=[scheduler], daemon=True).start()
    scheduler.run()


def _with_parent(scheduler: Scheduler) -> None:
    """Ends with the process that holds the other end of the standard input, even when that one is killed."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    scheduler.stop()


def _show(turns: list[Turn], lang: str, *, as_json: bool) -> None:
    if as_json:
        put_json([asdict(turn) for turn in turns])
        return
    rows = [
        [t.source, t.schedule, t.ended, t.ending, t.due, (t.reason_fr if lang == "fr" else t.reason_en)[:60]]
        for t in turns
    ]
    put_table(_COLUMNS.of(lang).split("|"), rows)
    say(Text("Les heures sont en UTC.", "Times are in UTC.").of(lang))
