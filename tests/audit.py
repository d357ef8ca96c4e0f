"""`make audit`: what is installed, compared with the database of known vulnerabilities; in `make check`, once a day.

It ends with 1 when a vulnerability is known that a newer version mends. Where the database cannot be reached nothing is
known, which is said, and no reason to fail: a check must work without network.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any

DATABASE = "https://pypi.org/pypi/pip/json"
"""A page of the database that is there if any is."""
COMMAND = (sys.executable, "-m", "pip_audit")
DAY = 86_400
WITHIN = 120
"""Seconds for all packages."""


def main(command: tuple[str, ...] = COMMAND, within: float = WITHIN, database: str = DATABASE) -> int:
    """Compare, and say what was found."""
    reason = unreachable(database)
    if reason:
        return skipped(reason)
    options = ("--local", "--skip-editable", "--progress-spinner", "off", "--format", "json", "--timeout", "10")
    try:
        done = subprocess.run((*command, *options), capture_output=True, text=True, timeout=within, check=False)
    except subprocess.TimeoutExpired:
        return skipped(f"no answer within {within:g} s")
    try:
        report = json.loads(done.stdout)
    except ValueError:
        return skipped((done.stderr.strip().splitlines() or ["no answer"])[-1])
    return told(report)


def unreachable(database: str) -> str:
    """Why the database cannot be asked; empty when it can."""
    try:
        with urllib.request.urlopen(database, timeout=10) as answer:
            return "" if json.load(answer).get("info") else f"{database} is no such database"
    except (OSError, ValueError, HTTPException) as e:
        return f"{database}: {e}"


def skipped(reason: str) -> int:
    """Say that nothing was compared."""
    print(f"audit: SKIPPED, dependencies were not compared with known vulnerabilities: {reason[:300]}")
    return 0


def told(report: dict[str, Any]) -> int:
    """Say what is known of each package."""
    packages = [one for one in report["dependencies"] if "skip_reason" not in one]
    missed = [one["name"] for one in report["dependencies"] if "skip_reason" in one]
    if not packages:
        return skipped(f"the database knows none of {len(missed)} packages")
    if missed:
        print(f"audit: not known there, and not compared: {', '.join(missed)}")
    found = [(one, known) for one in packages for known in one["vulns"]]
    for one, known in found:
        mended = ", ".join(known["fix_versions"]) or "no version yet"
        print(f"audit: {one['name']} {one['version']} has {known['id']}; mended in: {mended}")
    print(f"audit: {len(packages)} packages compared, {len(found)} known vulnerabilities")
    return 1 if any(known["fix_versions"] for _, known in found) else 0


def lately(stamp: Path) -> bool:
    """Whether this environment was looked at less than a day ago; from now on it was, unless so."""
    with suppress(OSError):
        if time.time() - stamp.stat().st_mtime < DAY:
            return True
    stamp.touch()
    return False


if __name__ == "__main__":
    if "--daily" in sys.argv[1:] and lately(Path(sys.prefix) / ".audited"):
        print("audit: done less than a day ago; `make audit` does it again")
        sys.exit(0)
    sys.exit(main())
