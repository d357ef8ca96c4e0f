"""`garonne serve`: the HTTP service."""

from __future__ import annotations

import signal
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from api.app import create_app
from api.scratch import opened
from catalog import aside, copies, logs, plain, sandbox, traces
from catalog.commands.support import say, settings_of
from catalog.errors import StoreError, UsageError
from catalog.settings import Settings

SWITCH = 0.0005
"""Seconds that a thread may go on while the one that answers requests waits: ten times less than is usual."""
_GRACE = 3
"""Seconds that answers under way have to end at shutdown."""


@click.command()
@click.option("--host", help="Address to listen on, instead of [serve] host.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 picks a free one.")
@click.option("--workers", type=click.IntRange(1, 64), help="Query worker processes.")
@click.option("--no-sandbox", is_flag=True, help="Start where query workers cannot be kept off the network.")
@click.option("--no-schedule", is_flag=True, help="Do not harvest the sources when their schedules fall due.")
@click.option("--bare", is_flag=True, help="Serve a plain store without a catalogue: queries, updates, graphs.")
@click.option("--release", "copy", type=click.Path(path_type=Path), help="Serve the exported copy in this folder.")
@click.option("--scratch", type=click.Path(path_type=Path), help="Folder for what a copy's service keeps; see below.")
@click.pass_context
def serve(
    context: click.Context,
    host: str | None,
    port: int | None,
    workers: int | None,
    no_sandbox: bool,
    no_schedule: bool,
    bare: bool,
    copy: Path | None,
    scratch: Path | None,
) -> None:
    """Serve the catalogue: pages, feed, SPARQL. A new release is served from its first moment.

    With --bare, [store] path is a plain store that everybody may read, and write with a token of [write] tokens; where
    no token is set, whoever can reach the loopback address it listens on.

    With --release, the copy that `garonne releases export` wrote is served as it is, also from a read-only mount:
    [store], [catalog] and the sources come from it. Kept answers and receipts are in the folder --scratch, one for each
    service, or in a temporary one that goes with it.
    """
    settings = _with_flags(settings_of(context), host, port, workers)
    if bare and copy is not None:
        raise UsageError("--bare and --release exclude each other.", hint="A copy is of a catalogue.")
    if scratch is not None and copy is None:
        raise UsageError("--scratch goes with --release.", hint="Else kept answers are in the folder [store] path.")
    if bare:
        plain.check(settings)
    if bare or no_schedule or copy is not None:
        settings = replace(settings, schedule=replace(settings.schedule, enabled=False))
    if not no_sandbox:
        sandbox.probe()
    if copy is None:
        if not bare:
            aside.refuse(settings.store.path)
        return run(settings, confined=not no_sandbox, bare=bare)
    with opened(copy, scratch) as (found, place):
        return run(copies.settings_of(found, settings, place), confined=not no_sandbox)


def _with_flags(settings: Settings, host: str | None, port: int | None, workers: int | None) -> Settings:
    given: dict[str, Any] = {"host": host, "port": port, "workers": workers}
    return replace(settings, serve=replace(settings.serve, **{k: v for k, v in given.items() if v is not None}))


def run(settings: Settings, *, confined: bool = True, bare: bool = False) -> None:
    """Listen and serve until SIGTERM or SIGINT; the first line on stderr is the address listened on."""
    import uvicorn

    from api.listening import Connection

    sandbox.bound_arenas()
    sys.setswitchinterval(SWITCH)
    listener = listen(settings.serve.host, settings.serve.port)
    announce(settings, listener.getsockname()[1], bare=bare)
    logs.configure(settings.log)
    traces.configure(settings.log.traces, "garonne-serve")
    config = uvicorn.Config(
        create_app(settings, confined=confined, bare=bare),
        http=Connection,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _asked_to_stop)
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        traces.close()


def _asked_to_stop(_signal: int, _frame: object) -> None:
    """Nothing: uvicorn has shut down in order by the time it raises the signal anew, and the command ends with 0."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises `StoreError` with the reason when the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio sets TCP_NODELAY on such sockets only; else an answer takes 40 ms more.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as e:
        listener.close()
        raise StoreError(
            f"cannot listen on {host}, port {port}: {e.strerror}.",
            hint="Choose another port with --port; 0 picks a free one.",
        ) from e
    listener.listen(1024)
    return listener


def announce(settings: Settings, port: int, *, bare: bool = False) -> None:
    """Say where the doors are: first the address listened on, then those to open."""
    host = settings.serve.host
    here = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    lines = [here, f"  catalogue  {here}", f"  feed       {here}catalog.ttl", f"  SPARQL     {here}sparql"]
    if bare:
        lines = [here, f"  SPARQL     {here}sparql", f"  update     {here}sparql/update", f"  graphs     {here}graphs"]
    if settings.catalog.base != here:
        lines.append(f"  the IRIs of the catalogue begin with {settings.catalog.base}")
    say("\n".join(lines))
