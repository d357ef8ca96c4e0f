"""`garonne config show`: every setting, its value and where it comes from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from catalog.commands.support import put_json, put_table, settings_of
from catalog.settings import Settings
from catalog.settings_table import Row, rows


@click.group()
def config() -> None:
    """Show the settings in force."""


@config.command()
@click.option("--json", "as_json", is_flag=True, help="For a program.")
@click.pass_context
def show(ctx: click.Context, as_json: bool) -> None:
    """Every setting: value, default, environment name, meaning."""
    settings = settings_of(ctx)
    found = [(row, _value(settings, row)) for row in rows() if row.env]
    arrays = {"source": settings.sources, "agent": settings.agents}
    if as_json:
        table = [
            {
                "table": r.table,
                "name": r.name,
                "value": _plain(v),
                "default": _plain(r.default),
                "env": r.env,
                "help": r.help,
            }
            for r, v in found
        ]
        put_json(
            {"file": str(settings.file) if settings.file else None, "settings": table}
            | {name: [_plain(vars(item)) for item in items] for name, items in arrays.items()}
        )
        return
    click.echo(f"settings file: {settings.file or 'none (defaults)'}")
    put_table(
        ["setting", "value", "from", "meaning"],
        [[f"{r.table}.{r.name}", _short(v), _origin(settings, r), r.help] for r, v in found],
    )
    for source in settings.sources:
        click.echo(f"source {source.id}: {source.kind} {source.url or source.path}")
    click.echo(f"{len(settings.agents)} agents in the register")


def _value(settings: Settings, row: Row) -> Any:
    value = getattr(getattr(settings, row.table), row.name)
    return ("set, not shown" if value else "not set") if row.secret else value


def _origin(settings: Settings, row: Row) -> str:
    if row.env in os.environ:
        return row.env
    return "file" if f"{row.table}.{row.name}" in settings.given else "default"


def _short(value: Any) -> str:
    plain = _plain(value)
    if isinstance(plain, dict):
        text = ", ".join(f"{k}: {v}" for k, v in plain.items())
    elif isinstance(plain, list):
        text = ", ".join(str(v) for v in plain)
    else:
        text = "" if plain is None else str(plain)
    return text if len(text) <= 50 else text[:49] + "…"


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "__dataclass_fields__"):
        return {k: _plain(getattr(value, k)) for k in value.__dataclass_fields__}
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return list(value) if isinstance(value, tuple) else value
