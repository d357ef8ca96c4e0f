from __future__ import annotations

import json
from pathlib import Path

import pytest

from shapes import profiles
from shapes.engine import engine
from shapes.read import parsed
from shapes.registry import MANIFEST, Given, Registry
from tests.shapes.lint.cases import HEAD, on
from vocab.errors import InputInvalid, UsageError
from vocab.text import Text

TITLE = Text("Nationales", "National")
BODY = (HEAD + on("sh:minCount 1")).encode()
RELATIVE = HEAD.encode() + b"<#S> sh:targetClass :C ; sh:class :D ."


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry.beside(tmp_path / "var")


def given(body: bytes = BODY, name: str = "/home/me/national shapes.ttl") -> Given:
    return Given(name, "https://example.org/source", body, ".ttl")


def test_what_is_added_is_a_profile(registry: Registry) -> None:
    registry.add("national", TITLE, [given(), given(RELATIVE, "other.ttl")])
    assert registry.registered() == ("national",)
    assert set(registry.names()) == {"national", *profiles.names()}
    profile = registry.profile("national")
    assert profile.title == TITLE
    assert [Path(place).name for place in profile.files] == ["01-national-shapes.ttl", "02-other.ttl"]
    assert Path(profile.files[0]).read_bytes() == BODY
    assert any(t.subject.value == "https://example.org/source#S" for t in profile.triples)
    data = parsed(b"<a:a> a <https://example.org/C> .", name="d", suffix=".ttl").triples
    assert len(engine().validate(data, [profile])) == 2


def test_a_profile_has_the_same_fingerprint_wherever_it_lies(registry: Registry, tmp_path: Path) -> None:
    registry.add("national", TITLE, [given()])
    elsewhere = Registry(tmp_path / "elsewhere")
    elsewhere.add("national", TITLE, [given()])
    assert registry.profile("national").fingerprint == elsewhere.profile("national").fingerprint


def test_installed_profiles_are_found_as_before(registry: Registry) -> None:
    assert registry.profile("hvd") == profiles.profile("hvd")
    assert registry.registered() == ()
    with pytest.raises(UsageError, match="Did you mean `hvd`"):
        registry.profile("hdv")


@pytest.mark.parametrize("name", ["hvd", "", "../x", "Upper", ".hidden", "-", "a/b", "a" * 65])
def test_names_that_cannot_be(registry: Registry, name: str) -> None:
    with pytest.raises(UsageError):
        registry.add(name, TITLE, [given()])
    assert registry.registered() == ()


def test_a_name_is_taken_until_it_is_replaced(registry: Registry) -> None:
    registry.add("national", TITLE, [given()])
    with pytest.raises(UsageError, match="registered already"):
        registry.add("national", TITLE, [given(RELATIVE)])
    registry.add("national", Text("a", "b"), [given(RELATIVE)], replace=True)
    assert registry.profile("national").title == Text("a", "b")
    assert len(registry.profile("national").files) == 1
    assert sorted(one.name for one in registry.folder.iterdir()) == ["national"]


def test_what_is_removed_is_gone(registry: Registry) -> None:
    registry.add("national", TITLE, [given()])
    registry.remove("national")
    assert list(registry.folder.iterdir()) == []
    with pytest.raises(UsageError, match="Offered: none"):
        registry.remove("national")
    with pytest.raises(UsageError, match="installed profile"):
        registry.remove("hvd")


def test_a_copy_that_was_changed_is_refused(registry: Registry) -> None:
    registry.add("national", TITLE, [given()])
    place = Path(registry.profile("national").files[0])
    place.write_bytes(BODY + b"\n")
    with pytest.raises(InputInvalid, match="changed since it was registered"):
        _ = registry.profile("national").triples


@pytest.mark.parametrize("manifest", ["{", "{}", '{"name": 1}', "[]"])
def test_a_damaged_manifest_is_an_error_with_a_sentence(registry: Registry, manifest: str) -> None:
    registry.add("national", TITLE, [given()])
    (registry.folder / "national" / MANIFEST).write_text(manifest, encoding="utf-8")
    with pytest.raises(InputInvalid, match="manifest of this profile cannot be read"):
        registry.profile("national")
    registry.remove("national")


def test_a_manifest_cannot_lead_out_of_its_folder(registry: Registry, tmp_path: Path) -> None:
    registry.add("national", TITLE, [given()])
    place = registry.folder / "national" / MANIFEST
    plain = json.loads(place.read_text(encoding="utf-8"))
    plain["copies"][0]["file"] = "../../secret.ttl"
    place.write_text(json.dumps(plain), encoding="utf-8")
    with pytest.raises(InputInvalid, match="outside of its folder"):
        registry.profile("national")
