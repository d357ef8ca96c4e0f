"""The cage itself, from inside processes that put themselves into it."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from catalog import sandbox


def confined(code: str) -> subprocess.CompletedProcess[str]:
    """What this code does in a process under the filter."""
    program = "from catalog import sandbox\nsandbox.confine()\n" + code
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=False)


def test_the_probe_passes_here() -> None:
    sandbox.probe()


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK"])
def test_no_socket_can_be_opened(family: str) -> None:
    done = confined(f"import socket; socket.socket(socket.{family}, socket.SOCK_STREAM)")
    assert "PermissionError" in done.stderr


def test_not_from_a_thread_either() -> None:
    code = """
import socket, threading
seen = []
def go():
    try: socket.create_connection(("127.0.0.1", 9))
    except PermissionError: seen.append(True)
t = threading.Thread(target=go); t.start(); t.join(); print(seen)
"""
    assert confined(code).stdout == "[True]\n"


def test_no_program_can_be_started() -> None:
    assert "PermissionError" in confined("import os; os.execv('/bin/true', ['true'])").stderr


def test_io_uring_is_denied() -> None:
    code = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
print(libc.syscall(425, 1, ctypes.create_string_buffer(256)), ctypes.get_errno())
"""
    assert confined(code).stdout == "-1 13\n"


@pytest.mark.parametrize("silent", ["", "SILENT"])
def test_service_gets_nowhere_even_where_nothing_scanned_the_query(silent: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        port = listener.getsockname()[1]
        code = f"""
from pyoxigraph import Store
try: print(list(Store().query("SELECT * {{ SERVICE {silent} <http://127.0.0.1:{port}/sparql> {{ ?s ?p ?o }} }}")))
except OSError as e: print("refused", e)
"""
        out = confined(code).stdout
        with pytest.raises(TimeoutError):
            listener.accept()
    assert ("ermission denied" in out) if not silent else out == "[<QuerySolution>]\n", out


def test_files_still_work() -> None:
    assert confined("print(len(open('/proc/self/status').read()) > 10)").stdout == "True\n"


def test_other_machines_are_refused_in_words() -> None:
    with pytest.raises(sandbox.SandboxUnavailable, match="riscv64"):
        sandbox.program("riscv64")


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_program_is_whole_instructions_that_end_in_a_verdict(machine: str) -> None:
    code = sandbox.program(machine)
    assert len(code) % 8 == 0
    assert code[-8:-6] == b"\x06\x00"
