"""`garonne tokens`: create, list, revoke."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import cast

import click

from catalog.commands.support import put_json, put_table, say, settings_of
from catalog.tokens import SCOPES, Scope, Token, Tokens


@click.group()
def tokens() -> None:
    """Who may write over HTTP, and what."""


@tokens.command()
@click.argument("name")
@click.option("--scope", type=click.Choice(list(SCOPES)), default="publish", show_default=True, help="What it may do.")
@click.option(
    "--days", type=click.FloatRange(min=0, min_open=True), help="Days after which it ends; for ever otherwise."
)
@click.pass_context
def create(ctx: click.Context, name: str, scope: str, days: float | None) -> None:
    """Make a token and print it, once: only its digest is kept.

    `publish` may replace local graphs, `update` may also send SPARQL Update, `admin` may also read /metrics from
    anywhere.
    """
    settings = settings_of(ctx)
    secret = Tokens(settings.store.path).create(name, cast("Scope", scope), days)
    click.echo(secret)
    say("Keep it: it is not shown again. It goes into the header `Authorization: Bearer TOKEN`.")


@tokens.command("list")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """The tokens, without their secrets."""
    settings = settings_of(ctx)
    found = Tokens(settings.store.path, settings.write.tokens).all()
    if as_json:
        rows = [{k: v for k, v in asdict(t).items() if k != "digest"} | {"state": _state(t)} for t in found]
        put_json(rows)
        return
    put_table(
        ["token", "scope", "made", "until", "state"], [[t.name, t.scope, t.made, t.until, _state(t)] for t in found]
    )


@tokens.command()
@click.argument("name")
@click.pass_context
def revoke(ctx: click.Context, name: str) -> None:
    """End the token NAME at once, also for a service that runs."""
    Tokens(settings_of(ctx).store.path).revoke(name)
    say(f"revoked: {name}")


def _state(token: Token) -> str:
    if token.revoked:
        return f"revoked {token.revoked}"
    return "valid" if token.valid(datetime.now(UTC)) else "expired"
