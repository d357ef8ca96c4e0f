"""Answers that are ready: for the same words only, of the release of the moment only, within their memory."""

from __future__ import annotations

from typing import Any

import pytest

from api import ready
from api.ready import Ready, ReadyAnswers, asked


def scope(**more: Any) -> dict[str, Any]:
    return {"method": "GET", "query_string": b"query=ASK%20%7B%7D", "headers": [(b"accept", b"text/csv")], **more}


PLAIN = asked(scope(), b"", (1,))
assert PLAIN is not None


@pytest.mark.parametrize(
    "other",
    [
        asked(scope(), b"", (2,)),
        asked(scope(), b"query=ASK%20%7B%7D", (1,)),
        asked(scope(query_string=b""), b"", (1,)),
        asked(scope(headers=[(b"accept", b"text/plain")]), b"", (1,)),
        asked(scope(headers=[(b"accept", b"text/csv"), (b"accept", b"text/plain")]), b"", (1,)),
        asked(scope(headers=[(b"accept", b"text/csv"), (b"accept-encoding", b"br")]), b"", (1,)),
        asked(scope(headers=[(b"accept", b"text/csv"), (b"content-type", b"text/plain")]), b"", (1,)),
    ],
)
def test_what_is_asked_otherwise_is_another_question(other: ready.Asked) -> None:
    answers = ReadyAnswers()
    assert PLAIN is not None
    answers.put(PLAIN, Ready([], b"yes", "q"))
    assert answers.find(PLAIN) == Ready([], b"yes", "q")
    assert answers.find(other) is None


def test_conditional_requests_and_those_for_headers_are_read_each_time() -> None:
    assert asked(scope(method="HEAD"), b"", (1,)) is None
    assert asked(scope(headers=[(b"if-none-match", b'"x"')]), b"", (1,)) is None
    assert ReadyAnswers().find(None) is None


def test_a_swap_of_the_pointer_drops_the_answers_of_before() -> None:
    answers = ReadyAnswers()
    first, second = asked(scope(), b"", (1,)), asked(scope(), b"", (2,))
    assert first is not None
    assert second is not None
    answers.put(first, Ready([], b"old", "q"))
    answers.put(second, Ready([], b"new", "q"))
    assert answers.find(second) == Ready([], b"new", "q")
    assert answers.find(first) is None
    assert answers.find(second) is None, "whatever is asked next, nothing of another swap is held on to"


def test_those_used_least_recently_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "MEMORY", 10_000)
    answers = ReadyAnswers()
    keys = [asked(scope(query_string=b"%d" % n), b"", (1,)) for n in range(6)]
    for key in keys:
        assert key is not None
        answers.put(key, Ready([], b"x" * 1000, "q"))
        answers.find(keys[0])
    assert [answers.find(key) is not None for key in keys] == [True, False, False, False, True, True]


def test_what_is_large_is_not_kept() -> None:
    answers = ReadyAnswers()
    assert PLAIN is not None
    answers.put(PLAIN, Ready([], bytes(ready.LONGEST), "q"))
    assert answers.find(PLAIN) is None
