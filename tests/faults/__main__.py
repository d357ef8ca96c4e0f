"""`python -m tests.faults`: so many kills, and whether a promise was broken."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.faults.trials import told, trials


def main() -> int:
    """0 when every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="How many must come in time.")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="garonne-faults-") as folder, trials(Path(folder), asked.seed) as found:
        while sum(k.came for k in found.kills) < asked.kills:
            kill = found.kill()
            for one in kill.wrong:
                print(f"{len(found.kills)}: {kill.deed}, {kill.target}: {one}", flush=True)
        print(told(found.kills, found.watch.asked))
        return int(any(k.wrong for k in found.kills))


if __name__ == "__main__":
    sys.exit(main())
