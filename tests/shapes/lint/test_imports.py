from shapes.lint import Check
from shapes.lint.imports import imported
from shapes.read import parsed
from tests.shapes.lint.cases import HEAD, checks, found, on


def test_an_import_that_is_not_read_is_told() -> None:
    (remark,) = found(on("sh:minCount 1") + " : owl:imports <https://example.org/more> .")
    assert remark.remark.check is Check.NOT_LOADED
    assert "<https://example.org/more>, which is not read" in remark.remark.text.en


def test_what_is_among_the_files_is_no_import_to_tell() -> None:
    first = on("sh:minCount 1") + " <https://a.org/> owl:imports <https://b.org/> ."
    assert checks(first, "<https://b.org/> a owl:Ontology ; owl:imports <https://a.org/#> .") == []


def test_imports_in_their_order() -> None:
    text = f"{HEAD} : owl:imports :b , :a . :c owl:imports :b ."
    told = imported(parsed(text.encode(), name="x.ttl", suffix=".ttl").triples)
    assert told == ["https://example.org/b", "https://example.org/a"]
