"""Who an OpenDataSoft record is, in each of its shapes."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.model import Text
from harvest.ods_identity import NO_IDENTIFIER, NO_OBJECT, Found, identify

V21 = {"dataset_id": "a", "dataset_uid": "da_1", "metas": {"default": {"modified": "2024"}}}


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (V21, Found("a", "da_1", "2024")),
        ({"dataset": V21, "links": []}, Found("a", "da_1", "2024")),
        ({"datasetid": "a", "metas": {"modified": "2015"}}, Found("a", None, "2015")),
        ({"dataset_id": " a "}, Found("a", None, None)),
        ({"dataset_id": "a", "metas": None, "dataset_uid": 3}, Found("a", None, None)),
        ({"dataset_id": "a", "metas": {"default": [1]}}, Found("a", None, None)),
        ({"dataset_id": "a", "metas": {"default": {"modified": 5}}, "dataset_uid": ""}, Found("a", None, None)),
        ({"dataset_id": "a", "dataset_uid": "\ud800"}, Found("a", None, None)),
        *((x, NO_OBJECT) for x in (None, 1, "a", [], [V21], {"dataset": None}, {"dataset": "x"})),
        *(({"dataset_id": x}, NO_IDENTIFIER) for x in (None, 1, "", "  ", ["a"], "a\ud800")),
        ({}, NO_IDENTIFIER),
    ],
)
def test_identities(data: Any, found: Found | Text) -> None:
    assert identify(data) == found
