"""The README's promises, kept by running them: the demo, its addresses, and the commands it tells to try."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from pyoxigraph import RdfFormat, parse

from catalog import plugins

ROOT = Path(__file__).resolve().parents[1]
GARONNE = Path(sys.executable).parent / "garonne"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, Path]]:
    """What the demo printed, its base address and its folder, while it serves."""
    folder = tmp_path_factory.mktemp("demo")
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [str(GARONNE), "demo", "--port", str(_free())],
            cwd=folder,
            stdout=out,
            stderr=out,
            env={**os.environ, "LC_ALL": "en_GB.UTF-8"},
        )
        try:
            yield (*_ready(process, log), folder)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == 0
        finally:
            process.kill()
            process.wait()


def _free() -> int:
    """A port that nobody holds at this moment; should somebody take it meanwhile, the demo takes the next one."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return min(int(held.getsockname()[1]), 65_000)


def _ready(process: subprocess.Popen[bytes], log: Path) -> tuple[str, str]:
    until = time.monotonic() + 90
    while time.monotonic() < until and process.poll() is None:
        text = log.read_text(encoding="utf-8")
        address = re.search(r"http://127\.0\.0\.1:\d+/", text)
        if address:
            try:
                with urlopen(f"{address[0]}health/ready", timeout=5):
                    return text, address[0]
            except (URLError, OSError):
                pass
        time.sleep(0.2)
    pytest.fail(f"the demo did not start:\n{log.read_text(encoding='utf-8')}")


def test_every_address_it_prints_opens(demo: tuple[str, str, Path]) -> None:
    text, base, _ = demo
    addresses = set(re.findall(rf"{re.escape(base)}\S*", text))
    assert len(addresses) >= 5
    for address in addresses:
        with urlopen(Request(address, headers={"Accept": "text/html, */*;q=0.5"}), timeout=10) as answer:
            assert answer.status == 200
            assert answer.read()


def test_the_commands_it_tells_to_try_work(demo: tuple[str, str, Path]) -> None:
    text, _, folder = demo
    commands = re.findall(r"^  (garonne --config .*)$", text, re.MULTILINE)
    assert len(commands) == 3
    for command in commands:
        done = subprocess.run(
            [str(GARONNE), *shlex.split(command)[1:]],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode in (0, 1), done.stderr
        assert done.stdout.strip()


def test_the_sample_is_published_whole(demo: tuple[str, str, Path]) -> None:
    text, base, _ = demo
    assert "38 created, 3 set aside" in text
    with urlopen(f"{base}catalog.nt", timeout=10) as answer:
        statements = list(parse(answer.read(), format=RdfFormat.N_TRIPLES))
    datasets = {q.subject for q in statements if str(q.object) == "<http://www.w3.org/ns/dcat#Dataset>"}
    assert len(datasets) == 38
    with urlopen(f"{base}health/ready", timeout=10) as answer:
        assert json.load(answer)["release"] == 1


def test_the_readme_names_only_commands_that_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    known = plugins.installed(plugins.COMMANDS)
    named = set(re.findall(r"\bgaronne ([a-z]+)", text))
    assert named
    assert named <= known.keys()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)", text)) <= targets


def test_a_second_demo_in_the_same_folder_is_refused(demo: tuple[str, str, Path]) -> None:
    done = subprocess.run([str(GARONNE), "demo"], cwd=demo[2], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "a demo is running in this folder" in done.stderr


def test_an_unknown_folder_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me", encoding="utf-8")
    done = subprocess.run(
        [str(GARONNE), "demo", str(tmp_path), "--no-serve"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert "not empty" in done.stderr
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "keep me"
