"""Addresses as sources write them."""

from __future__ import annotations

import pytest

from harvest.repair import iris
from harvest.repair.iris import RELATIVE

BASE = "https://base.example.org/d/catalogue.rdf"


@pytest.mark.parametrize(
    ("value", "expected", "rules"),
    [
        ("https://a.org/é?q=1#x", ["https://a.org/é?q=1#x"], []),
        ("http://a.org?u=http://b.org/", ["http://a.org?u=http://b.org/"], []),
        ("http://a.org/x y", ["http://a.org/x%20y"], ["iri-spaces"]),
        ("http://a.org/k?L[z]=1", ["http://a.org/k?L%5Bz%5D=1"], ["iri-characters"]),
        ("http://a.org/100%", ["http://a.org/100%25"], ["iri-characters"]),
        ("www.a.org/x", ["http://www.a.org/x"], ["iri-scheme"]),
        ("http://a.org/ http://b.org/c", ["http://a.org/", "http://b.org/c"], ["iri-several"]),
        ("https://http://a.org/x", ["http://a.org/x"], ["iri-typo"]),
        ("http:/a.org/x", ["http://a.org/x"], ["iri-typo"]),
        ("http//a.org/x", ["http://a.org/x"], ["iri-typo"]),
        ("htp://a.org", ["http://a.org"], ["iri-typo"]),
        ("France entière", [], []),
        ("", [], []),
        (RELATIVE + "foo/bar", ["https://base.example.org/d/foo/bar"], ["iri-relative"]),
        (RELATIVE + "jean@ville.fr", [], []),
        (RELATIVE + "France entière", [], []),
    ],
)
def test_web_addresses(value: str, expected: list[str], rules: list[str]) -> None:
    found = iris.web(value, BASE)
    assert list(found.iris) == expected
    assert [r.name for r in found.rules] == rules


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("dctype:Dataset", "http://purl.org/dc/dcmitype/Dataset"),
        ("foaf:Agent", "http://xmlns.com/foaf/0.1/Agent"),
        ("geo:48.1,2.3", "geo:48.1,2.3"),
        ("urn:uuid:a b", "urn:uuid:a%20b"),
        ("file:///x/y", "file:///x/y"),
        (RELATIVE + "#x", BASE + "#x"),
    ],
)
def test_names(value: str, expected: str) -> None:
    assert iris.name(value, BASE).iris == (expected,)


@pytest.mark.parametrize("given", ["foo", "/foo", "../foo", "#a", "", "a/b?c"])
def test_relative_references_are_given_back(given: str) -> None:
    from urllib.parse import urljoin

    assert iris.original(urljoin(RELATIVE, given)) == given
    assert iris.original("https://example.org/") is None


def test_mailboxes_and_telephones() -> None:
    assert iris.mail("jean@ville.fr").iris == ("mailto:jean@ville.fr",)
    assert iris.mail(RELATIVE + "jean@ville.fr").iris == ("mailto:jean@ville.fr",)
    assert iris.mail("mailto:jean@ville.fr") == iris.Fixed(("mailto:jean@ville.fr",))
    assert iris.mail("mailto: a@b.fr; c@d.fr").iris == ("mailto:a@b.fr", "mailto:c@d.fr")
    assert not iris.mail("Jean Dupont").iris
    assert iris.telephone("+49 40 4 28 40 - 3494").iris == ("tel:+49-40-4-28-40-3494",)
    assert iris.telephone("tel:+33561222222") == iris.Fixed(("tel:+33561222222",))
    assert not iris.telephone("appelez-nous").iris
