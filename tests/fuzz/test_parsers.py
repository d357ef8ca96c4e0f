"""What clients write is read or refused in words, whatever it is: nothing else is raised, and nothing takes long."""

from __future__ import annotations

import json
import sqlite3
import time
import zlib
from base64 import urlsafe_b64encode
from contextlib import closing
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyoxigraph import Literal
from starlette.datastructures import QueryParams

from api import negotiation, protocol, schema_org
from api.ckan.errors import ActionError
from api.ckan.query import condition
from api.conditional import not_modified
from api.cursors import Cursor, Paged
from api.feeds.filters import filter_in
from api.forms import fields
from api.oai import arguments, tokens
from api.preview import geometry
from api.ranges import byte_range
from catalog import advice, dataset, expected, scanner, update
from catalog.calendar import Calendar
from catalog.packages import Condition
from catalog.rewriting import plan
from tests.fuzz import bounded
from vocab.errors import GaronneError

WORDS = st.text(max_size=200)
ANY = WORDS | st.text(alphabet='*,;=q01.-/ \t"\\()[]:NaNinfTO+', max_size=120)


def refused_in_words(work: object, *given: object) -> None:
    """Do it; it gives something, or raises one of our errors with a sentence."""
    try:
        work(*given)  # type: ignore[operator]
    except GaronneError as e:
        assert str(e.message)
    except update.DatasetConflict:
        return


@bounded(300)
@given(ANY)
@example("text/html;q=nan,*/*;q=inf")
@example("," * 5000)
@example(";q=" * 5000)
def test_what_a_client_accepts(header: str) -> None:
    assert negotiation.media_type(header, ["text/html", "text/turtle"]) in {"text/html", "text/turtle", None}
    assert negotiation.content_coding(header) in {"br", "gzip", ""}
    assert negotiation.language(header, ("fr", "en"), "fr") in {"fr", "en"}
    assert negotiation.prefers_html(header) in {True, False}
    protocol.choices("", header)


@bounded(300)
@given(ANY, ANY)
@example('W/"', "Sun, 99 Foo 99999 99:99:99 GMT")
@example("*", "Mon, 01 Jan 0001 00:00:00 -9999")
@example('"' * 5000, "9" * 5000)
def test_conditions(tag: str, moment: str) -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    assert not_modified({"if-none-match": tag}, '"x"', now) in {True, False}
    assert not_modified({"if-modified-since": moment}, '"x"', now) in {True, False}


def packed(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return urlsafe_b64encode(zlib.compress(text.encode())).decode().rstrip("=")


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
_CURSORS = st.fixed_dictionaries(
    {
        "release": st.just(1) | _VALUES,
        "query": WORDS,
        "given": st.just(3) | _VALUES,
        "last": st.dictionaries(
            st.sampled_from(["a", "b", "c"]),
            _VALUES
            | st.fixed_dictionaries(
                {"type": st.sampled_from(["uri", "literal", "bnode"]) | _VALUES, "value": WORDS | _VALUES},
                optional={"xml:lang": WORDS | _VALUES, "datatype": WORDS | _VALUES},
            ),
        )
        | _VALUES,
        "copies": st.just(1) | _VALUES,
    }
)


@bounded(300)
@given(WORDS | _VALUES.map(packed) | _CURSORS.map(packed))
@example(packed("[" * 500_000))
@example(packed('{"release":' + "9" * 10_000 + "}"))
@example(urlsafe_b64encode(zlib.compress(bytes(100_000_000), 9)[:50_000]).decode())
def test_cursors(text: str) -> None:
    try:
        cursor = Cursor.decoded(text)
    except GaronneError:
        return
    for query in ("SELECT ?a ?b { ?a ?b ?c } ORDER BY ?a LIMIT 5", "SELECT * { ?a ?b ?c } LIMIT 5"):
        refused_in_words(Paged(query).text, cursor)


@bounded(300)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["verb", "metadataPrefix", "from", "until", "set", "identifier", "resumptionToken"])
            | WORDS,
            st.sampled_from(["ListRecords", "GetRecord", "oai_dc", "9999-12-31", "0001-01-01", "2026-02-30"]) | WORDS,
        ),
        max_size=6,
    )
)
@example([("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("until", "9999-12-31")])
def test_arguments_of_oai_pmh(pairs: list[tuple[str, str]]) -> None:
    try:
        arguments.read(pairs)
    except arguments.ProtocolError as e:
        assert e.text.fr


@bounded(300)
@given(WORDS | st.from_regex(tokens._FORM))
def test_resumption_tokens(text: str) -> None:
    for given_ in (text, f"{text[:-9]},{zlib.crc32(text[:-9].encode(errors='replace')):08x}"):
        try:
            tokens.parse(given_, "ListRecords")
        except arguments.ProtocolError as e:
            assert e.text.fr


@bounded(300)
@given(ANY | st.text(alphabet='()"\\:*+-!ANDORT [{]}&|', max_size=300))
@example("NOT " * 999)
@example("!" * 3999)
@example("a " * 1999)
@example("a OR " * 799 + "a")
@example("(" * 3999)
@example('"' * 3999)
@example("\\" * 3999)
@example("a:[" + " " * 3990)
@example("a:[b TO " * 500)
def test_queries_of_ckan(text: str) -> None:
    try:
        found = condition([text], lambda field, value: Condition(":v", {"v": field + value}))
    except ActionError as e:
        assert e.text.fr
    else:
        if found.sql:
            with closing(sqlite3.connect(":memory:")) as engine:
                engine.execute(f"SELECT 1 WHERE {found.sql}", found.values)


@bounded(200)
@given(st.dictionaries(st.sampled_from(["modified_since", "theme", "hvd"]), ANY))
@example({"modified_since": "0001-01-01T00:00:00+23:59"})
@example({"modified_since": "9999-12-31T23:59:59-23:59"})
def test_filters_of_feeds(query: dict[str, str]) -> None:
    refused_in_words(filter_in, QueryParams(query))


_PARTS = st.lists(
    st.sampled_from(
        [
            b"--b",
            b"\r\n",
            b"--b--",
            b'Content-Disposition: form-data; name="a"',
            b'; filename="x"',
            b"\r\n\r\n",
            b"v",
            b"\0",
        ]
    ),
    max_size=30,
).map(b"".join)


@bounded(300)
@given(_PARTS | st.binary(max_size=200), ANY | st.just("multipart/form-data; boundary=b"))
@example(b"--b" * 20_000, "multipart/form-data; boundary=b")
@example(b"&" * 100_000, "application/x-www-form-urlencoded")
@example(b"%" * 10_000, "application/x-www-form-urlencoded")
@example(b'--b\r\nContent-Disposition: form-data; name="' + b'name="' * 650 + b"\r\n\r\nx\r\n--b--", "x; boundary=b")
def test_forms(body: bytes, content_type: str) -> None:
    refused_in_words(fields, body, content_type)


@bounded(300)
@given(
    st.sampled_from(["GET", "POST", "QUERY"]),
    st.binary(max_size=100),
    st.none() | ANY | st.sampled_from([protocol.FORM_TYPE, protocol.QUERY_TYPE, protocol.UPDATE_TYPE]),
    st.binary(max_size=200),
)
@example("GET", b"query=ASK{}&timeout=nan", None, b"")
@example("GET", b"query=ASK{}&timeout=1e999", None, b"")
@example("GET", b"query=%ff", None, b"")
@example("POST", b"", "application/sparql-query; charset=" + "x" * 100, b"\xff")
def test_requests_of_the_sparql_protocol(method: str, query: bytes, content_type: str | None, body: bytes) -> None:
    refused_in_words(protocol.read, method, query, content_type, body)
    refused_in_words(protocol.read_update, query, content_type, body)


_PIECES = st.sampled_from(
    [
        *(
            "SELECT",
            "ASK",
            "CONSTRUCT",
            "DESCRIBE",
            "WHERE",
            "FROM",
            "NAMED",
            "PREFIX",
            "BASE",
            "LIMIT",
            "OFFSET",
            "ORDER BY",
        ),
        *(
            "FILTER",
            "EXISTS",
            "NOT",
            "UNION",
            "OPTIONAL",
            "MINUS",
            "GRAPH",
            "SERVICE",
            "VALUES",
            "BIND",
            "AS",
            "GROUP BY",
        ),
        *("HAVING", "COUNT", "IN", "REGEX", "INSERT", "DELETE", "DATA", "LOAD", "CLEAR", "WITH", "USING", "a", "UNDEF"),
        *(
            "{",
            "}",
            "(",
            ")",
            "[",
            "]",
            "<",
            ">",
            ".",
            ";",
            ",",
            "|",
            "/",
            "^",
            "*",
            "+",
            "?",
            "!",
            "=",
            "&&",
            "||",
            "-",
        ),
        *(
            "?x",
            "$y",
            "<x:a>",
            "<",
            "x:a",
            ":",
            "_:b",
            '"t"',
            "'t'",
            '"""',
            "'''",
            '"',
            "'",
            "\\",
            "@fr",
            "^^",
            "#",
            "\n",
        ),
        *(
            "1",
            "1.5",
            "1e9",
            "-0",
            "true",
            "\\u0022",
            "\\U0001F600",
            "\ud7ff",
            "\x00",
            "\u2028",
            "é",
            "DISTINCT",
            "<<",
            ">>",
        ),
    ]
)
QUERIES = st.lists(_PIECES | st.text(max_size=5), max_size=40).map(" ".join) | st.lists(_PIECES, max_size=40).map(
    "".join
)


@bounded(400)
@given(QUERIES)
@example("{" * 20_000)
@example("SELECT * { FILTER " + "(" * 3000)
@example("SELECT * { FILTER (" + "!" * 3000 + "?x)}")
@example("SELECT * {" + "OPTIONAL {" * 2000)
@example("SELECT * { ?a " + "(" * 2000 + "<x:a>")
@example("PREFIX " * 3000)
@example('"' * 50_000)
@example("<" * 50_000)
@example("#" * 50_000)
@example("\\u0000" * 5000)
def test_the_front_of_sparql(query: str) -> None:
    began = time.process_time()
    scanner.normalised(query)
    scanner.plain(query)
    scanner.scan(query)
    scanner.prefixes_missing(query)
    plan.__wrapped__(query)
    dataset.clauses(query, "https://data.example.org/")
    expected.unclosed(query)
    expected.broken(query, len(query) // 2)
    advice.read(query, "https://data.example.org/")
    refused_in_words(Paged, query)
    refused_in_words(update.operations, query)
    refused_in_words(update.with_dataset, query, dataset.Dataset(("x:a",), ("x:b",)))
    assert time.process_time() - began < 5


@bounded(200)
@given(ANY | st.text(alphabet="0123456789*/-,L#W ", max_size=30))
@example("0 0 31 2 *")
@example("99999999999999999999 * * * *")
@example("*/0 * * * *")
@example("0-" * 1000)
@example("* * * * 1#9")
def test_cron_expressions(text: str) -> None:
    began = time.process_time()
    try:
        calendar = Calendar(text, "Europe/Paris")
    except ValueError as e:
        assert str(e)
    else:
        calendar.before(calendar.after(datetime(2026, 3, 29, 1, 30, tzinfo=UTC)))
    assert time.process_time() - began < 5


@bounded(300)
@given(ANY | st.text(alphabet="bytes=0123456789-, ", max_size=60), st.integers(0, 10**12))
@example("bytes=" + "0-," * 20_000, 1000)
@example("bytes=" + "9" * 10_000 + "-", 1000)
@example("bytes=-" + "0" * 10, 0)
def test_ranges(header: str, size: int) -> None:
    refused_in_words(byte_range, header, size)


@bounded(300)
@given(
    ANY
    | st.text(alphabet="POINTLYGMUZ(), .-+0123456789e", max_size=80)
    | st.lists(st.sampled_from(["POINT", "POLYGON", "MULTIPOLYGON", "(", ")", "1", "2 3", ",", "1e999", "-."])).map(
        "".join
    )
    | _VALUES.map(lambda value: json.dumps({"type": "Polygon", "coordinates": value}))
)
@example('{"coordinates":' + "[" * 100_000)
@example('{"type":"Polygon","coordinates":' + "[" * 900 + "1,2" + "]" * 900 + "}")
@example('{"type":"Point","coordinates":[1' + "0" * 400 + ",2]}")
@example("POLYGON " + "(" * 100_000)
@example("POINT ()")
@example("1 " * 50_000)
@example("." * 50_000)
@example("1" * 50_000)
def test_geometries(text: str) -> None:
    began = time.process_time()
    for found in (geometry.from_wkt(text), geometry.from_geojson(text), geometry.from_box(text)):
        if found is not None:
            geometry.polygons(found)
            geometry.extent(found.get("coordinates"))
    assert isinstance(schema_org._box(Literal(text)), str)
    assert time.process_time() - began < 5


@pytest.mark.parametrize("value", ["9" * 5000, "٣", "-1", "1_000", "0x10", "1e5", " 1", "+1", "1" * 30])
def test_numbers_that_are_none(value: str) -> None:
    from api.feeds.door import _page

    with pytest.raises(GaronneError):
        _page(value)
