"""Addresses found in text, repaired or refused."""

from __future__ import annotations

import json

import pytest

from harvest.mapping.addresses import address, addresses, emails, mailbox
from tests.shared import shared


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("http://example.org/é", "<http://example.org/é>"),
        (" https://example.org/a b\\c ", "<https://example.org/a%20b%5Cc>"),
        ("http://example.org/?p[x]=100%", "<http://example.org/?p%5Bx%5D=100%25>"),
        ("www.autolibmetropole.fr", "<http://www.autolibmetropole.fr>"),
        ("data.grandlyon.com/equipements/lignes/", "<http://data.grandlyon.com/equipements/lignes/>"),
        ("http://127.0.0.1:8901/x", "<http://127.0.0.1:8901/x>"),
        ("http://[::1]/x", "<http://[::1]/x>"),
        ("https://développement.example/x", "<https://développement.example/x>"),
    ],
)
def test_address(given: str, expected: str) -> None:
    assert address(given) == expected


@pytest.mark.parametrize(
    "given",
    ["pas une adresse http://[oops", "http://[oops", "voir le site", "htp://example.org", "odsfile://notice.pdf", "http://",
     "http://pas-un-hote/x", "javascript:alert(1)", "", "bonjour"],
)  # fmt: skip
def test_no_address(given: str) -> None:
    assert address(given) is None


@pytest.mark.parametrize(
    ("given", "count", "rest"),
    [
        ("http://a.example/x,http://b.example/y", 2, 0),
        ("http://a.example/x ; http://b.example/y\nwww.c.example", 3, 0),
        ("http://a.example/x?l=a,b", 1, 0),
        ('<a href="http://a.example/">A</a>, <a href="http://b.example/">B</a>', 2, 0),
        ("Voir http://a.example/x", 1, 1),
        ("http://web.example/save/http://a.example/", 1, 0),
    ],
)
def test_several(given: str, count: int, rest: int) -> None:
    found, left = addresses(given)
    assert (len(found), len(left)) == (count, rest)


def test_every_reference_of_the_real_portal_is_an_address() -> None:
    path = shared("data/real/opendatasoft/derived/public-portal-2015.v21.json")
    rows = json.loads(path.read_text(encoding="utf-8"))["results"]
    given = [r["metas"]["default"]["references"] for r in rows if r["metas"]["default"]["references"]]
    assert len(given) == 99
    assert all(len(addresses(one)[0]) >= 1 and not addresses(one)[1] for one in given)


def test_emails() -> None:
    assert emails("opendata@example.org") == ["opendata@example.org"]
    assert emails("mailto:a@example.org; b@example.org") == ["a@example.org", "b@example.org"]
    for bad in ("urbanisme(at)example.org", "a@example", "a b@example.org", "", "é@example.org"):
        assert emails(bad) == []


def test_mailbox_is_a_valid_iri() -> None:
    assert mailbox("o'neil+x%y@example.org") == "<mailto:o'neil+x%25y@example.org>"
