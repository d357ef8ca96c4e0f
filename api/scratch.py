"""A copy of a release as a store folder that the service can write to: links to the copy, and files of its own beside.

    {scratch}/{fingerprint}/current, copy.json, bookkeeping.sqlite, shapes, releases/000012/…    links
    {scratch}/{fingerprint}/answers/, releases/000012/answers/                                   kept answers
    {scratch}/receipts.sqlite                                                                    receipts

So the copy itself may be on a read-only mount. A scratch folder is one service's; what earlier copies left is removed.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from catalog import copies, schema, sealed
from catalog.copies import ANSWERS, Copy
from catalog.errors import StoreLocked
from catalog.releases import POINTER, Releases
from shapes.registry import FOLDER as SHAPES

RECEIPTS = "receipts.sqlite"
_LOCK = "in-use"
_OURS = re.compile(r"[0-9]{6}-[0-9a-f]{16}")


@contextmanager
def opened(folder: Path, scratch: Path | None) -> Iterator[tuple[Copy, Path]]:
    """The copy in a folder, and the store folder that stands for it; without `scratch` a temporary one.

    Raises as `catalog.copies.read` does, `StoreLocked` when another service uses the scratch folder, `StoreFull`.
    """
    copy = copies.read(folder)
    with ExitStack() as held:
        if scratch is None:
            made = tempfile.TemporaryDirectory(prefix="garonne-", ignore_cleanup_errors=True)
            scratch = Path(held.enter_context(made))
        try:
            held.callback(os.close, _reserved(scratch))
            place = _linked(copy, folder.absolute(), scratch)
        except OSError as e:
            raise schema.explained(e, scratch) from e
        yield copy, place


def _reserved(scratch: Path) -> int:
    """The lock that keeps other services out, held until the descriptor is closed."""
    scratch.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(scratch / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as e:
        os.close(descriptor)
        raise StoreLocked(
            "another service uses this scratch folder.", what=str(scratch), hint="Give each service one of its own."
        ) from e
    return descriptor


def _linked(copy: Copy, folder: Path, scratch: Path) -> Path:
    """The store folder below `scratch` whose parts lead to those of the copy."""
    place = scratch / f"{copy.release:06d}-{copy.fingerprint[:16]}"
    for other in scratch.iterdir():
        if other != place and _OURS.fullmatch(other.name):
            shutil.rmtree(other)
    theirs, ours = (Releases(f).path(copy.release) for f in (folder, place))
    kept = ours / ANSWERS
    kept.mkdir(parents=True, exist_ok=True)
    for name in (POINTER, schema.FILE, sealed.FILE, SHAPES):
        _link(folder / name, place / name)
    for file in theirs.iterdir():
        if file.name != ANSWERS:
            _link(file, ours / file.name)
    if (theirs / ANSWERS).is_dir():
        for file in (theirs / ANSWERS).iterdir():
            _link(file, kept / file.name)
    receipts = place / RECEIPTS
    receipts.unlink(missing_ok=True)
    receipts.symlink_to(Path("..") / RECEIPTS)
    return place


def _link(target: Path, link: Path) -> None:
    link.unlink(missing_ok=True)
    if target.exists():
        link.symlink_to(target)
