"""Every format of a report: complete, readable by the programs it is for, and harmless whatever the data hold."""

from __future__ import annotations

import csv
import json
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace
from io import StringIO

import pyshacl
import pytest
import rdflib
from pyoxigraph import Quad, RdfFormat, Triple, parse

from shapes.background import background
from shapes.engine import engine
from shapes.finding import Finding, Severity
from shapes.formats import FORMATS, render
from shapes.formats.terminal import render as terminal
from shapes.graph import Graph
from shapes.profiles import DEFAULTS, profile
from shapes.pyshacl_engine import to_rdflib
from shapes.report import Report
from shapes.shapes_graph import ShapesGraph
from shapes.text import Text
from tests.shapes.catalogues import CORRECT, changed, findings, triples
from vocab.errors import UsageError
from vocab.namespaces import SH

EVIL = '<script>alert(1)</script> ]]> =1+1 & "quotes" \u202e \\u0007'
PROFILES = (("dcat-ap-3", Text("DCAT-AP 3.0.1", "DCAT-AP 3.0.1"), "0" * 64),)


def report(found: list[Finding], fail_on: Severity | None = Severity.VIOLATION) -> Report:
    return Report(found, ("my file.ttl",), 1234, PROFILES, "pyshacl", fail_on)


FAULTS = (
    ('"2026-10-01"^^xsd:date', '"{}"'.format(EVIL.replace('"', '\\"').replace("\\u0007", "\\u0007\\n"))),
    ('dct:issued "2021-05-04"^^xsd:date', 'dct:issued "=1+1"'),
    ('dcat:keyword "arbre"@fr ;\n    dcat:theme', "dcat:theme"),
    ("dcat:dataset :trees ; dcat:service :api ;", ""),
    ('"2025-01-01"^^xsd:date', '"hier"'),
)


@pytest.fixture(scope="module")
def faulty() -> Report:
    return report(findings(changed(*FAULTS)))


@pytest.fixture(scope="module")
def clean() -> Report:
    return report(findings(triples(CORRECT)))


@pytest.mark.parametrize("name", sorted(FORMATS))
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_format_renders_both_reports_in_both_languages(
    faulty: Report, clean: Report, name: str, lang: str
) -> None:
    for one in (faulty, clean):
        text = render(one, name, lang)
        assert text.endswith("\n")
        assert "\x07" not in text


def test_the_field_of_opendatasoft_is_named_where_there_is_one(faulty: Report) -> None:
    assert "Champ d’OpenDataSoft\u00a0: default.modified" in render(faulty, "text", "fr")
    assert "Field of OpenDataSoft: default.keyword" in render(faulty, "text", "en")
    named = {f["path"].rsplit("#", 1)[-1]: f["fields"] for f in json.loads(render(faulty, "json", "en"))["findings"]}
    assert named["keyword"] == ["default.keyword"]
    assert [] in named.values()


def test_every_format_for_people_names_the_field_of_opendatasoft(faulty: Report) -> None:
    rows = list(csv.DictReader(StringIO(render(faulty, "csv", "fr"))))
    assert {"default.modified", "default.keyword", ""} <= {row["fields"] for row in rows}
    for name in ("html", "junit", "sarif"):
        assert "Champ d’OpenDataSoft\u00a0: default.keyword" in render(faulty, name, "fr"), name


def test_text_has_one_paragraph_a_cause_worst_first(faulty: Report, clean: Report) -> None:
    text = render(faulty, "text", "fr")
    heads = [line for line in text.splitlines() if not line.startswith(" ") and "  " in line]
    assert len(heads) == len(faulty.causes) == 5
    assert [h.split("  ")[0] for h in heads] == ["1 violation"] * 3 + ["1 avertissement"] * 2
    assert "→ " in text
    assert render(clean, "text", "fr").startswith("Aucun défaut.\nLu\u00a0: my file.ttl (1\u202f234 énoncés).")
    assert render(clean, "text", "en").startswith("No fault found.\nRead: my file.ttl (1,234 statements).")


def test_text_shows_three_examples_and_counts_the_others() -> None:
    data = "".join(f"<https://x.example/{i}> a <http://www.w3.org/2004/02/skos/core#Concept> .\n" for i in range(5))
    text = render(report(findings(triples(data))), "text", "fr")
    assert "5 violations  [concept] Libellé (skos:prefLabel)" in text
    assert text.count("https://x.example/") == 3
    assert "et 2 de plus" in text


def test_colour_only_where_it_is_asked_for(faulty: Report) -> None:
    assert "\x1b[" not in render(faulty, "text", "fr")
    assert "\x1b[31m" in terminal(faulty, "fr", colour=True)


def test_json_holds_every_finding_and_the_counts(faulty: Report, clean: Report) -> None:
    document = json.loads(render(faulty, "json", "en"))
    assert document["counts"] == {"violation": 3, "warning": 2, "info": 0, "set_apart": 0}
    assert (document["conforms"], document["failed"]) == (False, True)
    assert [f["key"] for f in document["findings"]] == [f.key for f in faulty.findings]
    assert json.loads(render(clean, "json", "en"))["conforms"] is True


def test_csv_has_one_row_a_finding_and_no_formula(faulty: Report) -> None:
    rows = list(csv.DictReader(StringIO(render(faulty, "csv", "fr"))))
    assert len(rows) == len(faulty.findings)
    assert {row["severity"] for row in rows} == {"violation", "warning"}
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]


def test_turtle_is_a_standard_report_that_both_parsers_read(faulty: Report, clean: Report) -> None:
    text = render(faulty, "ttl", "fr")
    quads = list(parse(text.encode(), format=RdfFormat.TURTLE))
    assert len(rdflib.Graph().parse(data=text, format="turtle")) == len(quads)
    results = {q.object for q in quads if q.predicate == SH.result}
    assert len(results) == len(faulty.findings)
    for predicate in (SH.focusNode, SH.resultSeverity, SH.sourceConstraintComponent, SH.sourceShape, SH.resultPath):
        assert len([q for q in quads if q.predicate == predicate and q.subject in results]) == len(results)
    assert len([q for q in quads if q.predicate == SH.alternativePath]) == 1
    assert '"=1+1"' in text
    assert '"true"' in render(clean, "ttl", "fr") or "conforms true" in render(clean, "ttl", "fr")


def results_of(graph: list[Quad] | list[Triple]) -> Counter[tuple[str, ...]]:
    """The results of a report graph (SHACL, section 3.6.2), blank nodes of the data without their labels."""
    triples = [Triple(t.subject, t.predicate, t.object) for t in graph]
    read = ShapesGraph(triples)
    found: Counter[tuple[str, ...]] = Counter()
    for node in (t.object for t in triples if t.predicate == SH.result):
        cells = [str(read.value(node, SH[name]) or "") for name in RESULT]
        path = read.value(node, SH.resultPath)
        found[(*("_:" if c.startswith("_:") else c for c in cells), read.path(path) if path else "")] += 1
    return found


RESULT = ("focusNode", "value", "resultSeverity", "sourceConstraintComponent", "sourceShape")


def test_turtle_is_the_report_graph_that_pyshacl_gives() -> None:
    """Over a profile whose shapes have IRIs: those of shapes without one are labelled by each engine."""
    data = changed(*FAULTS)
    profiles = [profile(name) for name in DEFAULTS]
    known = list(background(data))
    ours = report(engine("garonne").validate(data, profiles, known))
    graph = to_rdflib([*data, *known])
    shapes = to_rdflib(dict.fromkeys(t for p in profiles for t in p.triples))
    _, theirs, _ = pyshacl.validate(graph, shacl_graph=shapes, inference="none", inplace=True)
    assert isinstance(theirs, rdflib.Graph)
    foreign = Graph.from_triples(known).subjects - Graph.from_triples(data).subjects
    described = list(parse(theirs.serialize(format="nt").encode(), format=RdfFormat.N_TRIPLES))
    named = [row for row in results_of(described).elements() if row[0] not in foreign]
    assert len(named) == 5
    own = list(parse(render(ours, "ttl", "fr").encode(), format=RdfFormat.TURTLE))
    assert results_of(own) == Counter(named)


def test_html_stands_alone_and_escapes_the_data(faulty: Report, clean: Report) -> None:
    page = render(faulty, "html", "fr")
    assert page.startswith('<!doctype html>\n<html lang="fr">')
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not [word for word in ("src=", "<link", "@import", "url(") if word in page]
    assert "Aucun défaut." in render(clean, "html", "fr")


def test_sarif_has_a_rule_a_cause_and_a_result_a_finding(faulty: Report) -> None:
    document = json.loads(render(faulty, "sarif", "fr"))
    run = document["runs"][0]
    assert document["version"] == "2.1.0"
    rules = run["tool"]["driver"]["rules"]
    assert len({r["id"] for r in rules}) == len(rules) == len(faulty.causes)
    assert len(run["results"]) == len(faulty.findings)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning")
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "my%20file.ttl"


def test_junit_fails_what_reaches_the_threshold(faulty: Report, clean: Report) -> None:
    def failures(one: Report) -> tuple[int, int]:
        suite = ET.fromstring(render(one, "junit", "fr"))[0]  # noqa: S314 - our own output
        assert int(suite.get("failures", "-1")) == len(suite.findall("testcase/failure"))
        return len(suite.findall("testcase")), len(suite.findall("testcase/failure"))

    assert failures(faulty) == (5, 3)
    assert failures(report(list(faulty.findings), Severity.WARNING)) == (5, 5)
    assert failures(report(list(faulty.findings), None)) == (5, 0)
    assert failures(clean) == (1, 0)


def test_an_unknown_format_is_refused_with_the_list(clean: Report) -> None:
    with pytest.raises(UsageError, match=r"`xlsx` is not offered. Offered: text, json, csv, ttl, html, sarif, junit"):
        render(clean, "xlsx", "fr")


@pytest.mark.parametrize("name", ["text", "html", "json", "sarif", "junit", "ttl"])
def test_what_was_not_checked_is_in_the_report(name: str) -> None:
    said = Text("sh:x n’est pas un terme <de> SHACL", "sh:x is no term <of> SHACL")
    made = replace(report([]), notes=(said,))
    text = render(made, name, "en")
    assert "sh:x is no term" in text
    assert ("<of>" in text) == (name not in ("html", "junit"))
    assert "sh:x" not in render(report([]), name, "en")
