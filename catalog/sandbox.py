"""A worker's cage: no sockets, no new programs, bounded address space; by seccomp, without privileges.

The filter (seccomp(2), mode FILTER) answers EACCES to the system calls below and lets all others pass. Descriptors that
are already open (the pipe to the front) keep working, and so does the store. It cannot be taken off again, and holds
for every thread started after it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import signal
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from catalog.errors import GaronneError, SandboxUnavailable

_PR_SET_PDEATHSIG = 1
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_MODE_FILTER = 2

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # BPF: ld [abs], jeq, jge, ret
_NUMBER, _ARCH = 0, 4  # offsets in struct seccomp_data
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000

# Architecture as the kernel audits it, and its numbers of: socket, execve, execveat, io_uring_setup, _enter, _register.
# io_uring is denied because a ring opens sockets without the system call that is filtered.
_MACHINES: dict[str, tuple[int, tuple[int, ...]]] = {
    "x86_64": (0xC000003E, (41, 59, 322, 425, 426, 427)),
    "aarch64": (0xC00000B7, (198, 221, 281, 425, 426, 427)),
}
_X32 = 0x40000000  # the x32 numbers begin here; they would slip past the table
_MIB = 1 << 20
_M_ARENA_MAX = -8
_PAGE = os.sysconf("SC_PAGE_SIZE")


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _instruction(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("HBBI", code, yes, no, value)


def program(machine: str) -> bytes:
    """The filter for this machine, as `struct sock_filter` records. Raises `SandboxUnavailable` for others."""
    if machine not in _MACHINES:
        raise SandboxUnavailable(
            f"there is no system call filter for {machine}.",
            hint=f"Machines with one: {', '.join(_MACHINES)}. `serve --no-sandbox` starts without.",
        )
    arch, denied = _MACHINES[machine]
    body = [_instruction(_LOAD, _ARCH), _instruction(_EQUAL, arch, 1, 0), _instruction(_RETURN, _KILL)]
    body.append(_instruction(_LOAD, _NUMBER))
    if machine == "x86_64":
        body += [_instruction(_AT_LEAST, _X32, 0, 1), _instruction(_RETURN, _KILL)]
    for number in denied:
        body += [_instruction(_EQUAL, number, 0, 1), _instruction(_RETURN, _ERRNO | errno.EACCES)]
    return b"".join([*body, _instruction(_RETURN, _ALLOW)])


def confine() -> None:
    """Put this process, and every thread it starts from now on, under the filter. Raises `SandboxUnavailable`."""
    if sys.platform != "linux":
        raise SandboxUnavailable("only Linux has seccomp.", hint="`serve --no-sandbox` starts without.")
    code = program(platform.machine())
    buffer = ctypes.create_string_buffer(code, len(code))
    head = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    unused = ctypes.c_ulong(0)
    steps = (
        (_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), unused),
        (_PR_SET_SECCOMP, ctypes.c_ulong(_MODE_FILTER), ctypes.byref(head)),
    )
    for option, first, second in steps:
        if libc.prctl(option, first, second, unused, unused) != 0:
            reason = os.strerror(ctypes.get_errno())
            raise SandboxUnavailable(
                f"the kernel refused the system call filter: {reason}.", hint="`serve --no-sandbox` starts without."
            )


def die_with_parent() -> None:
    """Have the kernel end this process when its parent ends, however that comes about."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL))


def limit(address_space: int) -> None:
    """Bound the address space, in bytes; no core dumps; first to go when the machine runs out of memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def address_space(mebibytes: int) -> int:
    """The address space, in bytes, to leave to a process that is to use so many MiB of memory.

    It is larger, because the store maps its files: memory itself is watched (`resident`), this is what stands behind.
    """
    return max(2048, 2 * mebibytes + 512) * _MIB


def resident(pid: int) -> int:
    """Bytes of resident memory of a process's own, without shared files; 0 when it has ended."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text().split()
        return (int(fields[1]) - int(fields[2])) * _PAGE
    except (OSError, IndexError):  # an empty file is what a process leaves in its last moment
        return 0


class Accounts:
    """What the system says of one living process, looked up often: its files stay open, and are no other's ever."""

    def __init__(self, pid: int) -> None:
        self._statm = _opened(f"/proc/{pid}/statm")
        self._schedstat = _opened(f"/proc/{pid}/schedstat")

    def resident(self) -> int:
        """Bytes of resident memory of its own, without shared files; 0 when it has ended."""
        fields = _content(self._statm).split()
        return (int(fields[1]) - int(fields[2])) * _PAGE if len(fields) > 2 else 0

    def worked(self) -> float | None:
        """Seconds of processor time that it has had; None where the system does not say."""
        fields = _content(self._schedstat).split()
        return int(fields[0]) / 1e9 if fields else None

    def close(self) -> None:
        """Let go of the files."""
        for descriptor in (self._statm, self._schedstat):
            if descriptor is not None:
                os.close(descriptor)
        self._statm = self._schedstat = None


def _opened(path: str) -> int | None:
    with suppress(OSError):
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    return None


def _content(descriptor: int | None) -> bytes:
    with suppress(OSError):  # it has ended
        return os.pread(descriptor, 200, 0) if descriptor is not None else b""
    return b""


def trim() -> None:
    """Give the system back what this process has freed, where the C library can."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def bound_arenas() -> None:
    """Have all threads of this process share two pools of memory: what one has freed, another uses."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


def probe() -> None:
    """Confine a process of its own and try to open a socket there. Raises `SandboxUnavailable` with the reason."""
    done = subprocess.run([sys.executable, "-P", "-m", "catalog.sandbox"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines()[-1:] or ["no reason was given"]
        raise SandboxUnavailable(f"query workers cannot be confined: {reason[0]}")


def _main() -> int:
    import socket

    try:
        confine()
        socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    except PermissionError:
        return 0
    except GaronneError as e:
        sys.stderr.write(f"{e}\n")
        return 1
    sys.stderr.write("the filter is in place and a socket could be opened all the same\n")
    return 1


if __name__ == "__main__":
    sys.exit(_main())
