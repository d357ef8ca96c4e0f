from __future__ import annotations

from pathlib import Path

import pytest

from shapes.profiles import DEFAULT, from_file, names, profile
from vocab.errors import InputInvalid, UsageError


def test_our_profile_is_found_by_its_entry_point() -> None:
    assert DEFAULT in names()
    found = profile(DEFAULT)
    assert found.title.fr == "DCAT-AP 3.0.1"
    assert len(found.triples) > 2000


def test_an_unknown_profile_is_refused_with_the_list_and_the_nearest() -> None:
    with pytest.raises(
        UsageError, match=r"`dcat-ap-4` is not offered. Did you mean `dcat-ap-3`\? Offered: .*dcat-ap-3"
    ):
        profile("dcat-ap-4")


def test_the_fingerprint_depends_on_what_is_said_only(tmp_path: Path) -> None:
    head = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <https://x.example/> .\n"
    for name, text in (
        ("a", ":S sh:targetClass :C ; sh:path :p ."),
        ("b", "# twice\n:S sh:path :p ; sh:targetClass :C ."),
    ):
        (tmp_path / f"{name}.ttl").write_text(head + text)
    (tmp_path / "c.ttl").write_text(head + ":S sh:targetClass :C ; sh:path :q .")
    a, b, c = (from_file(str(tmp_path / f"{n}.ttl")).fingerprint for n in "abc")
    assert a == b != c


def test_a_file_without_shapes_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "data.ttl"
    file.write_text("<x:a> <x:p> 1 .")
    with pytest.raises(InputInvalid, match="holds no SHACL shape"):
        _ = from_file(str(file)).triples
