"""Pages, capabilities and exception reports of catalogue services."""

from __future__ import annotations

import pytest

from catalog.errors import ResponseInvalid
from harvest.csw import responses
from harvest.documents import xml
from tests.fakes.csw import GMD, Catalogue, exception, record


def test_what_a_service_offers() -> None:
    made = Catalogue([], version="3.0.0", host="https://x.fr").capabilities()
    found = responses.capabilities(xml.tree(made.encode(), what="a test"), what="a test")
    assert (found.version, found.title) == ("3.0.0", "Géocatalogue")
    assert found.get == "https://x.fr/csw?"
    assert found.post == "https://x.fr/csw"
    assert found.schemas["gmd"] == GMD


def test_a_post_for_soap_alone_is_not_taken() -> None:
    made = Catalogue([], host="https://x.fr").capabilities()
    soap = (
        '<ows:Post xlink:href="https://x.fr/soap"><ows:Constraint name="PostEncoding"><ows:Value>SOAP</ows:Value>'
        "</ows:Constraint></ows:Post>"
    )
    made = made.replace("<ows:Post", f"{soap}<ows:Post", 1)
    assert responses.capabilities(xml.tree(made.encode(), what="a test"), what="a test").post == "https://x.fr/csw"


def test_exceptions_in_words() -> None:
    body = exception("InvalidParameterValue", "constraintLanguage", "uu").encode()
    with pytest.raises(ResponseInvalid, match=r"InvalidParameterValue \(constraintLanguage\) «uu»"):
        responses.tree(body, what="a test")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html><body>Bienvenue</body></html>", "a web page"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "for safety"),
        (b"rien", "well-formed"),
    ],
)
def test_what_is_no_answer(body: bytes, words: str) -> None:
    with pytest.raises(ResponseInvalid) as caught:
        responses.page(responses.tree(body, what="a test")[0], what="a test")
    assert words in caught.value.message or "no XML element" in caught.value.message


def test_undeclared_prefixes_and_cut_pages_are_read_and_told() -> None:
    body = f"<csw:GetRecordsResponse><csw:SearchResults numberOfRecordsMatched='3'>{record('a')}{record('b')}".encode()
    root, problem = responses.tree(body, what="a test")
    assert "well-formed" in problem
    page = responses.page(root, what="a test")
    assert (len(page.elements), page.matched, page.following) == (2, 3, None)
