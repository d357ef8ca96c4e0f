from __future__ import annotations

from pathlib import Path

import pytest

from shapes.profiles import DEFAULTS, from_file, names, profile
from vocab.errors import InputInvalid, UsageError


def test_the_profiles_of_dcat_ap_3_are_found_by_their_entry_points() -> None:
    assert set(DEFAULTS) <= set(names())
    found = [profile(name) for name in DEFAULTS]
    assert {p.title.fr.split(",")[0] for p in found} == {"DCAT-AP 3.0.1"}
    assert len({p.title for p in found}) == 3
    assert sum(len(p.triples) for p in found) > 2000


def test_profiles_share_the_lists_they_both_name_and_nothing_else() -> None:
    """A list has the same nodes wherever it is read; a plan of both profiles holds it once."""
    recommended, vocabularies = (set(profile(name).triples) for name in DEFAULTS[1:])
    (lists,) = ({*d.triples} for d in profile(DEFAULTS[1]).documents if d.name.endswith("lists.ttl"))
    assert recommended & vocabularies == lists


def test_files_of_one_name_share_no_blank_node(tmp_path: Path) -> None:
    head = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <https://x.example/> .\n"
    for folder, path in (("a", ":p"), ("b", ":q")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "s.ttl").write_text(f"{head}_:s a sh:NodeShape ; sh:path {path} .")
    one, other = (from_file(str(tmp_path / folder / "s.ttl")).triples for folder in "ab")
    assert not {str(t.subject) for t in one} & {str(t.subject) for t in other}


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
