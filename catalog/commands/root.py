"""The command `garonne`: finds its groups by entry point, and turns every failure into a sentence and an exit code.

0 done and conforming · 1 done with findings, or some records or sources failed · 2 wrong use or wrong settings ·
3 could not do it · 130 interrupted.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from catalog import plugins
from catalog.errors import GaronneError

INTERRUPTED = 130


class ReaderLeft(Exception):
    """Whoever read the standard output has seen enough."""


class Commands(click.Group):
    """The installed commands; each is imported only when it is called or its help is shown."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every installed command, by name."""
        return list(plugins.installed(plugins.COMMANDS))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, None when it is not installed."""
        if cmd_name not in plugins.installed(plugins.COMMANDS):
            return None
        try:
            found: click.Command = plugins.load(plugins.COMMANDS, cmd_name, kind="command")
        except GaronneError as e:
            return _broken(cmd_name, e)
        return found

    def invoke(self, ctx: click.Context) -> Any:
        """As click does, except that click ends the process with 1, "findings", when the reader of a pipe leaves."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError as e:
            raise ReaderLeft from e
        return result

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but the error for an unknown command names the nearest one."""
        if args and args[0] not in self.list_commands(ctx):
            import difflib

            known = self.list_commands(ctx)
            near = difflib.get_close_matches(args[0], known, n=1)
            hint = f" Did you mean `{near[0]}`?" if near else ""
            ctx.fail(f"There is no command `{args[0]}`.{hint} Commands: {', '.join(known)}.")
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config", type=click.Path(path_type=Path), help="Settings file; garonne.toml of this folder by default."
)
@click.option("--debug", is_flag=True, help="Show the traceback of an internal error.")
@click.version_option(version("garonne"), prog_name="garonne")
@click.pass_context
def cli(ctx: click.Context, config: Path | None, debug: bool) -> None:
    """Garonne, the linked-data catalogue for cities: harvest, validate, publish and serve DCAT-AP 3."""
    ctx.obj = {"config": config, "debug": debug}


def main() -> None:
    """Runs the command line and ends the process with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(args: list[str]) -> int:
    """Runs one command line; returns its exit code."""
    try:
        result = cli.main(args, prog_name="garonne", standalone_mode=False)
    except click.exceptions.Exit as e:
        return e.exit_code
    except click.UsageError as e:
        e.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted; nothing was published by what was still running.", err=True)
        return INTERRUPTED
    except GaronneError as e:
        click.echo(f"garonne: {e}", err=True)
        return e.exit_code
    except ReaderLeft:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader left; nothing more to say
        return 0
    except click.ClickException as e:
        e.show()
        return 3
    except OSError as e:
        return _system(e, args)
    except Exception as e:
        return _internal(e, args)
    return result if isinstance(result, int) else 0


def _broken(name: str, error: GaronneError) -> click.Command:
    """What stands for a command that cannot be loaded: the others, and the help, go on working."""

    def tell() -> None:
        raise error

    return click.Command(name, callback=tell, help="Installed, and cannot be loaded.", add_help_option=False)


def _system(error: OSError, args: list[str]) -> int:
    if "--debug" in args:
        traceback.print_exc()
    where = f"{error.filename}: " if error.filename else ""
    hint = " Free some space and run again." if error.errno == errno.ENOSPC else ""
    click.echo(f"garonne: {where}{error.strerror or error}.{hint}", err=True)
    return 3


def _internal(error: Exception, args: list[str]) -> int:
    if "--debug" in args:
        traceback.print_exc()
    click.echo(f"garonne: internal error ({type(error).__name__}: {error}). `garonne --debug …` shows where.", err=True)
    return 3
