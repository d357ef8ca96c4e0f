import subprocess
import sys
from importlib import resources

import pytest

from tests.shared import shared
from vocab.build.shacl import build
from vocab.shacl import nearest, terms


def test_the_committed_table_is_what_the_vocabulary_gives() -> None:
    table = resources.files("vocab").joinpath("tables", "shacl.csv")
    assert build(shared("data/w3c/w3c__ns/shacl.ttl")) == table.read_text(encoding="utf-8")


def test_the_command_says_how_it_is_used() -> None:
    done = subprocess.run([sys.executable, "-m", "vocab.build.shacl"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "usage" in done.stderr


def test_what_each_term_is() -> None:
    assert terms()["NodeShape"].kind == "class"
    assert terms()["Warning"].kind == "individual"
    assert terms()["minCount"].components == ("MinCountConstraintComponent",)
    assert terms()["minCount"].range == "http://www.w3.org/2001/XMLSchema#integer"
    assert terms()["path"].domain == "sh:PropertyShape"
    assert terms()["path"].components == ()
    assert terms()["flags"].optional
    assert not terms()["pattern"].optional
    assert len(terms()["qualifiedValueShape"].components) == 2
    assert "MinCount" not in terms()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("MinCount", "minCount"),
        ("targetSUbjectOf", "targetSubjectsOf"),
        ("nodekind", "nodeKind"),
        ("shape", "node"),
        ("none", "not"),
        ("deactivatedProperty", "deactivated"),
        ("NodeShape", "node"),
        ("somethingElseAltogether", ""),
    ],
)
def test_the_nearest_property(name: str, meant: str) -> None:
    assert nearest(name, "property") == meant


def test_the_nearest_of_another_kind() -> None:
    assert nearest("Nodeshape", "class") == "NodeShape"
    assert nearest("Waring", "individual") == "Warning"
