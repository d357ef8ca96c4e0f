import pytest

from shapes.lines import lines
from shapes.read import parsed

TURTLE = b"""\xef\xbb\xbf@prefix : <https://example.org/> .
:a :p [
    :q '''one
line more''' ;
    :q 2
  ] ,
  _:named .

_:named :p ( 1
  2 ) .
"""


RDF_XML = (
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="a:"><rdf:Description rdf:about="a:a">\n'
    b'<e:p rdf:resource="a:b"/>\n<e:p rdf:resource="a:c"/></rdf:Description></rdf:RDF>'
)


def located(body: bytes, suffix: str) -> dict[str, int]:
    document = parsed(body, name="x", suffix=suffix, blank="f")
    found = lines(document, body, blank="f")
    assert set(found) <= set(document.triples)
    return {str(triple.object): line for triple, line in found.items()}


def test_the_line_where_each_object_ends() -> None:
    found = located(TURTLE, ".ttl")
    assert found['"one\\nline more"'] == 4
    assert found['"2"^^<http://www.w3.org/2001/XMLSchema#integer>'] in (5, 10)
    assert found["_:fnamed"] == 7
    assert found['"1"^^<http://www.w3.org/2001/XMLSchema#integer>'] == 9


def test_every_statement_has_one() -> None:
    document = parsed(TURTLE, name="x", suffix=".ttl")
    assert set(lines(document, TURTLE)) == set(document.triples)


@pytest.mark.parametrize(
    ("suffix", "body"),
    [
        (".nt", b"# first\n<a:a> <a:p> <a:b> .\r\n<a:a> <a:p> <a:c> .\n"),
        (
            ".rdf",
            RDF_XML,
        ),
    ],
)
def test_other_formats(suffix: str, body: bytes) -> None:
    assert located(body, suffix) == {"<a:b>": 2, "<a:c>": 3}


def test_json_ld_has_none() -> None:
    assert located(b'{"@id": "a:a", "a:p": {"@id": "a:b"}}', ".jsonld") == {}
