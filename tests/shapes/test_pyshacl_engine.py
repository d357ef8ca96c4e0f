from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from shapes.engine import engine
from shapes.finding import Finding, Severity
from shapes.profiles import from_file
from shapes.read import parsed
from tests.shapes.catalogues import CORRECT, changed, findings, triples
from vocab.errors import InputInvalid, UsageError
from vocab.namespaces import RDF, RDFS, SKOS, XSD

PREFIXES = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix : <https://x.example/> .
"""
LABELLED = (
    ":S a sh:NodeShape ; sh:targetClass skos:Concept ; sh:property :p . :p sh:path skos:prefLabel ; sh:minCount 1 ."
)


def run(
    folder: Path, shapes: str, data: str | list[Triple], background: Iterable[Triple] = (), name: str = "pyshacl"
) -> list[Finding]:
    file = folder / "shapes.ttl"
    file.write_text(PREFIXES + shapes, encoding="utf-8")
    graph = parsed((PREFIXES + data).encode(), name="data", suffix="ttl").triples if isinstance(data, str) else data
    return engine(name).validate(graph, [from_file(str(file))], background)


@pytest.mark.parametrize(
    ("lexical", "datatype", "faults"),
    [
        ("12", "nonNegativeInteger", 0),
        ("012", "nonNegativeInteger", 0),
        ("12", "integer", 1),
        ("-1", "nonNegativeInteger", 1),
        ("PT24H", "nonNegativeInteger", 1),
    ],
)
def test_datatypes_are_judged_as_written(tmp_path: Path, lexical: str, datatype: str, faults: int) -> None:
    value = Literal(lexical, datatype=XSD[datatype])
    data = [Triple(NamedNode("https://x.example/a"), NamedNode("https://x.example/size"), value)]
    shape = ":S sh:targetSubjectsOf :size ; sh:property [ sh:path :size ; sh:datatype xsd:nonNegativeInteger ] ."
    found = run(tmp_path, shape, data)
    assert [f.value for f in found] == [str(value)] * faults


def test_an_ill_typed_boolean_keeps_its_words(tmp_path: Path) -> None:
    shape = ":S sh:targetSubjectsOf :open ; sh:property [ sh:path :open ; sh:datatype xsd:boolean ] ."
    found = run(tmp_path, shape, ':a :open "none"^^xsd:boolean .')
    assert [f.value for f in found] == ['"none"^^<http://www.w3.org/2001/XMLSchema#boolean>']


def test_the_background_types_values_and_is_not_validated(tmp_path: Path) -> None:
    theme = NamedNode("https://x.example/theme")
    known = [Triple(theme, RDF.type, SKOS.Concept)]
    shape = LABELLED + ":T sh:targetSubjectsOf :about ; sh:property [ sh:path :about ; sh:class skos:Concept ] ."
    assert run(tmp_path, shape, ":a :about :theme .", known) == []
    assert len(run(tmp_path, shape, ":a :about :theme .")) == 1
    assert len(run(tmp_path, shape, ":a :about :theme . :theme :note 1 .", known)) == 1


def test_subclasses_of_the_background_count(tmp_path: Path) -> None:
    known = [Triple(NamedNode("https://x.example/Term"), RDFS.subClassOf, SKOS.Concept)]
    assert len(run(tmp_path, LABELLED, ":a a :Term .", known)) == 1


def test_nested_details_are_no_results(tmp_path: Path) -> None:
    shape = """:S sh:targetSubjectsOf :in ;
        sh:property [ sh:path :in ; sh:node [ sh:property [ sh:path :x ; sh:minCount 1 ] ] ] ."""
    found = run(tmp_path, shape, ":a :in :b .")
    assert [(f.focus, f.value) for f in found] == [("<https://x.example/a>", "<https://x.example/b>")]


def test_results_come_in_the_same_order_and_with_the_same_keys_each_time() -> None:
    faults = (('dct:issued "2021-05-04"^^xsd:date', 'dct:issued "x" , "y"'), ('"2025-01-01"^^xsd:date', '"x"'))
    first, second = findings(changed(*faults)), findings(tuple(reversed(changed(*faults))))
    assert len(first) == 4
    assert first == second
    assert len({f.key for f in first}) == 4


def test_a_finding_names_its_dataset_even_from_a_blank_node() -> None:
    found = findings(changed(('spdx:checksumValue "0a0b"', 'spdx:checksumValue "0a0"')))
    assert [(f.dataset, f.focus[:2]) for f in found] == [("https://data.example.org/trees", "_:")]


def test_a_finding_has_the_same_key_whatever_the_blank_nodes_are_called() -> None:
    old, new = 'spdx:checksumValue "0a0b"', 'spdx:checksumValue "0a0"'
    renamed = CORRECT.replace(old, new).replace("spdx:checksum [ a", "spdx:checksum _:other . _:other a")
    renamed = renamed.replace('"0a0"^^xsd:hexBinary ] .', '"0a0"^^xsd:hexBinary .')
    one, two = findings(changed((old, new))), findings(triples(renamed))
    assert one[0].focus != two[0].focus
    assert one[0].key == two[0].key


def test_severities_and_complex_paths(tmp_path: Path) -> None:
    shape = """:S sh:targetSubjectsOf :in ; sh:property [ sh:minCount 1 ; sh:severity sh:Info ;
        sh:path ( [ sh:inversePath :in ] [ sh:alternativePath ( :x :y ) ] ) ] ."""
    found = run(tmp_path, shape, ":a :in :b .")
    assert [(f.severity, f.path) for f in found] == [
        (Severity.INFO, "^<https://x.example/in>/(<https://x.example/x>|<https://x.example/y>)")
    ]


def test_a_dangling_reference_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputInvalid, match=r"<https://x.example/S> refers to .*<https://x.example/gone>"):
        run(tmp_path, ":S a sh:NodeShape ; sh:targetClass :C ; sh:property :gone .", ":a a :C .")


def test_shapes_that_make_no_sense_are_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(InputInvalid, match=r"pySHACL cannot use these shapes"):
        run(
            tmp_path,
            ':S a sh:NodeShape ; sh:targetClass :C ; sh:property [ sh:path :p ; sh:minCount "x" ] .',
            ":a a :C .",
        )


def test_an_unknown_engine_is_refused_with_the_list() -> None:
    with pytest.raises(UsageError, match="pyshacl"):
        engine("topbraid")


def test_nothing_is_fetched_even_where_shapes_import(tmp_path: Path) -> None:
    shapes = tmp_path / "shapes.ttl"
    imports = "<https://x.example/o> a owl:Ontology ; owl:imports <http://127.0.0.1:9/remote.ttl> .\n"
    shapes.write_text(PREFIXES + imports + LABELLED, encoding="utf-8")
    program = f"""
import sys
def guard(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "urllib.Request"):
        raise SystemExit("went out: " + event)
sys.addaudithook(guard)
from shapes.engine import engine
from shapes.profiles import from_file
from shapes.read import parsed
profile = from_file({str(shapes)!r})
data = parsed(b"<https://x.example/a> a <http://www.w3.org/2004/02/skos/core#Concept> .", name="d", suffix="ttl")
print(len(engine("pyshacl").validate(data.triples, [profile])))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("1", 0), done.stderr


def test_the_engine_of_the_house_goes_on_without_what_it_cannot_use_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "shapes.ttl"
    shapes = (
        ':S a sh:NodeShape ; sh:targetClass :C ; sh:property :gone , [ sh:path :p ; sh:minCount "x" ; sh:in 1 ] , [ '
    )
    file.write_text(PREFIXES + shapes + "sh:path :q ; sh:minCount 1 ] .", encoding="utf-8")
    data = parsed((PREFIXES + ":a a :C .").encode(), name="data", suffix="ttl").triples
    ours = engine("garonne")
    assert [f.path for f in ours.validate(data, [from_file(str(file))])] == ["https://x.example/q"]
    told = " ".join(note.en for note in ours.notes)
    assert "gone" in told
    assert "minCount" in told
    assert "sh:in is not followed by a list" in told


def test_a_pattern_that_explodes_is_stopped_with_a_sentence(tmp_path: Path) -> None:
    shapes = ':S a sh:NodeShape ; sh:targetClass :C ; sh:property [ sh:path :p ; sh:pattern "^(a|aa)+$" ] .'
    data = f':a a :C ; :p "{"a" * 60}!" .'
    with pytest.raises(InputInvalid, match=r"takes more than 2 s on one value: \^\(a\|aa\)"):
        run(tmp_path, shapes, data)
    short = run(tmp_path, shapes, ':a a :C ; :p "aaa" , "ab" .')
    assert [finding.value for finding in short] == ['"ab"']


def test_what_the_shapes_ask_and_is_not_checked_is_told(tmp_path: Path) -> None:
    file = tmp_path / "shapes.ttl"
    file.write_text(PREFIXES + ":S a sh:NodeShape ; sh:targetClass :C ; sh:nodeKind sh:IRI ; sh:MinCount 1 .", "utf-8")
    judge = engine("pyshacl")
    data = parsed((PREFIXES + ":a a :C .").encode(), name="data", suffix="ttl").triples
    assert judge.validate(data, [from_file(str(file))]) == []
    assert ["sh:MinCount is no term of SHACL" in note.en for note in judge.notes] == [True]
