"""The beginning of a result, as a table."""

from __future__ import annotations

import io

from pyoxigraph import QueryResultsFormat, Store

from api.table import Cell, read


def tsv(query: str) -> bytes:
    out = io.BytesIO()
    Store().query(query).serialize(out, QueryResultsFormat.TSV)  # type: ignore[union-attr]
    return out.getvalue()


def test_every_kind_of_term() -> None:
    found = read(
        tsv(
            "SELECT * { VALUES (?a ?b) { (<http://purl.org/dc/terms/title> 'x\\ty\\n\"'@fr) (UNDEF 1) (<x:y> true) "
            "(1.5 '2020-01-01'^^<http://www.w3.org/2001/XMLSchema#date>) } }"
        ),
        10,
        whole=True,
    )
    assert found.variables == ("a", "b")
    assert found.rows[0] == (Cell("dct:title", "http://purl.org/dc/terms/title"), Cell('x\ty\n"', language="fr"))
    assert found.rows[1] == (None, Cell("1", datatype="xsd:integer"))
    assert found.rows[3][1] == Cell("2020-01-01", datatype="xsd:date")
    assert found.whole


def test_a_part_of_a_result() -> None:
    data = tsv("SELECT ?x { VALUES ?x { 'a' 'b' 'c' 'd' } }")
    assert [row[0].text for row in read(data, 2, whole=True).rows if row[0]] == ["a", "b"]
    assert not read(data, 2, whole=True).whole
    assert read(data, 4, whole=True).whole
    cut = read(data[:-3], 10, whole=False)
    assert len(cut.rows) == 3
    assert not cut.whole
    assert read(b"", 10, whole=False).variables == ()
