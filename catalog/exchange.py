"""Two names that change places in one step, where the system can do that (Linux: `renameat2`, RENAME_EXCHANGE)."""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path

_HERE = -100
_EXCHANGE = 2
_CANNOT = {errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM}
"""Of the system or the file system: EPERM where a sandbox knows no such call."""


def exchange(one: Path, other: Path) -> bool:
    """Whether the two have changed places; False, and nothing is done, where that cannot be. Raises `OSError`."""
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    if call(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(one), None, str(other))
