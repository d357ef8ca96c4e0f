"""The command `garonne`, run as its users run it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from catalog import lock
from catalog.settings import load
from catalog.settings_table import rows
from tests.catalog.making import BASE, release
from tests.fakes.server import Answer, serving

GARONNE = str(Path(sys.executable).with_name("garonne"))
SETTINGS = f'[catalog]\nbase = "{BASE}"\n[[source]]\nid = "s"\nkind = "files"\npath = "responses"\n'


def garonne(folder: Path, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GARONNE_")}
    return subprocess.run(
        [GARONNE, *args], cwd=folder, capture_output=True, text=True, timeout=60, env={**kept, **env}, check=False
    )


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """A folder with settings and two releases."""
    (tmp_path / "garonne.toml").write_text(SETTINGS, encoding="utf-8")
    release(tmp_path / "var", {"a": "Un", "b": "Deux"})
    release(tmp_path / "var", {"a": "Un bis", "c": "Trois"}, gone=("b",))
    return tmp_path


def test_help_version_and_unknown_commands(tmp_path: Path) -> None:
    done = garonne(tmp_path, "--help")
    assert done.returncode == 0
    assert "releases" in done.stdout
    assert garonne(tmp_path, "--version").stdout.startswith("garonne")
    done = garonne(tmp_path, "harvst", "run")
    assert done.returncode == 2
    assert "There is no command `harvst`. Did you mean `harvest`? Commands: " in done.stderr
    assert done.stdout == ""
    assert garonne(tmp_path, "releases", "--wrong").returncode == 2


def test_settings_by_flag_by_folder_and_wrong_ones(city: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    done = garonne(elsewhere, "--config", str(city / "garonne.toml"), "releases", "list", "--json")
    assert [r["number"] for r in json.loads(done.stdout)] == [1, 2]
    done = garonne(elsewhere, "--config", "absent.toml", "config", "show")
    assert (done.returncode, done.stdout) == (2, "")
    assert "absent.toml: there is no such settings file. `garonne init` makes one." in done.stderr
    (elsewhere / "garonne.toml").write_text("[harvest]\nintervall = 1\n")
    done = garonne(elsewhere, "releases", "list")
    assert done.returncode == 2
    assert "unknown key `intervall` in [harvest];" in done.stderr
    assert "Traceback" not in done.stderr


def test_config_show(city: Path) -> None:
    done = garonne(city, "config", "show", "--json", GARONNE_SERVE_PORT="81")
    shown = json.loads(done.stdout)
    values = {f"{s['table']}.{s['name']}": s["value"] for s in shown["settings"]}
    assert values["serve.port"] == 81
    assert values["catalog.base"] == BASE
    assert values["store.path"] == str(city / "var")
    assert len(values) == len([r for r in rows() if r.env])
    assert [s["id"] for s in shown["source"]] == ["s"]
    text = garonne(city, "config", "show", GARONNE_SERVE_PORT="81").stdout
    assert any(line.split()[:3] == ["serve.port", "81", "GARONNE_SERVE_PORT"] for line in text.splitlines())


def test_init_writes_settings_that_load(tmp_path: Path) -> None:
    done = garonne(tmp_path, "init", "new/city")
    assert (done.returncode, done.stdout) == (0, "")
    found = load(tmp_path / "new" / "city" / "garonne.toml", env={})
    assert found.sources[0].url == "https://data.toulouse-metropole.fr"
    again = garonne(tmp_path, "init", "new/city")
    assert again.returncode == 2
    assert "there is a settings file already" in again.stderr


def test_releases(city: Path) -> None:
    listed = garonne(city, "releases", "list").stdout.splitlines()
    assert listed[2].startswith("2 *")
    shown = json.loads(garonne(city, "releases", "show", "1", "--json").stdout)
    assert shown["events"] == {"created": 2}
    done = garonne(city, "releases", "show", "7")
    assert done.returncode == 3
    assert "There is no release 7. Kept: 1, 2." in done.stderr
    changes = json.loads(garonne(city, "releases", "diff", "1", "2", "--json").stdout)
    assert changes["findings"] == {"new": [], "fixed": [], "remaining": 0}
    assert [c["change"] for c in changes["changes"]] == ["updated", "withdrawn", "created"]
    assert "+ <https://data" in garonne(city, "releases", "diff", "1", "2", "--full").stdout
    assert garonne(city, "releases", "diff", "2", "2").stdout == "Releases 2 and 2 say the same.\n"


def test_rolling_back_publishes_an_equal_release(city: Path) -> None:
    assert garonne(city, "releases", "rollback", "2").returncode == 2
    assert garonne(city, "releases", "rollback", "9").returncode == 3
    done = garonne(city, "releases", "rollback", "1", "--json")
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert (made["number"], made["reason"], made["current"]) == (3, "rollback to 1", True)
    assert made["events"] == {"created": 1, "updated": 1, "withdrawn": 1}
    first = json.loads(garonne(city, "releases", "show", "1", "--json").stdout)
    assert (made["fingerprint"], made["quads"]) == (first["fingerprint"], first["quads"])
    assert json.loads(garonne(city, "releases", "diff", "1", "3", "--json").stdout)["changes"] == []
    assert garonne(city, "doctor", "--deep").returncode == 0
    assert release(city / "var", {"d": "Quatre"}).number == 4


def test_pruning(city: Path) -> None:
    done = garonne(city, "releases", "prune", "--keep", "1")
    assert (done.returncode, "Kept releases 2 to 2." in done.stderr) == (0, True)
    assert garonne(city, "releases", "prune", "--keep", "0").returncode == 2
    assert garonne(city, "doctor").returncode == 0


def test_a_store_that_is_locked(city: Path) -> None:
    with lock.writing(city / "var"):
        done = garonne(city, "releases", "rollback", "1")
    assert done.returncode == 3
    assert f"another process is writing: process {os.getpid()}" in done.stderr


def test_doctor_finds_what_is_wrong_and_changes_nothing(city: Path) -> None:
    before = sorted(p.name for p in (city / "var").rglob("*"))
    done = garonne(city, "doctor", "--deep", "--json")
    assert done.returncode == 0, done.stdout
    assert all(r["ok"] for r in json.loads(done.stdout))
    after = sorted(p.name for p in (city / "var").rglob("*") if p.name[-4:] not in ("-wal", "-shm"))
    assert after == [n for n in before if n[-4:] not in ("-wal", "-shm")]
    (city / "var" / "current").write_text("x")
    done = garonne(city, "doctor")
    assert done.returncode == 3
    assert "BAD  releases: " in done.stdout
    assert "ok   releases: release 2: 2 datasets described of 2" in done.stdout
    (city / "garonne.toml").write_text("x")
    done = garonne(city, "doctor")
    assert (done.returncode, "BAD  settings: " in done.stdout) == (3, True)


def test_no_release_yet(tmp_path: Path) -> None:
    done = garonne(tmp_path, "export")
    assert done.returncode == 3
    assert "There is no release yet. `garonne harvest run` makes the first." in done.stderr
    assert garonne(tmp_path, "releases", "list", "--json").stdout == "[]\n"
    assert garonne(tmp_path, "doctor").returncode == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", ["ttl", "nq"])
def test_export_to_a_file_takes_its_suffix(city: Path, suffix: str) -> None:
    done = garonne(city, "export", "-o", f"out.{suffix}")
    assert (done.returncode, done.stdout) == (0, "")
    assert "release 2: 2 datasets" in done.stderr
    assert garonne(city, "export", "--format", suffix).stdout == (city / f"out.{suffix}").read_text()


def test_export_in_an_unknown_format(city: Path) -> None:
    done = garonne(city, "export", "-o", "out.ttlx")
    assert done.returncode == 2
    assert "format `ttlx` is not offered. Did you mean `ttl`?" in done.stderr


def test_query(city: Path) -> None:
    done = garonne(city, "query", "SELECT (COUNT(*) AS ?n) { ?d a <http://www.w3.org/ns/dcat#Catalog> }")
    assert (done.returncode, done.stdout.split()) == (0, ["n", "1"]), done.stderr
    done = garonne(city, "query", "SELECT * {\n ?s ?p }")
    assert (done.returncode, "line 2" in done.stderr) == (2, True)
    assert garonne(city, "query", "SELECT * { SERVICE <http://x.org/> { ?s ?p ?o } }").returncode == 2
    assert garonne(city, "query", "ASK {}", "--format", "ttl").returncode == 2
    assert garonne(city, "query").returncode == 2


def test_the_reader_of_a_pipe_may_leave(city: Path) -> None:
    release(city / "var", {f"d{n}": "x" * 500 for n in range(300)})
    with subprocess.Popen(
        [GARONNE, "export", "--format", "nt"], cwd=city, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.read(10)
        running.stdout.close()
        assert running.wait(30) == 0
        assert b"Traceback" not in running.stderr.read()


@contextmanager
def harvesting_slowly(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with serving(lambda _path: Answer(b"{}", stall=20.0)) as server:
        (folder / "garonne.toml").write_text(
            f'[[source]]\nid = "s"\nkind = "opendatasoft"\nurl = "{server.address}"\nallow_private = true\n'
        )
        with subprocess.Popen([GARONNE, "harvest", "run"], cwd=folder, stderr=subprocess.PIPE) as running:
            for _ in range(200):
                if server.asked or running.poll() is not None:
                    break
                time.sleep(0.1)
            yield running


def test_interrupted_is_130_and_says_so(tmp_path: Path) -> None:
    with harvesting_slowly(tmp_path) as running:
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=30)
    assert running.returncode == 130, said
    assert b"Interrupted; nothing was published" in said
    assert b"Traceback" not in said
    assert not (tmp_path / "var" / "current").exists()


def test_a_disk_error_is_a_sentence(city: Path) -> None:
    done = garonne(city, "export", "-o", "no/such/folder/out.ttl")
    assert done.returncode == 3
    assert "there is no such folder" in done.stderr
    assert "Traceback" not in done.stderr
