"""The process that makes the dumps of one release: it gives way to every other, and ends with the service.

Started by `api.dumps` as `python -m api.dumper FOLDER BASE RELEASE`. It ends with 0 when the dumps are there, also when
another process makes them; else with 1 and the reason on standard error.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from catalog import dump, sandbox
from catalog.errors import StoreLocked
from catalog.releases import Releases
from vocab.errors import GaronneError

NICE = 10
"""Gives way to those who serve, and still comes to its end beside a harvest."""


def main(folder: str, base: str, number: str) -> int:
    """Make them; what goes wrong is told in one line."""
    sandbox.die_with_parent()
    os.nice(NICE)
    try:
        with suppress(StoreLocked):
            dump.build(Path(folder), base, Releases(Path(folder)).get(int(number)))
    except GaronneError as e:
        sys.stderr.write(f"{e}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
