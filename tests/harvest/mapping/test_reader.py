"""The ledger is complete whatever rules do."""

from __future__ import annotations

from catalog.model import Fate, Text
from harvest.mapping.reader import UNCLAIMED, Reader
from harvest.ods_record import OdsRecord

WHY = Text("parce que", "because")


def reader(**default: object) -> Reader:
    view = Reader(OdsRecord({"dataset_id": "a", "metas": {"default": default}}, "v2.1"))
    view.rule = "rule"
    return view


def fates(view: Reader) -> list[tuple[str, str, Fate, str]]:
    return [(e.field, e.value, e.fate, e.rule) for e in view.ledger().entries]


def test_what_no_rule_takes_is_unmapped() -> None:
    assert fates(reader(x="1", y=None, z=" ")) == [
        ("dataset_id", "a", Fate.UNMAPPED, UNCLAIMED),
        ("default.x", "1", Fate.UNMAPPED, UNCLAIMED),
    ]


def test_later_words_replace_earlier_ones() -> None:
    view = reader(x=["1", "2", ""])
    assert [v for _, v in view.take_texts("default.x")] == ["1", "2"]
    view.refuse("default.x", WHY, item=1, table="themes")
    found = view.ledger().entries[1:]
    assert [(e.value, e.fate, e.table) for e in found] == [("1", Fate.MAPPED, None), ("2", Fate.UNMAPPED, "themes")]


def test_a_word_on_an_object_holds_for_what_is_below_it() -> None:
    view = reader(x=[{"a": 1, "b": {"c": True}}, {"a": 2}])
    view.take("default.x")
    view.ignore("default.x.b", WHY)
    view.refuse("default.x", WHY, item=1)
    assert [(f, v, fate) for f, v, fate, _ in fates(view)[1:]] == [
        ("default.x.a", "1", Fate.MAPPED),
        ("default.x.b.c", "true", Fate.IGNORED),
        ("default.x.a", "2", Fate.UNMAPPED),
    ]


def test_geojson_is_one_entry() -> None:
    box = {"type": "Polygon", "coordinates": [[[1, 2], [3, 4]]]}
    assert fates(reader(bbox=box))[1][1] == '{"coordinates":[[[1,2],[3,4]]],"type":"Polygon"}'


def test_texts_of_another_type_are_refused() -> None:
    view = reader(x={"a": 1}, y=["1", 2, {"b": "c"}])
    assert list(view.take_texts("default.x")) == []
    assert [v for _, v in view.take_texts("default.y")] == ["1"]
    assert view.take_text("default.x") is None
    assert [fate for _, _, fate, _ in fates(view)[1:]] == [Fate.UNMAPPED, Fate.MAPPED, Fate.UNMAPPED, Fate.UNMAPPED]


def test_a_single_item_list_is_a_text() -> None:
    assert reader(x=["Europe/Brussels"]).take_text("default.x") == "Europe/Brussels"
    assert reader(x=3).take_text("default.x") == "3"
