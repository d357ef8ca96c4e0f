"""Our words for the shapes of other people: official files with and without IRIs, and national ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Triple

from shapes.background import background
from shapes.engine import engine
from shapes.finding import Finding
from shapes.graph import term
from shapes.overlay import Lent, overlay
from shapes.profiles import Profile, from_file
from shapes.read import parsed
from shapes.sentences import local_component
from shapes.shapes_graph import ShapesGraph
from tests.shapes.broken import everything_wrong
from tests.shared import shared
from vocab.errors import InputInvalid
from vocab.namespaces import RDF, SH

FOLDER = "data/shapes"
HTML = "SEMICeu__DCAT-AP/3.0.1/html/shacl/shapes.ttl"
GENERATED = "SEMICeu__DCAT-AP/3.0.1/shacl/dcat-ap-SHACL.ttl"


def european() -> list[str]:
    """Every shapes file of the European profiles; those for machine learning and for feeds are other profiles."""
    root = shared(FOLDER)
    files = sorted(
        str(f.relative_to(root))
        for f in root.glob("SEMICeu__*/**/*.ttl")
        if any(word in f.name.lower() for word in ("shacl", "shape", "range", "deprecated"))
        and not any(word in str(f).lower() for word in ("example", "import", "mldcat", "ldes"))
    )
    assert len(files) > 30
    return files


def national() -> Iterator[Path]:
    """Shapes files of the countries, and of the European profiles left out above."""
    root = shared(FOLDER)
    wanted = ("Geonovum", "GovDataOfficial", "Informasjons", "datosgobes", "digst", "factsmission", "opendata-swiss")
    for folder in sorted(root.iterdir()):
        if folder.name.startswith((*wanted, "mobility", "SEMICeu__uri", "SEMICeu__LDES", "vrk", "tenforce")):
            yield from (f for f in sorted(folder.rglob("*.ttl")) if b"NodeShape" in f.read_bytes())


def judged(profile: Profile) -> tuple[ShapesGraph, list[Finding]]:
    graph = ShapesGraph(profile.triples)
    data = everything_wrong(graph)
    return graph, engine().validate(data, [profile], background(data))


def lent(graph: ShapesGraph, finding: Finding) -> Lent:
    return overlay().lent(graph, term(finding.shape_node), local_component(finding.component), finding.path)


def check_readable(finding: Finding) -> None:
    for lang in ("fr", "en"):
        said = finding.messages.of(lang)
        assert said.endswith((".", "”.", "».")), said
        assert len(said) > 20, said
        assert "None" not in said, said
    assert finding.rule.fr != finding.rule.en


def test_european_files_speak_with_our_words() -> None:
    """Nine results in ten have our whole sentence, nineteen in twenty at least our repair."""
    told: Counter[str] = Counter()
    for file in european():
        graph, found = judged(from_file(str(shared(FOLDER) / file)))
        for finding in found:
            ours = lent(graph, finding)
            told["sentence" if ours.rule.fr else "repair" if ours.repair.fr else "neither"] += 1
            check_readable(finding)
            if ours.rule.fr and not graph.spoken(term(finding.shape_node), SH.message).fr:
                assert finding.rule == ours.rule
    assert sum(told.values()) > 30000
    assert told["sentence"] / sum(told.values()) > 0.9, told
    assert told["neither"] / sum(told.values()) < 0.05, told


def test_national_files_have_a_readable_sentence_for_every_result() -> None:
    results, broken = 0, []
    for file in national():
        try:
            found = judged(from_file(str(file)))[1]
        except InputInvalid:  # two are saved broken
            broken.append(file.name)
            continue
        for finding in found:
            results += 1
            for lang in ("fr", "en"):
                assert len(finding.messages.of(lang)) > 20, (file, finding)
    assert results > 10000
    assert len(broken) <= 2, broken


@pytest.mark.parametrize("file", [HTML, GENERATED], ids=["blank nodes", "IRIs"])
def test_blank_and_named_shapes_of_the_official_files_speak_alike(file: str) -> None:
    text = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
    <https://x.example/d> a dcat:Dataset ; dct:title "t"@fr ; dct:issued "2021-05-04", "2022" ; dct:language "fr" ."""
    data = parsed(text.encode(), name="x", suffix="ttl").triples
    found = engine().validate(data, [from_file(str(shared(FOLDER) / file))], background(data))
    by_path = {f.path.rsplit("/", 1)[-1]: f for f in found}
    missing = by_path["description"]
    assert missing.rule.fr == "Description (dct:description)\u00a0: au moins un texte est attendu."
    assert missing.messages.fr.endswith("Aucune valeur n’est donnée.")
    assert "Rédigez" in missing.repair.fr
    assert missing.fields == ("default.description",)
    language = by_path["language"]
    assert language.rule.en.startswith("Language (dct:language): each value must be the IRI of a term")
    assert "language/FRA" in language.repair.en
    assert "“fr”" in language.messages.en


HEAD = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix : <https://x.example/> ."""


def words(shape: str, *, extra: str = "") -> Finding:
    """The one finding of a dataset with nothing but a language, against one property shape."""
    text = f"{HEAD} :S a sh:NodeShape ; sh:targetClass dcat:Dataset ; sh:property [ {shape} ] . {extra}"
    data = [
        Triple(NamedNode("https://x.example/d"), RDF.type, NamedNode("http://www.w3.org/ns/dcat#Dataset")),
        Triple(
            NamedNode("https://x.example/d"),
            NamedNode("http://purl.org/dc/terms/language"),
            NamedNode("https://x.example/fr"),
        ),
    ]
    profile = Profile("x", Lent().rule, ())
    profile.__dict__["triples"] = parsed(text.encode(), name="x", suffix="ttl").triples
    (found,) = engine().validate(data, [profile])
    return found


def test_a_constraint_that_only_looks_alike_is_not_given_our_sentence() -> None:
    for shape in ("sh:path dct:title ; sh:minCount 2", "sh:path dct:publisher ; sh:minCount 1"):
        found = words(shape)
        assert found.rule.fr.endswith(("au moins 2 valeurs sont attendues.", "au moins une valeur est attendue."))
        assert found.repair.fr, "the repair of the property fits all the same"


def test_a_shape_behind_another_path_is_not_about_the_class_that_leads_to_it() -> None:
    inner = "sh:path foaf:name ; sh:minCount 1"
    found = words(f"sh:path dct:language ; sh:property [ {inner} ]")
    assert found.rule.fr == "Nom (foaf:name)\u00a0: au moins une valeur est attendue."


def test_its_own_message_counts_first_and_one_in_another_language_is_quoted() -> None:
    own = words('sh:path dct:title ; sh:minCount 1 ; sh:message "Il faut un titre."@fr , "A title, please."@en')
    assert own.rule == ("Il faut un titre.", "A title, please.")
    bare = words('sh:path dct:title ; sh:minCount 1 ; sh:message "Un titre de la ville."')
    assert bare.rule == ("Un titre de la ville.", "Un titre de la ville.")
    german = words('sh:path dct:title ; sh:minCount 1 ; sh:message "Bitte Titel"@de')
    assert german.rule.fr == "Titre (dct:title)\u00a0: au moins un texte est attendu."
    unknown = words('sh:path dct:title ; sh:minCount 7 ; sh:message "Sieben Titel"@de')
    assert unknown.rule.fr.endswith(
        "au moins 7 valeurs sont attendues. La forme le dit ainsi\u00a0: «\u00a0Sieben Titel\u00a0»."
    )
    english = words('sh:path dct:title ; sh:minCount 1 ; sh:message "A title!"@en')
    assert english.rule == ("Titre (dct:title)\u00a0: au moins un texte est attendu.", "A title!")


def test_a_list_of_the_official_files_is_named() -> None:
    restriction = """:R sh:property [ sh:path <http://www.w3.org/2004/02/skos/core#inScheme> ;
        sh:hasValue <http://purl.org/adms/status/1.0> ] ."""
    found = words("sh:path dct:language ; sh:node :R", extra=restriction)
    assert "un terme de la liste «\u00a0Statut (ADMS)\u00a0» (http://purl.org/adms/status/1.0)" in found.rule.fr
    assert "a term of the list “Status (ADMS)” (http://purl.org/adms/status/1.0)" in found.rule.en
