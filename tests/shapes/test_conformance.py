"""Each profile finds the same faults as the official file on the whole corpus, but for the differences of the table."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.docs import COMPARED
from tests.shapes.conformance import PAIRS, compared, table

pytestmark = pytest.mark.xdist_group("conformance")
"""One worker runs the official files, once: the last test looks at what all of them found."""


@pytest.mark.parametrize("name", PAIRS)
def test_every_difference_is_in_the_table(name: str) -> None:
    agreement = compared(name)
    assert agreement.both >= COMPARED[name][-1]
    unexplained = Counter(str(one) for one in agreement.differences if not any(row.explains(one) for row in table()))
    assert not unexplained, "\n".join(f"{count} times {one}" for one, count in sorted(unexplained.items())[:60])


def test_every_row_of_the_table_explains_something() -> None:
    seen = [one for name in PAIRS for one in compared(name).differences]
    for row in table():
        for pair in row.pairs:
            assert any(row.explains(one) for one in seen if one.pair == pair), f"{pair}: {row}"
