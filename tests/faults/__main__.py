"""`python -m tests.faults`: so many kills, and whether a promise was broken."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.faults import keeping
from tests.faults.trials import told, trials


def main() -> int:
    """0 when every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="How many must come in time.")
    parser.add_argument("--keeping", type=int, default=0, help="And of backup, restore, export and repair, so many.")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    broke = [_killed(asked.kills, asked.seed)] if asked.kills else []
    broke += [_kept(asked.keeping, asked.seed)] if asked.keeping else []
    return int(any(broke))


def _killed(kills: int, seed: int) -> bool:
    """Whether a promise of pipeline or service was broken."""
    with tempfile.TemporaryDirectory(prefix="garonne-faults-") as folder, trials(Path(folder), seed) as found:
        while sum(k.came for k in found.kills) < kills:
            kill = found.kill()
            for one in kill.wrong:
                print(f"{len(found.kills)}: {kill.deed}, {kill.target}: {one}", flush=True)
        print(told(found.kills, found.watch.asked))
        return any(k.wrong for k in found.kills)


def _kept(kills: int, seed: int) -> bool:
    """Whether a promise of what keeps a catalogue was broken."""
    with tempfile.TemporaryDirectory(prefix="garonne-faults-") as folder:
        found = keeping.Keeping(Path(folder), seed)
        while sum(k.came for k in found.kills) < kills:
            kill = found.kill()
            for one in kill.wrong:
                print(f"{len(found.kills)}: {kill.deed}: {one}", flush=True)
        print(keeping.told(found.kills))
        return any(k.wrong for k in found.kills)


if __name__ == "__main__":
    sys.exit(main())
