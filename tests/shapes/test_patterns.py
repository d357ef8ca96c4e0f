import time

import pytest

from shapes import patterns

EXPLODING = r"^(?=.)(a|aa)+$"  # the look-around keeps it from the linear engine
TEXT = "a" * 60 + "!"


def test_linear_patterns_never_explode() -> None:
    assert patterns.linear("^(a+)+$", "")
    assert patterns.matching("^(a+)+$", "", ["a" * 40, TEXT]) == {"a" * 40}


def test_the_time_of_a_pattern_is_that_of_all_texts_together() -> None:
    assert not patterns.linear(EXPLODING, "")
    assert patterns.matching(EXPLODING, "", ["aaa", "b"]) == {"aaa"}
    before = time.process_time()
    with pytest.raises(patterns.TooSlow):
        patterns.matching(EXPLODING, "", [f"{TEXT}{n}" for n in range(20)])
    assert time.process_time() - before < 2 * patterns.SECONDS


@pytest.mark.parametrize("pattern", ["(", "[a-", "(?:" * 3000 + ")" * 3000, "(?<n"])
def test_what_is_no_expression(pattern: str) -> None:
    with pytest.raises(patterns.Broken):
        patterns.check(pattern, "")


def test_flags() -> None:
    assert patterns.matching("A.B", "is", ["a\nb"]) == {"a\nb"}
    assert patterns.matching("(?!x)A.b", "is", ["a\nb"]) == {"a\nb"}
    assert patterns.matching("a.b", "q", ["a.b", "acb"]) == {"a.b"}
