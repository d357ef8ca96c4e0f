"""Whatever address somebody names, nothing private is asked: with real names, redirects, and names that change.

The doors: `/validate?url=`, a preview's `--against` and `--feed`, sources, and the webhook, which is the operator's own
word and may be private, but leads nowhere else.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.api.city import TITLES, City, settings_in
from tests.api.server import Server, toml
from tests.fakes.network import OTHER, PRIVATE, PUBLIC, Names, network
from tests.fakes.server import Answer, Running, serving

GARONNE = Path(sys.executable).parent / "garonne"
FEED = b"""@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
<urn:c> a dcat:Catalog ; dcat:dataset <urn:d> .
<urn:d> a dcat:Dataset ; dct:title "T" ; dct:identifier "i" ; dct:description "D" .
"""
TURTLE = "text/turtle"
NAMES = {
    "portal.example.org": [PUBLIC],
    "inside.example.org": [PRIVATE],
    "both.example.org": [PUBLIC],
    "changing.example.org": [PUBLIC, PRIVATE],
    "late.example.org": [PRIVATE, PUBLIC],
}
"""`changing` is public when it is first looked up, and private from then on: what is checked must be what is used."""
FORBIDDEN = [
    "http://inside.example.org:8080/feed.ttl",
    f"http://{PRIVATE}:8080/feed.ttl",
    f"http://[::ffff:{PRIVATE}]:8080/feed.ttl",
    "http://portal.example.org:8080/to-address",
    "http://portal.example.org:8080/to-name",
    "http://portal.example.org:8080/to-other",
    "http://changing.example.org:8080/again",
    "http://late.example.org:8080/feed.ttl",
]
"""Of the redirects, `/again` leads to the same name: by then it means another machine."""


def public(path: str) -> Answer:
    targets = {
        "/to-address": f"http://{PRIVATE}:8080/feed.ttl",
        "/to-name": "http://inside.example.org:8080/feed.ttl",
        "/to-other": f"http://{OTHER}:8080/feed.ttl",
        "/again": "http://changing.example.org:8081/feed.ttl",
    }
    if path in targets:
        return Answer(status=302, headers={"Location": targets[path], "Connection": "close"})
    return Answer(FEED, kind=TURTLE, headers={"Connection": "close"})


@dataclass
class Outside:
    """The machines of the network: what each was asked, and what names were looked up."""

    public: Running
    inside: list[Running]
    names: Names


@pytest.fixture
def outside() -> Iterator[Outside]:
    def private(_: str) -> Answer:
        return Answer(FEED, kind=TURTLE)

    with (
        network(NAMES) as names,
        serving(public, at=(PUBLIC, 8080)) as portal,
        serving(private, at=(PRIVATE, 8080)) as one,
        serving(private, lambda *_: Answer(), at=(PRIVATE, 8081)) as two,
    ):
        yield Outside(portal, [one, two], names)


def told_by_check(server: Server, url: str) -> tuple[int, str]:
    answer = server.ask("POST", "/validate?" + urlencode({"url": url, "format": "json"}), b"", {})
    return answer.status, answer.text


def test_a_document_to_check(outside: Outside, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    City(settings).publish(TITLES)
    with Server(settings, tmp_path) as server:
        assert told_by_check(server, "http://portal.example.org:8080/feed.ttl")[0] == 200
        status, text = told_by_check(server, "http://changing.example.org:8080/feed.ttl")
        assert (status, outside.names.asked["changing.example.org"]) == (200, 1), text
        assert len(outside.public.asked) == 2
        for url in FORBIDDEN:
            status, text = told_by_check(server, url)
            assert status == 422, (url, text)
    assert [one.asked for one in outside.inside] == [[], []]


def garonne(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(GARONNE), "--config", str(folder / "garonne.toml"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_what_a_preview_is_compared_with(outside: Outside, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    City(settings).publish(TITLES)
    (tmp_path / "garonne.toml").write_text(toml(settings))
    read = garonne(
        tmp_path, "preview", "--as", "ckan", "--json", "--against", "http://portal.example.org:8080/feed.ttl"
    )
    assert json.loads(read.stdout), read.stderr
    seen = len(outside.public.asked)
    assert seen >= 1
    for option, url in zip(["--against", "--feed"] * 2, FORBIDDEN[::2], strict=True):
        refused = garonne(tmp_path, "preview", "--as", "ckan", "--lang", "en", option, url)
        assert refused.returncode == 3, (url, refused.stdout, refused.stderr)
    assert [one.asked for one in outside.inside] == [[], []]


def test_a_source(outside: Outside, tmp_path: Path) -> None:
    table = '[catalog]\nbase = "https://data.example.org/"\n'
    for number, url in enumerate(["http://portal.example.org:8080/feed.ttl", *FORBIDDEN]):
        table += f'[[source]]\nid = "s{number}"\nkind = "dcat"\nurl = "{url}"\n'
    (tmp_path / "garonne.toml").write_text(table + "[harvest]\nretries = 0\n")
    done = garonne(tmp_path, "harvest", "run", "--json", "--quiet")
    found = {one["id"]: one["status"] for one in json.loads(done.stdout)["sources"]}
    assert found.pop("s0") == "harvested", done.stdout
    assert found == {f"s{n}": "failed" for n in range(1, len(FORBIDDEN) + 1)}
    assert [one.asked for one in outside.inside] == [[], []]


def test_a_webhook_may_be_private_and_leads_nowhere_else(outside: Outside, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    City(settings).publish(TITLES)
    config = tmp_path / "garonne.toml"
    config.write_text(toml(settings) + '[notify]\nwebhook = "http://inside.example.org:8081/hook"\n')
    assert garonne(tmp_path, "harvest", "notify", "--test").returncode == 0
    assert [one.path for one in outside.inside[1].asked] == ["/hook"]

    def elsewhere(_: str, __: bytes) -> Answer:
        return Answer(status=307, headers={"Location": f"http://{PRIVATE}:8081/secret"})

    with serving(public, elsewhere, at=(OTHER, 8080)):
        config.write_text(toml(settings) + f'[notify]\nwebhook = "http://{OTHER}:8080/hook"\n')
        refused = garonne(tmp_path, "harvest", "notify", "--test")
    assert refused.returncode == 3, refused.stderr
    assert "307" in refused.stderr + refused.stdout
    assert [one.path for one in outside.inside[1].asked] == ["/hook"]
