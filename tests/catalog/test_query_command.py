"""`garonne query` as its users run it: results, refusals, and queries that would take the process down."""

from __future__ import annotations

import csv
import ctypes
import io
import json
import os
import platform
import random
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from catalog.commands.query import GRAPHS, RESULTS, answer
from catalog.errors import QueryInvalid
from catalog.releases import Releases
from tests.api.test_workers import BOMB
from tests.catalog.making import BASE, release

GARONNE = str(Path(sys.executable).with_name("garonne"))
SETTINGS = f'[catalog]\nbase = "{BASE}"\n[query]\ntimeout = 20\nmemory = 300\n'
PREFIXES = "PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/> "
TITLES = PREFIXES + "SELECT ?t { ?d a dcat:Dataset ; dct:title ?t } ORDER BY STR(?t)"
GRAPH = PREFIXES + "CONSTRUCT { ?d dct:title ?t ; dcat:byteSize 12 } { ?d a dcat:Dataset ; dct:title ?t }"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o . ?p ?q ?r }"
EXACT = '"12"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger>'


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with settings and a release of three datasets."""
    folder = tmp_path_factory.mktemp("city")
    (folder / "garonne.toml").write_text(SETTINGS, encoding="utf-8")
    release(folder / "var", {"arbres": "Arbres d’alignement", "menus": "Menus", "velos": "Vélos, comptés"})
    return folder


def ask(
    folder: Path, *args: str, stdin: bytes = b"", before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run `garonne query`; a traceback or the engine's own words never reach the terminal."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GARONNE_")}
    done = subprocess.run(
        [GARONNE, "query", *args],
        cwd=folder,
        input=stdin,
        capture_output=True,
        timeout=60,
        check=False,
        env=kept,
        preexec_fn=before,
    )
    assert b"Traceback" not in done.stderr
    assert b"panicked" not in done.stderr
    return done


def said(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stderr.decode()


def titles(body: bytes, name: str) -> list[str]:
    if name == "json":
        return [row["t"]["value"] for row in json.loads(body)["results"]["bindings"]]
    if name == "xml":
        space = "{http://www.w3.org/2005/sparql-results#}"
        return [str(e.text) for e in ET.fromstring(body).iter(space + "literal")]  # noqa: S314  our own answer
    rows = list(csv.reader(io.StringIO(body.decode()), delimiter="\t" if name == "tsv" else ","))
    return [row[0].removesuffix("@fr").strip('"') for row in rows[1:]]


@pytest.mark.parametrize("name", RESULTS)
def test_tables_in_every_format(city: Path, name: str) -> None:
    done = ask(city, TITLES, "--format", name)
    assert (done.returncode, said(done)) == (0, "")
    assert titles(done.stdout, name) == ["Arbres d’alignement", "Menus", "Vélos, comptés"]


@pytest.mark.parametrize("name", GRAPHS)
def test_graphs_in_every_format_with_their_datatypes(city: Path, name: str) -> None:
    done = ask(city, GRAPH, "--format", name)
    assert (done.returncode, said(done)) == (0, "")
    rdf = {"ttl": RdfFormat.TURTLE, "nt": RdfFormat.N_TRIPLES, "jsonld": RdfFormat.JSON_LD, "rdf": RdfFormat.RDF_XML}
    found = [str(q.object) for q in parse(done.stdout, format=rdf[name])]
    assert found.count(EXACT) == 3
    assert '"Menus"@fr' in found


def test_formats_when_none_is_named(city: Path) -> None:
    assert titles(ask(city, TITLES).stdout, "csv")[1] == "Menus"
    assert ask(city, GRAPH).stdout.startswith(b"@prefix ")


def test_ask(city: Path) -> None:
    assert json.loads(ask(city, "ASK { ?s ?p ?o }").stdout)["boolean"] is True
    assert ask(city, "ASK { ?s ?s ?s }", "--format", "csv").stdout == b"false\n"
    assert b"<boolean>true</boolean>" in ask(city, "ASK {}", "--format", "xml").stdout


def test_relative_iris_are_of_the_catalogue(city: Path) -> None:
    assert json.loads(ask(city, "ASK { <dataset/menus> a ?type }").stdout)["boolean"] is True


def test_query_from_a_file_and_from_standard_input(city: Path, tmp_path: Path) -> None:
    file = tmp_path / "titles.rq"
    file.write_bytes(b"\xef\xbb\xbf" + TITLES.encode())
    expected = ask(city, TITLES).stdout
    assert ask(city, "-f", str(file)).stdout == expected
    assert ask(city, "-f", "-", stdin=TITLES.encode()).stdout == expected


def test_no_query_two_queries_or_one_that_cannot_be_read(city: Path, tmp_path: Path) -> None:
    for args in ((), (TITLES, "-f", "-")):
        done = ask(city, *args)
        assert (done.returncode, "give a query, or -f FILE." in said(done)) == (2, True)
    done = ask(city, "-f", "absent.rq")
    assert (done.returncode, said(done)) == (
        2,
        "garonne: absent.rq: the query cannot be read: No such file or directory.\n",
    )
    done = ask(city, "-f", "-", stdin="ASK { ?s ?p 'é' }".encode("latin-1"))
    assert (done.returncode, "-: the query is not UTF-8 (byte 14)." in said(done)) == (2, True)


@pytest.mark.parametrize(
    ("query", "where", "advice"),
    [
        ("SELECT * {\n ?s ?p ?o", "line 2, column 10, at the end of the text", "A bracket `{` is not closed."),
        ("SELECT *\n{ ?s dct:title ?o }", "line 2, column", "Prefix not declared: dct: (PREFIX)."),
        ("SELCT * { ?s ?p ?o }", "line 1, column 10, before `?s ?p ?o }`", "There is no SELECT, ASK,"),
        ("ASK { ?s ?p MemoryError }", "line 1, column", "Check the punctuation"),
    ],
)
def test_bad_syntax_is_shown_where_it_is(city: Path, query: str, where: str, advice: str) -> None:
    done = ask(city, query)
    assert (done.returncode, done.stdout) == (2, b"")
    assert where in said(done)
    assert advice in said(done)


def test_a_function_that_is_not_there(city: Path) -> None:
    done = ask(city, "SELECT (<http://example.org/f>(1) AS ?x) {}")
    assert (done.returncode, "There is no function <http://example.org/f> here." in said(done)) == (2, True)


def test_formats_that_do_not_fit(city: Path) -> None:
    done = ask(city, TITLES, "--format", "jsno")
    assert done.returncode == 2
    assert "format `jsno` is not offered. Did you mean `json`? Offered: json, xml, csv, tsv, ttl, nt" in said(done)
    done = ask(city, TITLES, "--format", "ttl")
    assert (done.returncode, "gives a table; ttl is for graphs. Offered: json, xml" in said(done)) == (2, True)
    done = ask(city, GRAPH, "--format", "csv")
    assert (done.returncode, "gives a graph; csv is for tables. Offered: ttl, nt" in said(done)) == (2, True)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("ASK { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "SERVICE is not evaluated here"),
        ("PREFIX ex: <http://127.0.0.1/> ASK{?s ?p 1SERVICEex:a{?s ?p ?o}}", "SERVICE is not evaluated here"),
        ("INSERT DATA { <a:a> <b:b> <c:c> }", "this is an update (INSERT); `garonne query` changes nothing."),
        ("DROP ALL", "this is an update (DROP)"),
    ],
)
def test_service_and_updates_are_refused(city: Path, query: str, words: str) -> None:
    done = ask(city, query)
    assert (done.returncode, done.stdout) == (2, b"")
    assert words in said(done)
    with pytest.raises(QueryInvalid):
        answer(Releases(city / "var").get(1).store, query, "")


def test_no_release_yet(tmp_path: Path) -> None:
    done = ask(tmp_path, TITLES)
    assert (done.returncode, "There is no release yet." in said(done)) == (3, True)
    assert list(tmp_path.iterdir()) == []


def test_to_a_file_whole_or_not_at_all(city: Path, tmp_path: Path) -> None:
    out = tmp_path / "titles.csv"
    done = ask(city, TITLES, "-o", str(out))
    assert (done.returncode, done.stdout, said(done)) == (0, b"", "")
    before = out.read_bytes()
    assert titles(before, "csv")[1] == "Menus"
    assert ask(city, RUNAWAY, "--timeout", "0.3", "-o", str(out)).returncode == 3
    assert ask(city, "SELECT", "-o", str(out)).returncode == 2
    assert out.read_bytes() == before
    assert list(tmp_path.iterdir()) == [out]
    assert ask(city, TITLES, "-o", os.devnull).returncode == 0
    assert not Path(os.devnull).is_file()
    done = ask(city, TITLES, "-o", str(tmp_path / "no" / "folder.csv"))
    assert (done.returncode, "there is no such folder" in said(done)) == (3, True)


def test_a_large_result_comes_whole(city: Path) -> None:
    values = " ".join(str(n) for n in range(200))
    query = f"SELECT ?a ?b ?c {{ VALUES ?a {{ {values} }} VALUES ?b {{ {values} }} VALUES ?c {{ 1 2 3 }} }}"
    done = ask(city, "-f", "-", stdin=query.encode())
    assert (done.returncode, done.stdout.count(b"\n")) == (0, 120_001)
    assert done.stdout.endswith(b"\n")


def test_a_reader_that_pauses_costs_no_time_and_one_that_leaves_ends_the_query(city: Path) -> None:
    query = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    with subprocess.Popen(
        [GARONNE, "query", query, "--timeout", "1"], cwd=city, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.read(5) == b"a,b,c"
        time.sleep(2)
        (child,) = children(running.pid)
        running.stdout.read(1000)
        running.stdout.close()
        assert running.wait(30) == 0, running.stderr.read()
        assert running.stderr.read() == b""
    assert not Path(f"/proc/{child}").exists()


def test_a_runaway_query_is_stopped_in_time(city: Path) -> None:
    begun = time.monotonic()
    done = ask(city, RUNAWAY, "--timeout", "1")
    assert done.returncode == 3
    assert said(done).startswith("garonne: the query was stopped after 1 s, its time limit. Narrow it")
    assert 1 < time.monotonic() - begun < 10


def test_the_time_limit_of_the_settings_and_none(city: Path, tmp_path: Path) -> None:
    config = tmp_path / "garonne.toml"
    config.write_text(SETTINGS.replace("20", "0.01") + f'[store]\npath = "{city / "var"}"\n')
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . FILTER(?a = 1) }"
    done = ask(tmp_path, slow)
    assert (done.returncode, "stopped after 0.01 s" in said(done)) == (3, True)
    assert ask(tmp_path, TITLES, "--timeout", "0").returncode == 0
    for wrong in ("-1", "nan", "inf"):
        done = ask(tmp_path, TITLES, "--timeout", wrong)
        assert (done.returncode, "--timeout must be a number of seconds" in said(done)) == (2, True)


def test_a_hungry_query_is_stopped_in_memory(city: Path) -> None:
    done = ask(city, BOMB)
    assert done.returncode == 3
    assert "it needed more than 300 MiB of memory." in said(done)


def mixed(seed: int) -> str:
    """500 numbers, strings and dates in no order."""
    chance = random.Random(seed)  # noqa: S311  no secret
    date = '"20{:02}-01-01"^^<http://www.w3.org/2001/XMLSchema#date>'
    kinds: list[Callable[[int], str]] = [str, '"{}"'.format, date.format, "{}.5".format, '"{}"@fr'.format]
    values = " ".join(chance.choice(kinds)(chance.randrange(10, 99)) for _ in range(500))
    return f"SELECT ?x {{ VALUES ?x {{ {values} }} }} ORDER BY ?x"


def test_an_engine_that_crashes_leaves_a_sentence(city: Path) -> None:
    """For its BASE the rewriting does not read the query, and the engine sorts."""
    for seed in range(6):
        done = ask(city, "BASE <http://example.org/> " + mixed(seed))
        if done.returncode == 0:
            assert done.stdout.count(b"\n") == 501
        else:
            assert (done.returncode, done.stdout) == (3, b"")
            assert said(done).startswith("garonne: the query engine crashed on this query (SIGABRT). Known causes:")


def test_deep_nesting_leaves_a_sentence(city: Path) -> None:
    done = ask(city, "-f", "-", stdin=b"ASK { FILTER(" + b"(" * 20_000 + b"1" + b")" * 20_000 + b") }")
    assert done.returncode == 3
    assert "the query engine crashed on this query (SIG" in said(done)


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -15), (signal.SIGKILL, -9)])
def test_the_child_ends_with_the_command(city: Path, number: signal.Signals, code: int) -> None:
    with subprocess.Popen(
        [GARONNE, "query", RUNAWAY, "--timeout", "0"], cwd=city, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        deadline = time.monotonic() + 20
        while not children(running.pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.3)
        (child,) = children(running.pid)
        running.send_signal(number)
        _, words = running.communicate(timeout=30)
    assert running.returncode == code
    assert b"Traceback" not in words
    assert (b"Interrupted" in words) == (number == signal.SIGINT)
    while Path(f"/proc/{child}/exe").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{child}/exe").exists()


def as_another_machine() -> None:
    """Linux then calls itself a 32-bit machine (personality(2), PER_LINUX32), for which there is no filter."""
    ctypes.CDLL(None).personality(0x0008)


@pytest.mark.skipif(sys.platform != "linux" or platform.machine() != "x86_64", reason="needs a 32-bit personality")
def test_where_there_is_no_sandbox_it_says_so_and_goes_on(city: Path) -> None:
    done = ask(city, TITLES, before=as_another_machine)
    assert done.returncode == 0
    assert titles(done.stdout, "csv")[1] == "Menus"
    assert "garonne: there is no system call filter for i686. The query runs without that protection" in said(done)
    done = ask(city, "ASK { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", before=as_another_machine)
    assert (done.returncode, "SERVICE is not evaluated here" in said(done)) == (2, True)


def test_an_order_by_over_any_types_is_answered_unless_rewriting_is_off(city: Path, tmp_path: Path) -> None:
    values = " ".join(f'{n} "{n}" "20{n:02}-01-01"^^<http://www.w3.org/2001/XMLSchema#date>' for n in range(10, 90))
    asked = f"SELECT ?x {{ {{ SELECT ?x {{ VALUES ?x {{ {values} }} }} ORDER BY DESC(?x) LIMIT 90 }} }} ORDER BY ?x"
    done = ask(city, asked)
    assert done.returncode == 0, said(done)
    rows = done.stdout.decode().split()
    assert rows[1:11] == [f"20{n}-01-01" for n in range(80, 90)]
    assert rows[-1] == "89"
    (tmp_path / "garonne.toml").write_text(f'{SETTINGS}rewriting = false\n[store]\npath = "{city / "var"}"\n')
    assert ask(tmp_path, "SELECT ?x { VALUES ?x { 2 1 } } ORDER BY ?x").stdout.split() == [b"x", b"1", b"2"]


def test_a_term_that_nothing_uses_is_said_beside_the_result(city: Path) -> None:
    done = ask(city, PREFIXES + "SELECT ?t { ?d dct:titel ?t }")
    assert (done.returncode, done.stdout) == (0, b"t\r\n")
    assert "dct:titel" not in said(done)
    assert said(done) == (
        "garonne: Aucun énoncé de cette édition n’a la propriété <http://purl.org/dc/terms/titel>\N{NO-BREAK SPACE}; "
        "la plus proche est dct:title.\n"
    )
    assert said(ask(city, PREFIXES + "SELECT ?t { GRAPH ?g { ?d dct:title ?t } }")) == ""
