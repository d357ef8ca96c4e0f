"""`garonne demo`: the sample city from harvest to server, on loopback, with no network."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import click

from catalog import plugins
from catalog.commands.support import language, say
from catalog.errors import UsageError
from catalog.settings import FILE, load
from harvest.display import lines
from harvest.options import Options
from harvest.pipeline import run
from harvest.progress import Progress
from vocab.text import Text

MARK = "# Made by `garonne demo`; the folder is made anew at each demo."


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("demo"))
@click.option("--port", type=int, default=8080, show_default=True, help="Port to serve on; the next free one if taken.")
@click.option("--no-serve", is_flag=True, help="Harvest and publish only.")
@click.pass_context
def demo(ctx: click.Context, folder: Path, port: int, no_serve: bool) -> int:
    """Harvest, validate, publish and serve the sample city in FOLDER (./demo by default)."""
    with _alone(folder), reserved(port) as free:
        return _demo(ctx, folder, free, serves=not no_serve)


def _demo(ctx: click.Context, folder: Path, port: int, *, serves: bool) -> int:
    base = f"http://127.0.0.1:{port}/"
    config = _prepare(folder, base, port)
    settings = load(config)
    lang = language(os.environ)
    say(BEGUN.of(lang))
    click.echo("\n".join(lines(run(settings, Options(), Progress(lang=lang)), lang)))
    click.echo(INVITATION.of(lang).format(base=base, command=f"garonne --config {config}", question=QUESTION))
    if not serves:
        return 0
    ctx.find_root().obj["config"] = config
    serve: click.Command = plugins.load(plugins.COMMANDS, "serve", kind="command")
    with serve.make_context("serve", ["--port", str(port)], parent=ctx.find_root()) as inner:
        serve.invoke(inner)
    return 0


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Holds the folder for one demo: a second one would replace the catalogue that the first is serving."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    mark = folder.with_name(f".{folder.name}.lock")
    with mark.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            raise UsageError(
                "a demo is running in this folder.",
                what=str(folder),
                hint="Stop it, or name another: `garonne demo FOLDER`.",
            ) from e
        yield
    mark.unlink(missing_ok=True)


def _prepare(folder: Path, base: str, port: int) -> Path:
    """A fresh folder with the sample's settings; refuses a folder that a demo did not make."""
    target = folder / FILE
    if folder.exists() and any(folder.iterdir()):
        if not target.exists() or MARK not in target.read_text(encoding="utf-8"):
            raise UsageError(
                "the folder is not empty, and no demo made it.",
                what=str(folder),
                hint="Name another: `garonne demo FOLDER`.",
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    sample = Path(str(resources.files("harvest").joinpath("sample")))
    for name in ("datasets", "mapping"):
        shutil.copytree(sample / name, folder / name)
    text = (sample / FILE).read_text(encoding="utf-8")
    text = re.sub(r'^base = ".*?"', f'base = "{base}"', text, count=1, flags=re.MULTILINE)
    target.write_text(f"{MARK}\n\n{text}\n[serve]\nport = {port}\n", encoding="utf-8")
    return target


@contextmanager
def reserved(wanted: int) -> Iterator[int]:
    """The first free port from `wanted`, which no other demo gets meanwhile: the addresses of the catalogue name it.

    It is bound without `SO_REUSEADDR`, so that a second demo's attempt fails; set afterwards, the option lets our own
    server bind the port too. Where the system refuses that, the port is let go of before it is served, as ever.
    """
    for port in range(wanted, wanted + 50):
        with socket.socket() as held:
            try:
                held.bind(("127.0.0.1", port))
            except OSError:
                continue
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if not _can_be_served(port):
                held.close()
            yield port
            return
    raise UsageError(f"no free port from {wanted} to {wanted + 49}.", hint="Name another with --port.")


def _can_be_served(port: int) -> bool:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


QUESTION = (
    "SELECT ?title WHERE { ?d a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/title> ?title } LIMIT 5"
)


BEGUN = Text(
    "Moissonnage de la ville d’exemple\u00a0: 41 notices d’une métropole imaginaire, avec des défauts voulus.",
    "Harvesting the sample city: 41 records of a fictitious metropole, with defects on purpose.",
)
INVITATION = Text(
    """
À ouvrir dans un navigateur
  {base}            le catalogue
  {base}datasets    ses jeux de données
  {base}quality     ce qui n’est pas conforme, pourquoi, et que faire
  {base}validate    un fichier à vous, vérifié
  {base}sparql      le point d’accès SPARQL
  {base}catalog.ttl le flux que moissonnent les portails nationaux
  {base}status      ce qu’a fait le dernier moissonnage

À essayer dans un autre terminal (avec .venv/bin/ devant `garonne` si vous venez de `make demo`)
  {command} query '{question}'
  {command} validate --lang fr
  {command} harvest worklist
""",
    """
Open in a browser
  {base}            the catalogue
  {base}datasets    its datasets
  {base}quality     what does not conform, why, and what to do
  {base}validate    a file of yours, checked
  {base}sparql      the SPARQL endpoint
  {base}catalog.ttl the feed that national portals harvest
  {base}status      what the last run did

Try in another terminal (with .venv/bin/ before `garonne` if you came by `make demo`)
  {command} query '{question}'
  {command} validate --lang fr
  {command} harvest worklist
""",
)
