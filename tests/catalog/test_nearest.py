"""The names nearest to one that is not there."""

from __future__ import annotations

from pathlib import Path

from catalog.archive import Archive
from catalog.model import Kind
from catalog.nearest import nearest
from tests.catalog.making import release


def test_names_like_the_one_given(tmp_path: Path) -> None:
    names = ["arbres", "arbres-remarquables", "bornes-incendie", "zones-30", *(f"n{n:03}" for n in range(500))]
    release(tmp_path, {name: name for name in names})
    view = Archive(tmp_path).at(1)
    assert nearest(view, Kind.DATASET, "abres")[0] == "arbres"
    assert nearest(view, Kind.DATASET, "Arbres Remarquable")[0] == "arbres-remarquables"
    assert nearest(view, Kind.DATASET, "les-bornes-incendie")[0] == "bornes-incendie"
    assert nearest(view, Kind.AGENT, "vile") == ["ville"]
    assert nearest(view, Kind.DATASET, "qwertz") == []
    assert nearest(view, Kind.DATASET, "%") == []


def test_only_names_of_the_release(tmp_path: Path) -> None:
    release(tmp_path, {"arbres": "Arbres", "menus": "Menus"})
    release(tmp_path, {}, gone=("arbres",))
    assert nearest(Archive(tmp_path).at(1), Kind.DATASET, "arbre") == ["arbres"]
    assert nearest(Archive(tmp_path).at(2), Kind.DATASET, "arbre") == []
