"""The portal of these tests, as a process of its own: it serves what a file says, in the mood that the file says.

Run as `python -m tests.faults.portal FILE`; the first line of its output is its address.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.fakes import opendatasoft
from tests.fakes.server import Answer, serving

MOODS = ("fail", "cut", "html", "empty", "fewer", "stall")
"""Errors only; the listing breaks off; a page instead of data; no dataset; half of them; no answer."""


def answer(state: dict[str, Any], path: str) -> Answer:
    """The answer of a portal in this state."""
    records, mood = state["records"], state["mood"]
    if mood == "fail":
        return Answer(b"{}", 500)
    if mood == "html":
        return Answer(b"<html>Maintenance</html>", kind="text/html")
    if mood == "stall":
        return Answer(b"{}", stall=30)
    if mood == "empty":
        records = []
    if mood == "fewer":
        records = records[: len(records) // 2]
    found = opendatasoft.Portal(records).reply(path)
    if mood == "cut" and found.chunks:
        found.chunks, found.end = found.chunks[: len(found.chunks) // 2], False
    return found


class Portal:
    """The process, and the file that it serves."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.say([], "")
        command = [sys.executable, "-m", "tests.faults.portal", str(file)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()

    def say(self, records: list[dict[str, Any]], mood: str = "") -> None:
        """What the portal says from now on."""
        beside = self.file.with_suffix(".new")
        beside.write_text(json.dumps({"records": records, "mood": mood}))
        beside.replace(self.file)

    def close(self) -> None:
        """Ends the process."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


def main(file: Path) -> None:
    """Serves until it is killed."""
    with serving(lambda path: answer(json.loads(file.read_text()), path)) as running:
        print(running.address, flush=True)
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
