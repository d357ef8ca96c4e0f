"""`garonne harvest notify`: tells what is to be told now, or tries whether messages arrive."""

from __future__ import annotations

import click

from catalog import logs
from catalog.commands.support import put_table, say, settings_of
from harvest.notify import telling


@click.command()
@click.option("--test", "trial", is_flag=True, help="Send a test message on every way, whatever there is to tell.")
@click.pass_context
def notify(ctx: click.Context, trial: bool) -> int:
    """Send what [notify] asks to be told and was not yet: for cron, where no scheduler runs.

    Ends with 3 when a message did not get through; it is tried again the next time.
    """
    settings = settings_of(ctx)
    logs.configure(settings.log)
    telling.required(settings)
    told = telling.trial(settings) if trial else telling.tell(settings)
    if not told:
        say("Nothing new to tell.")
    put_table(["way", "subject", "sent"], [[one.way, one.message.subject, one.error or "yes"] for one in told])
    return 3 if any(one.error for one in told) else 0
