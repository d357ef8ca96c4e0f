"""Which findings on a dataset are the same from one release to the next."""

from __future__ import annotations

from dataclasses import replace

from catalog.comparison import only
from tests.findings import BAD_DATE, NO_KEYWORD, found

DATE, WORD = found(BAD_DATE, '"hier"'), found(NO_KEYWORD)


def test_findings_are_the_same_by_their_key() -> None:
    assert only([DATE, WORD], [WORD]) == [DATE]
    assert only([WORD], [DATE, WORD]) == []


def test_one_that_is_there_twice_is_new_once() -> None:
    assert only([DATE, DATE], [DATE]) == [DATE]
    assert only([DATE, DATE], [DATE, DATE]) == []


def test_a_node_without_an_iri_is_not_new_because_another_fault_of_it_was_repaired() -> None:
    before = [replace(DATE, focus="_:p", key="a"), replace(WORD, focus="_:p", key="b")]
    after = [replace(DATE, focus="_:q", key="c")]
    assert only(after, before) == []
    assert [one.key for one in only(before, after)] == ["b"]


def test_a_second_node_without_an_iri_is_new() -> None:
    before = [replace(DATE, focus="_:p", key="a")]
    after = [replace(DATE, focus="_:q", key="c"), replace(DATE, focus="_:r", key="d")]
    assert len(only(after, before)) == 1


def test_a_node_with_an_iri_is_matched_by_its_key_alone() -> None:
    moved = replace(DATE, key="other")
    assert only([moved], [DATE]) == [moved]
