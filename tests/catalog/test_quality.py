"""Sums of findings, against the same sums made one by one."""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.archive import Archive
from catalog.findings import Cause
from catalog.quality import EXAMPLES, Quality
from shapes.finding import Severity
from tests.catalog.making import MINT, draft, enter, record
from tests.findings import BAD_DATE, LISTED, NO_KEYWORD, found

CAUSES = [NO_KEYWORD, BAD_DATE, LISTED]
FINDINGS = st.dictionaries(
    st.sampled_from("abcdefg"),
    st.tuples(
        st.lists(st.tuples(st.sampled_from(CAUSES), st.integers(0, 3)), max_size=5), st.sampled_from(["", "x", "y"])
    ),
    max_size=7,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FINDINGS)
def test_sums(tmp_path_factory: pytest.TempPathFactory, given_: dict[str, tuple[list[tuple[Cause, int]], str]]) -> None:
    folder = tmp_path_factory.mktemp("sums")
    kept = {
        name: [found(c, f'"{n}"', key=f"{i:032x}") for i, (c, n) in enumerate(f)] for name, (f, _) in given_.items()
    }
    with closing(draft(folder, 1)) as making:
        for name, findings in kept.items():
            enter(making, record(name), name)
            publisher = given_[name][1]
            making.put_findings(
                MINT.dataset(name), "ods", findings, publisher=f"https://e.org/{publisher}" if publisher else ""
            )
        making.commit()
    quality = Quality(Archive(folder).at(1))
    overview = quality.overview()
    faults = {n: [f for f in fs if not f.cause.noise] for n, fs in kept.items()}
    counts = Counter(f.cause.name for fs in kept.values() for f in fs)
    where = defaultdict(set)
    for name, fs in kept.items():
        for f in fs:
            where[f.cause.name].add(MINT.dataset(name))
    assert {c.cause.name: c.findings for c in (*overview.causes, *overview.noise)} == counts
    for counted in (*overview.causes, *overview.noise):
        assert counted.datasets == len(where[counted.cause.name])
        assert set(counted.examples) <= where[counted.cause.name]
        assert len(counted.examples) == min(EXAMPLES, counted.datasets) or len(counted.examples) >= 2
        total, rows = quality.datasets(causes=quality.named(counted.cause.name))
        assert total == counted.datasets == len(rows)
        assert sum(sum(r.counts.values()) for r in rows) == counted.findings
    clean = [n for n, fs in faults.items() if not any(f.cause.severity is Severity.VIOLATION for f in fs)]
    assert (overview.totals.datasets, overview.totals.clean) == (len(kept), len(clean))
    assert overview.totals.violations == sum(
        f.cause.severity is Severity.VIOLATION for fs in faults.values() for f in fs
    )
    assert sum(p.violations for p in quality.publishers()) == overview.totals.violations
    for publisher in quality.publishers():
        if publisher.iri:
            assert quality.overview(publisher.iri).totals.violations == publisher.violations
    assert [(iri, f) for iri, _, f in quality.each()] == [(MINT.dataset(n), f) for n in sorted(kept) for f in kept[n]]
    assert quality.datasets(limit=-1)[0] == len(kept)
    assert sum(v for _, v, _ in overview.profiles) == overview.totals.violations
    assert quality.named("nothing") == []
