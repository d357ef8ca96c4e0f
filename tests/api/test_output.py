"""Results as workers send them: counted and compressed, however they are cut."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random

import brotli
import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from api.frames import DATA, HEAD, HEADER, LAST, RECEIPT, WHOLE, parted
from api.output import Output, Rows
from api.worker import RESULTS

NASTY = [
    '},{"',
    '"',
    "\\",
    '\\"',
    '\\\\"',
    "\r\n",
    ",",
    "[{",
    '",{"x":{"',
    "<result>",
    "a\tb\n",
    '""',
    "\r",
    "{},{}",
    "",
]


def table(seed: int) -> Store:
    dice = random.Random(seed)  # noqa: S311  repeatable, not secret
    store = Store()
    for n in range(dice.randrange(1, 40)):
        text = "".join(dice.choice(NASTY) for _ in range(dice.randrange(4)))
        store.add(Quad(NamedNode(f"http://e/{n}"), NamedNode("http://e/p"), Literal(text)))
    return store


@pytest.mark.parametrize("suffix", RESULTS)
def test_rows_are_counted_however_the_result_is_cut(suffix: str) -> None:
    query = "SELECT ?s ?o ?u { { ?s ?p ?o } UNION { ?s ?p 'none' } UNION { } }"
    for seed in range(80):
        store, dice = table(seed), random.Random(seed)  # noqa: S311  repeatable, not secret
        data = store.query(query).serialize(format=RESULTS[suffix])
        assert data is not None
        rows, at = Rows(suffix), 0
        while at < len(data):
            size = dice.choice((1, 2, 3, 7, 50, 1 << 20))
            rows.see(data[at : at + size], last=at + size >= len(data))
            at += size
        assert rows.number == len(store) + 1, data


def frames(sent: bytes) -> list[tuple[bytes, bytes]]:
    found = []
    reader = io.BytesIO(sent)
    while header := reader.read(HEADER.size):
        kind, size = HEADER.unpack(header)
        found.append((kind, reader.read(size)))
    return found


@pytest.mark.parametrize("encoding", ["", "gzip", "br"])
def test_a_result_is_whole_and_its_receipt_is_of_what_it_says(encoding: str) -> None:
    sent = bytearray()
    output = Output(sent.extend, {"form": "select", "format": "csv"}, encoding)
    body = b"x\r\n" + b"".join(b"%d\r\n" % n for n in range(50_000))
    for at in range(0, len(body), 4096):
        output.write(body[at : at + 4096])
    output.finish()
    found = frames(bytes(sent))
    assert [kind for kind, _ in found[:2]] == [HEAD, DATA]
    assert [kind for kind, _ in found[-2:]] == [RECEIPT, LAST]
    assert json.loads(found[0][1]) == {"form": "select", "format": "csv", "encoding": encoding}
    data = b"".join(payload for kind, payload in found if kind in {DATA, LAST})
    opened = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}[encoding](data)
    assert opened == body
    expected = {"rows": 50_000, "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    assert json.loads(found[-2][1]) == expected


def test_small_results_are_not_compressed() -> None:
    sent = bytearray()
    output = Output(sent.extend, {"form": "ask", "format": "json"}, "gzip")
    output.write(b'{"boolean":true}')
    output.finish()
    ((kind, payload),) = frames(bytes(sent))
    assert kind == WHOLE
    about, body = parted(payload)
    assert body == b'{"boolean":true}'
    digest = hashlib.sha256(body).hexdigest()
    shown = {"form": "ask", "format": "json", "encoding": "", "rows": 0, "bytes": len(body), "sha256": digest}
    assert json.loads(about) == shown
