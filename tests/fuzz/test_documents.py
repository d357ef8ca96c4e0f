"""Documents that are bombs, or lead elsewhere, sent to the doors that read documents."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.api.city import TITLES, City, settings_in
from tests.api.server import Answer, Server
from tests.fakes.server import Answer as Page
from tests.fakes.server import serving
from tests.fuzz.test_routes import INSIDE

TOKEN = "not-so-secret-in-tests-0123456789"
RDF = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e.org/">'
DEEP = 20_000


def laughs(levels: int, times: int) -> str:
    """Entities that are made of entities."""
    lines = ['<!DOCTYPE r [<!ENTITY a0 "lol">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * times}">' for n in range(1, levels)]
    return f"{''.join(lines)}]>{RDF}<rdf:Description e:p='&a{levels - 1};'>&a{levels - 1};</rdf:Description></rdf:RDF>"


def documents(elsewhere: str) -> dict[str, tuple[str, bytes]]:
    """Each with its media type. `elsewhere` is an address that must never be asked."""
    xml, jsonld, turtle = "application/rdf+xml", "application/ld+json", "text/turtle"
    external = f'<!DOCTYPE r [<!ENTITY x SYSTEM "{{}}"> <!ENTITY % p SYSTEM "{elsewhere}/p"> %p;]>{RDF}'
    about = "<rdf:Description rdf:about='http://e.org/s'><e:p>&x;</e:p></rdf:Description></rdf:RDF>"
    return {
        "a billion laughs": (xml, laughs(10, 10).encode()),
        "a quadratic blow-up": (xml, laughs(2, 100_000).replace("lol", "l" * 50_000).encode()),
        "an entity of itself": (xml, f'<!DOCTYPE r [<!ENTITY a "&b;"><!ENTITY b "&a;">]>{RDF}&a;</rdf:RDF>'.encode()),
        "a file": (xml, (external.format("file:///etc/passwd") + about).encode()),
        "an entity elsewhere": (xml, (external.format(elsewhere) + about).encode()),
        "a document type elsewhere": (xml, f'<!DOCTYPE r SYSTEM "{elsewhere}">{RDF}</rdf:RDF>'.encode()),
        "elements in elements": (xml, (RDF + "<e:p><e:C>" * DEEP).encode()),
        "attributes without end": (xml, (RDF + "<e:p " + " ".join(f"a{n}='x'" for n in range(DEEP)) + "/>").encode()),
        "a context elsewhere": (jsonld, json.dumps({"@context": elsewhere, "@id": "x:a", "x:p": 1}).encode()),
        "an import elsewhere": (jsonld, json.dumps({"@context": {"@import": elsewhere}, "@id": "x:a"}).encode()),
        "contexts in contexts": (jsonld, ('{"@context":[' * DEEP).encode()),
        "lists in lists": (jsonld, ('{"@context":{"p":"x:p"},"p":' + "[" * DEEP + "]" * DEEP + "}").encode()),
        "objects in objects": (
            jsonld,
            ('{"@context":{"p":"x:p"}' + ',"p":{"x:q":1' * DEEP + "}" * DEEP + "}").encode(),
        ),
        "a number without end": (jsonld, ('{"@context":{"p":"x:p"},"@id":"x:a","p":' + "9" * 1_000_000 + "}").encode()),
        "an exponent": (jsonld, b'{"@context":{"p":"x:p"},"@id":"x:a","p":1e999999999}'),
        "blank nodes in blank nodes": (turtle, ("<x:a> <x:p> " + "[ <x:p> " * DEEP).encode()),
        "collections in collections": (turtle, ("<x:a> <x:p> " + "(" * DEEP + ")" * DEEP + " .").encode()),
        "a literal without end": (turtle, b'<x:a> <x:p> """' + b"x" * 1_000_000),
        "a number of Turtle": (turtle, b"<x:a> <x:p> " + b"9" * 1_000_000 + b" ."),
        "a date of Turtle": (
            turtle,
            b'<x:a> <x:p> "' + b"9" * 100_000 + b'-01-01"^^<http://www.w3.org/2001/XMLSchema#date> .',
        ),
        "prefixes": (turtle, b"".join(b"@prefix p%d: <x:%d> .\n" % (n, n) for n in range(DEEP))),
        "zeros": (turtle, bytes(100_000)),
        "packed": (turtle, gzip.compress(bytes(10_000_000))),
        "another encoding": (xml, f'<?xml version="1.0" encoding="utf-7"?>{RDF}+ADw-</rdf:RDF>'.encode()),
        "sixteen bits": (xml, laughs(10, 10).encode("utf-16")),
        "no Unicode": (turtle, b'<x:a> <x:p> "\xff\xfe\xed\xa0\x80" .'),
    }


NAMES = sorted(documents(""))


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service whose doors read documents."""
    folder = tmp_path_factory.mktemp("reading")
    settings = settings_in(folder, write={"tokens": [TOKEN], "timeout": 20.0}, serve={"workers": 1})
    City(settings).publish(TITLES)
    with Server(settings, folder, more="[check]\ntimeout = 20.0\nmemory = 400\n") as running:
        yield running


@pytest.mark.parametrize("name", NAMES)
def test_a_bomb_is_checked_or_refused(reading: Server, name: str) -> None:
    with serving(lambda _path: Page(b"secret")) as elsewhere:
        kind, body = documents(elsewhere.address)[name]
        answer = reading.ask("POST", "/validate?profile=dcat-ap-3", body, {"Content-Type": kind}, timeout=60)
        good(answer, {200, 400, 413, 422, 504, 507})
        written = {"Content-Type": kind, "Authorization": f"Bearer {TOKEN}"}
        graph = quote("https://data.example.org/graph/local/bomb", safe="")
        good(
            reading.ask("PUT", f"/graphs?graph={graph}", body, written, timeout=60), {201, 204, 400, 413, 422, 504, 507}
        )
        assert elsewhere.asked == []
    assert reading.get("/health/live").status == 200


def good(answer: Answer, statuses: set[int]) -> None:
    assert answer.status in statuses, answer.text[:500]
    assert not INSIDE.search(answer.body), answer.text[:500]
    assert b"root:" not in answer.body
    assert b"secret" not in answer.body


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://2130706433:{port}/", "http://0x7f.1:{port}/"),
        *(
            "http://0.0.0.0:{port}/",
            "http://[::1]:{port}/",
            "http://[::ffff:127.0.0.1]:{port}/",
            "http://[64:ff9b::7f00:1]:{port}/",
        ),
        *(
            "http://x@127.0.0.1:{port}/",
            "http://127.0.0.1:{port}\\@x.example/",
            "file:///etc/passwd",
            "gopher://127.0.0.1:{port}/",
        ),
    ],
)
def test_no_address_to_check_leads_to_this_machine(reading: Server, url: str) -> None:
    with serving(lambda _path: Page(b"<x:a> <x:p> 'secret' .", kind="text/turtle")) as elsewhere:
        port = elsewhere.address.rpartition(":")[2].strip("/")
        form = f"url={quote(url.format(port=port), safe='')}".encode()
        answer = reading.ask("POST", "/validate", form, {"Content-Type": "application/x-www-form-urlencoded"})
        good(answer, {400, 422})
        assert elsewhere.asked == []
