"""SPARQL servers that are measured side by side, each on the reference catalogue and in processes of its own."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

from pyoxigraph import QueryResultsFormat, Store

from api.standing import FOLDER, rows_of
from catalog.releases import Manifest, Releases
from catalog.statistics import QUERIES, Statistics
from tests.bench import reference
from tests.bench.machine import GARONNE
from tests.bench.reference import build, nquads

MERGED = "https://data.example.org/graph/merged"


class Endpoint:
    """One server: its name, the address that queries go to, and what is added to each request."""

    name = ""
    more: dict[str, str] = {}  # noqa: RUF012  never changed

    def __init__(self) -> None:
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where queries are sent."""
        raise NotImplementedError

    def command(self) -> list[str]:
        """What starts it in the foreground."""
        raise NotImplementedError

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.process = subprocess.Popen(self.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            with suppress(OSError), urlopen(f"{self.url}?query=ASK%20%7B%7D", timeout=5) as answer:
                if answer.status == 200:
                    return
            time.sleep(0.1)
        sys.exit(f"{self.name} did not come up")

    def stop(self) -> None:
        """End it and wait until it has gone."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def pids(self) -> list[int]:
        """Its processes."""
        found, new = [], [self.process.pid] if self.process else []
        while new:
            found += new
            new = [child for pid in new for child in _children(pid)]
        return found

    def cpu(self) -> float:
        """Seconds of processor that its living processes, and those they have waited for, have had."""
        total = 0
        for pid in self.pids():
            with suppress(OSError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                total += sum(int(f) for f in fields[11:15])
        return total / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """MB that its processes hold, what they share counted once (proportional set size)."""
        total = 0
        for pid in self.pids():
            with suppress(OSError):
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return total // 1024


class Garonne(Endpoint):
    """Our own service, bare, on a release made of the store, with the statistics that every release is given."""

    name = "garonne"

    def __init__(self, folder: Path, store: Path, *, cache: int = 256) -> None:
        super().__init__()
        self.folder = folder / f"garonne-{cache}"
        self.folder.mkdir()
        manifest = Manifest(1, datetime.now(UTC), 0, 0, "bench")
        snapshot = self.folder / "snapshot"
        shutil.copytree(store, snapshot, copy_function=_linked)
        (self.folder / "var").mkdir()
        release = Releases(self.folder / "var").publish(manifest, snapshot)
        (release.path / FOLDER).mkdir()
        (release.path / FOLDER / "statistics.json").write_text(counted(store), encoding="utf-8")
        self.config = self.folder / "garonne.toml"
        self.config.write_text(
            f'[catalog]\nbase = "http://127.0.0.1:{self.port}/"\n[store]\npath = "{self.folder}/var"\n'
            f"[query]\ntimeout = 60\nbudget = 100000\nerrors = 100000\ncache = {cache}\n[serve]\nport = {self.port}\n",
            encoding="utf-8",
        )

    @property
    def url(self) -> str:
        """As in `Endpoint`."""
        return f"http://127.0.0.1:{self.port}/sparql"

    def command(self) -> list[str]:
        """As in `Endpoint`."""
        return [str(GARONNE), "--config", str(self.config), "serve", "--bare"]


class Oxigraph(Endpoint):
    """The native server of the engine that we use."""

    name = "oxigraph"

    def __init__(self, store: Path) -> None:
        super().__init__()
        self.store = store

    @property
    def url(self) -> str:
        """As in `Endpoint`."""
        return f"http://127.0.0.1:{self.port}/query"

    def command(self) -> list[str]:
        """As in `Endpoint`."""
        program = str(Path(sys.executable).parent / "oxigraph")
        return [
            program,
            "serve-read-only",
            "--location",
            str(self.store),
            "--bind",
            f"127.0.0.1:{self.port}",
            "--timeout-s",
            "60",
        ]


class Virtuoso(Endpoint):
    """Virtuoso, the merged catalogue in a graph of its own that each request names as its default graph."""

    name = "virtuoso"
    more = {"default-graph-uri": MERGED}  # noqa: RUF012  never changed

    def __init__(self, folder: Path, datasets: int) -> None:
        super().__init__()
        self.folder = folder / "virtuoso"
        self.datasets = datasets
        self.folder.mkdir(exist_ok=True)
        self.sql = free_port()
        (self.folder / "virtuoso.ini").write_text(_INI.format(folder=self.folder, sql=self.sql, http=self.port))

    @property
    def url(self) -> str:
        """As in `Endpoint`."""
        return f"http://127.0.0.1:{self.port}/sparql"

    def command(self) -> list[str]:
        """As in `Endpoint`."""
        return ["virtuoso-t", "-f", "-c", str(self.folder / "virtuoso.ini")]

    def load(self) -> None:
        """Load the catalogue, unless an earlier run has; the server runs."""
        loaded = self.folder / "loaded"
        if loaded.exists():
            return
        catalogue = self.folder / "catalogue.nq"
        with catalogue.open("wb") as f:
            for piece in nquads(self.datasets):
                f.write(piece)
        statement = f"ld_dir('{self.folder}', 'catalogue.nq', '{MERGED}'); rdf_loader_run(); checkpoint;"
        subprocess.run(["isql-vt", str(self.sql), "dba", "dba", f"exec={statement}"], check=True, capture_output=True)
        catalogue.unlink()
        loaded.touch()


_INI = """[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
MaxCheckpointRemap = 2000
[TempDatabase]
DatabaseFile = {folder}/temp.db
TransactionFile = {folder}/temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DirsAllowed = {folder}
ServerThreads = 100
NumberOfBuffers = 340000
MaxDirtyBuffers = 250000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 80
[SPARQL]
ResultSetMaxRows = 10000000
MaxQueryCostEstimationTime = 100000
MaxQueryExecutionTime = 60
"""


def counted(store: Path) -> str:
    """The statistics of a store, kept beside it."""
    kept = store.parent / "statistics.json"
    if not kept.exists():
        opened, answers = Store.read_only(str(store)), {}
        for name, query in QUERIES.items():
            table = opened.query(query, base_iri=reference.B).serialize(format=QueryResultsFormat.JSON)
            answers[name] = rows_of(table or b"")
        kept.write_text(Statistics.of(answers).encoded(), encoding="utf-8")
    return kept.read_text(encoding="utf-8")


def _linked(source: str, target: str) -> str:
    """A hard link for a file that never changes, a copy for any other, and where links are not to be had."""
    with suppress(OSError):
        if source.endswith(".sst"):
            os.link(source, target)
            return target
    return str(shutil.copy2(source, target))


def free_port() -> int:
    """A port of the loopback that nobody has."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def kept(datasets: int) -> Path:
    """The folder in which what is built of the reference catalogue of this size is kept from one run to the next.

    Below the system's folder of temporary files, or below the one that `GARONNE_BENCH_DIR` names.
    """
    made = hashlib.sha256(Path(reference.__file__).read_bytes()).hexdigest()[:12]
    folder = Path(os.environ.get("GARONNE_BENCH_DIR") or tempfile.gettempdir()) / f"garonne-bench-{datasets}-{made}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def built(folder: Path, datasets: int) -> Path:
    """The store of the reference catalogue in its folder, built where no earlier run has."""
    store = folder / "store"
    if not store.exists():
        half = folder / "half-built"
        shutil.rmtree(half, ignore_errors=True)
        build(half, datasets).rename(store)
    return store


def _children(pid: int) -> Sequence[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []
