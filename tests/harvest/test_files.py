"""Saved responses in files and folders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog.errors import SettingsInvalid, SourceRefused
from catalog.model import Record
from catalog.settings import HarvestSettings, SourceSettings
from harvest.source import Rejected, make
from harvest.sources.files import Files
from tests.fakes.opendatasoft import record
from tests.shared import shared

A, B, C = record("a"), record("b"), record("c")


def source(path: Path, **harvest: int) -> Files:
    found = make(SourceSettings(id="saved", kind="files", path=path), HarvestSettings(**harvest), lambda _s: None)  # type: ignore[arg-type]
    assert isinstance(found, Files)
    return found


def ids(found: Files) -> list[str]:
    return [r.id if isinstance(r, Record) else f"!{r.id}" for r in found.records()]


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("list.json", [A, B]),
        ("page.json", {"total_count": 2, "results": [A, B]}),
        ("v20.json", {"datasets": [{"dataset": A}, {"dataset": B}]}),
    ],
)
def test_lists_and_pages(tmp_path: Path, name: str, document: object) -> None:
    (tmp_path / name).write_text(json.dumps(document), encoding="utf-8")
    for path in (tmp_path, tmp_path / name):
        found = source(path)
        assert ids(found) == ["a", "b"]
        assert found.complete


def test_every_file_below_in_the_order_of_names(tmp_path: Path) -> None:
    (tmp_path / "z").mkdir()
    (tmp_path / "z" / "1.json").write_text("\ufeff" + json.dumps(C), encoding="utf-8")
    (tmp_path / "b.jsonl").write_text(f"\ufeff{json.dumps(B)}\n\n", encoding="utf-8")
    (tmp_path / "a.json").write_text("\ufeff \n" + json.dumps([A]), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("x")
    found = source(tmp_path)
    assert ids(found) == ["a", "b", "c"]
    assert found.complete
    assert found.check().message == "3 files of saved responses"


def test_the_payload_is_what_the_file_says(tmp_path: Path) -> None:
    text = '{"dataset_id" :  "é", "x": 1.0}'
    (tmp_path / "a.json").write_text(f"[{text}]", encoding="utf-8")
    (tmp_path / "b.jsonl").write_text(f" {text} \n", encoding="utf-8")
    (tmp_path / "c.json").write_text(text, encoding="utf-8")
    one, two, three = source(tmp_path).records()
    assert isinstance(one, Record)
    assert isinstance(two, Record)
    assert isinstance(three, Record)
    assert one.payload == two.payload == text.encode()
    assert json.loads(three.payload) == json.loads(text)
    assert one.hash == two.hash == three.hash


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[{", b"<html>", b"\xe9", b'{"a": "\xe9"}', "{}".encode("utf-16"), b"[" * 5000],
)
@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_an_unreadable_file_is_rejected_and_the_others_are_read(tmp_path: Path, body: bytes, suffix: str) -> None:
    if not body and suffix == ".jsonl":
        pytest.skip("no line, no record: an empty file of lines is whole")
    (tmp_path / f"a{suffix}").write_bytes(body)
    (tmp_path / "b.json").write_text(json.dumps([B]))
    found = source(tmp_path)
    first, second = found.records()
    assert isinstance(first, Rejected)
    assert first.id == f"a{suffix}"
    assert first.reason.fr.startswith("fichier illisible\u00a0: ")
    assert first.reason.en.startswith("unreadable file: ")
    assert isinstance(second, Record)
    assert not found.complete, "nothing may be withdrawn for being absent"


def test_what_is_no_record_is_rejected_and_the_listing_stays_whole(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([1, {}, A]))
    found = source(tmp_path)
    kinds = [type(r) for r in found.records()]
    assert kinds == [Rejected, Rejected, Record]
    assert found.complete


def test_half_a_surrogate_pair_does_not_end_the_run(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"dataset_id": "a", "t": "\\ud800"}')
    (tmp_path / "b.json").write_text('[{"dataset_id": "b", "t": "\\ud800"}, {"dataset_id": "\\udfff"}]')
    a, b, c = source(tmp_path).records()
    assert isinstance(a, Record)
    assert isinstance(b, Record)
    assert json.loads(a.payload) == a.data
    assert json.loads(b.payload) == b.data
    assert isinstance(c, Rejected)


def test_a_link_that_leads_nowhere_and_sizes(tmp_path: Path) -> None:
    (tmp_path / "gone.json").symlink_to(tmp_path / "absent")
    (tmp_path / "big.json").write_text(json.dumps({"dataset_id": "a", "t": "x" * 5000}))
    found = source(tmp_path, max_bytes=1000)
    (only,) = found.records()
    assert isinstance(only, Rejected)
    assert "larger than the 1,000 bytes" in only.reason.en


def test_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="no such file or folder"):
        ids(source(tmp_path / "absent"))
    with pytest.raises(SourceRefused, match=r"no file of a kind"):
        ids(source(tmp_path))
    assert not source(tmp_path).check().ok
    with pytest.raises(SettingsInvalid, match="has no `path`"):
        make(SourceSettings(id="x", kind="files"), HarvestSettings(), lambda _s: None)


def test_real_responses_of_every_shape() -> None:
    found = source(shared("data/real/opendatasoft"))
    records = list(found.records())
    assert sum(isinstance(r, Record) for r in records) > 180
