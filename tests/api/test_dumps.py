"""`/dump.*`: made in the background, sent whole or in part, as a client meets them."""

from __future__ import annotations

import base64
import fcntl
import gzip
import hashlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.city import TITLES, City, settings_in
from tests.api.server import Answer, Server

NAMES = ("nq.gz", "nt.gz", "ttl.gz")
OF_ONE_REQUEST = {"date": "", "x-request-id": "", "ratelimit": ""}


def ready(server: Server, path: str = "/dump.ttl.gz", seconds: float = 150) -> Answer:
    """The dump, as soon as it is there."""
    deadline = time.monotonic() + seconds
    while (answer := server.get(path)).status == 503 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert answer.status == 200, answer.text
    return answer


@pytest.fixture(scope="module")
def dumped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose dumps are made."""
    folder = tmp_path_factory.mktemp("dumped")
    settings = settings_in(folder, serve={"dumps": True})
    City(settings).publish(TITLES)
    with Server(settings, folder) as running:
        ready(running)
        yield running


@pytest.mark.parametrize("name", NAMES)
def test_a_file_with_its_checksum(dumped: Server, name: str) -> None:
    answer = dumped.get(f"/dump.{name}")
    digest = hashlib.sha256(answer.body)
    assert answer.type == "application/gzip"
    assert "content-encoding" not in answer.headers, "it is a compressed file, not compressed on its way"
    assert answer.headers["repr-digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert answer.headers["last-modified"] == "Mon, 02 Mar 2026 12:00:00 GMT"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["garonne-release"] == "1"
    assert "Arbres" in gzip.decompress(answer.body).decode()
    checksum = dumped.get(f"/dump.{name}.sha256")
    assert checksum.type == "text/plain; charset=utf-8"
    assert checksum.text == f"{digest.hexdigest()}  dump.{name}\n"
    head = dumped.ask("HEAD", f"/dump.{name}")
    assert head.headers | OF_ONE_REQUEST == answer.headers | OF_ONE_REQUEST
    assert dumped.get(f"/dump.{name}", If_None_Match=answer.headers["etag"]).status == 304
    assert dumped.get(f"/dump.{name}", If_Modified_Since=answer.headers["last-modified"]).status == 304
    assert dumped.get(f"/dump.{name}?release=1").body == answer.body


def test_in_parts(dumped: Server) -> None:
    whole = dumped.get("/dump.nq.gz")
    size, body = len(whole.body), b""
    for start in range(0, size, 1000):
        part = dumped.get("/dump.nq.gz", Range=f"bytes={start}-{start + 999}", If_Range=whole.headers["etag"])
        assert part.status == 206
        assert part.headers["content-range"] == f"bytes {start}-{min(start + 999, size - 1)}/{size}"
        assert int(part.headers["content-length"]) == len(part.body)
        assert part.headers["etag"] == whole.headers["etag"]
        body += part.body
    assert body == whole.body
    assert dumped.get("/dump.nq.gz", Range="bytes=-100").body == whole.body[-100:]
    dated = dumped.get("/dump.nq.gz", Range="bytes=0-9", If_Range=whole.headers["last-modified"])
    assert (dated.status, dated.body) == (206, whole.body[:10])


@pytest.mark.parametrize(
    "headers",
    [
        {"If-Range": '"another"'},
        {"If-Range": "Sun, 01 Mar 2026 12:00:00 GMT"},
        {"Range": "lines=0-9"},
        {"Range": "bytes=9-0"},
    ],
)
def test_whole_where_the_part_would_be_of_another(dumped: Server, headers: dict[str, str]) -> None:
    answer = dumped.ask("GET", "/dump.nq.gz", headers={"Range": "bytes=0-9", **headers})
    assert answer.status == 200
    assert answer.body == dumped.get("/dump.nq.gz").body


def test_a_weak_tag_names_no_bytes(dumped: Server) -> None:
    tag = dumped.get("/dump.nq.gz").headers["etag"]
    assert dumped.get("/dump.nq.gz", Range="bytes=0-9", If_Range=f"W/{tag}").status == 200


@pytest.mark.parametrize(
    ("given", "said"), [("bytes=99999999-", "ends at byte"), ("bytes=0-1,4-5", "one range at a time")]
)
def test_parts_that_are_refused(dumped: Server, given: str, said: str) -> None:
    answer = dumped.get("/dump.nq.gz", Range=given)
    assert answer.status == 416
    assert answer.headers["content-range"] == f"bytes */{len(dumped.get('/dump.nq.gz').body)}"
    assert answer.type == "application/problem+json"
    assert said in answer.json()["detail"] + answer.json()["hint"]


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_curl_goes_on_where_it_was_cut(dumped: Server, tmp_path: Path) -> None:
    whole = dumped.get("/dump.ttl.gz").body
    file = tmp_path / "dump.ttl.gz"
    file.write_bytes(whole[:700])
    subprocess.run(["curl", "-sSfC", "-", "-o", str(file), f"{dumped.address}dump.ttl.gz"], check=True)
    assert file.read_bytes() == whole


@pytest.mark.parametrize(
    ("path", "said"),
    [("/dump.zip", "nq.gz"), ("/dump.nq", "nq.gz"), ("/dump.ttl.gz.md5", "ttl.gz"), ("/dump.nq.gz?release=9", "Kept")],
)
def test_what_there_is_not_is_said(dumped: Server, path: str, said: str) -> None:
    answer = dumped.get(path)
    assert answer.status == 404
    assert said in answer.json()["hint"]


def test_another_method_is_told_which_there_are(dumped: Server) -> None:
    answer = dumped.ask("POST", "/dump.nq.gz", b"x")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


def test_while_it_is_made_it_is_503_and_a_new_release_has_its_own(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, serve={"dumps": True})
    city = City(settings)
    city.publish(TITLES)
    lock = settings.store.path / "dumps.lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # as if another process were making them
        with Server(settings, tmp_path) as running:
            for name in (*NAMES, "nq.gz.sha256"):
                answer = running.get(f"/dump.{name}")
                assert answer.status == 503
                assert int(answer.headers["retry-after"]) > 0
                assert "being made" in answer.json()["detail"]
    with Server(settings, tmp_path) as running:
        before = ready(running)
        city.publish({"zoo": "Zoo"})
        after = running.get("/dump.ttl.gz")
        assert after.status in {200, 503}
        after = ready(running)
        assert after.headers["garonne-release"] == "2"
        assert "Zoo" in gzip.decompress(after.body).decode()
        assert running.get("/dump.ttl.gz?release=1").body == before.body
        shutil.rmtree(settings.store.path / "releases/000002/dumps")  # as a takedown does
        assert ready(running).body == after.body, "made again"


def test_a_service_without_dumps_says_so(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    City(settings).publish(TITLES)
    with Server(settings, tmp_path) as running:
        answer = running.get("/dump.nq.gz")
        assert answer.status == 404
        assert "[serve] dumps" in answer.json()["hint"]
