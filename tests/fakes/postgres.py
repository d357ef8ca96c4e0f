"""A real PostgreSQL server for one test module: made from the programs of the system, on a free port, and removed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

PASSWORD = "s3cret-of-the-test"


@dataclass
class Server:
    """A running server. `owner` may do everything, `reader` may read what it is granted."""

    port: int
    bin: Path
    folder: Path

    def url(self, user: str = "owner", database: str = "postgres") -> str:
        """The address without a password."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def run(self, sql: str) -> str:
        """Runs statements as the owner; returns what they print."""
        env = {**os.environ, "PGPASSWORD": PASSWORD}
        command = [self.bin / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"]
        command += ["-p", str(self.port), "-U", "owner", "-d", "postgres"]
        done = subprocess.run(command, input=sql, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


def programs() -> Path:
    """The folder of the server's programs; the test is skipped where there are none, or no account to run them."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    other = shutil.which("initdb")
    if not found and other is None:
        if os.environ.get("GARONNE_REQUIRE_SHARED") == "1":
            pytest.fail("PostgreSQL is required here and is absent")
        pytest.skip("PostgreSQL is not installed (Debian: apt install postgresql)")
    return found[-1].parent if found else Path(str(other)).parent


@contextmanager
def postgres() -> Iterator[Server]:
    """Runs a server until the block ends. It refuses to run as root, so that root starts it as `postgres`."""
    bin_ = programs()
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="garonne-pg-"))
    try:
        (folder / "password").write_text(PASSWORD)
        if user:
            for one in (folder, folder / "password"):
                shutil.chown(one, user, user)
        data = folder / "data"
        init = [bin_ / "initdb", "-D", data, "-U", "owner", "--auth=scram-sha-256", "--no-sync"]
        init += [f"--pwfile={folder / 'password'}", "-E", "UTF8", "--locale=C.UTF-8"]
        _run(init, user, folder)
        with _started(bin_, data, folder, user) as port:
            yield Server(port, bin_, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _started(bin_: Path, data: Path, folder: Path, user: str | None) -> Iterator[int]:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    settings = ("fsync=off", "shared_buffers=16MB", "autovacuum=off", "listen_addresses=127.0.0.1", f"port={port}")
    command = [bin_ / "postgres", "-D", data, "-k", folder, *(part for one in settings for part in ("-c", one))]
    log = (folder / "log").open("wb")
    process = subprocess.Popen(command, user=user, cwd=folder, stdout=log, stderr=log)
    try:
        for _ in range(300):
            ready = [bin_ / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
            if subprocess.run(ready, check=False).returncode == 0:
                break
            assert process.poll() is None, (folder / "log").read_text()
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def _run(command: list[Path | str], user: str | None, folder: Path) -> None:
    done = subprocess.run([str(c) for c in command], user=user, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
