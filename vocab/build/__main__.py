"""`python -m vocab.build DIRECTORY [TARGET]`: makes `vocab/tables/*.csv` from a folder of published copies."""

from __future__ import annotations

import sys
from pathlib import Path

from .tables import build

TABLES = Path(__file__).parents[1] / "tables"


def main(arguments: list[str]) -> int:
    """Writes the tables and names each with its size on stderr."""
    if len(arguments) not in (1, 2) or not Path(arguments[0]).is_dir():
        sys.stderr.write("usage: python -m vocab.build DIRECTORY [TARGET]\nDIRECTORY holds the published copies.\n")
        return 2
    target = Path(arguments[1]) if len(arguments) > 1 else TABLES
    for name, text in build(Path(arguments[0])).items():
        (target / f"{name}.csv").write_text(text, encoding="utf-8", newline="\n")
        sys.stderr.write(f"{name}: {text.count(chr(10)) - 1} terms, {len(text.encode()) // 1024} KiB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
