"""One validation from data to report: the engine judges, noise is set apart, an earlier report is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyoxigraph import Triple

from shapes.background import background
from shapes.baseline import Baseline
from shapes.engine import Engine
from shapes.finding import Finding, Severity
from shapes.graph import Graph
from shapes.noise import Noise, Sieve
from shapes.profiles import Profile
from shapes.provenance import Source, provenance
from shapes.publishers import Publishers
from shapes.report import Report
from vocab.errors import UsageError

APART, SHOW = "apart", "show"
NOISE = (APART, SHOW)
"""What may be done with noise: set apart, or shown among the faults."""


@dataclass(frozen=True)
class Gate:
    """What makes a report a failure: the lightest severity (`None` for none), only what is new, only of publishers."""

    fail_on: Severity | None = Severity.VIOLATION
    only_new: bool = False
    publishers: frozenset[str] = frozenset()


def validated(
    triples: Sequence[Triple],
    sources: Sequence[Source],
    profiles: Sequence[Profile],
    judge: Engine,
    *,
    noise: str = APART,
    gate: Gate | None = None,
    earlier: Baseline | None = None,
) -> Report:
    """The report on `triples`, which `sources` name. Raises `UsageError` for a publisher that the data do not name."""
    gate = gate or Gate()
    known = tuple(background(triples))
    data = Graph.from_triples(triples)
    publishers = Publishers(data)
    _named(gate.publishers, publishers)
    found = judge.validate(data, profiles, Graph.from_triples(known))
    faults, apart = sieved(found, profiles, data) if noise == APART else (found, [])
    changes = None if earlier is None else earlier.compare(faults, (f for f, _ in apart))
    return Report(
        faults,
        tuple(source.name for source in sources),
        len(triples),
        tuple((p.name, p.title, p.fingerprint) for p in profiles),
        judge.name,
        gate.fail_on,
        apart,
        provenance(sources, profiles, known, judge.name, noise=noise),
        changes,
        publishers,
        gate.only_new,
        gate.publishers,
        judge.notes,
    )


def sieved(
    found: Sequence[Finding], profiles: Sequence[Profile], data: Graph
) -> tuple[list[Finding], list[tuple[Finding, Noise]]]:
    """The faults, and what is noise with its systematic cause, each in the order of `found`."""
    if not found:
        return [], []
    sieve = Sieve((t for p in profiles for t in p.triples), data)
    faults: list[Finding] = []
    apart: list[tuple[Finding, Noise]] = []
    for finding in found:
        cause = sieve.noise(finding)
        if cause is None:
            faults.append(finding)
        else:
            apart.append((finding, cause))
    return faults, apart


def _named(wanted: Iterable[str], publishers: Publishers) -> None:
    unknown = sorted(set(wanted) - publishers.known()) if wanted else []
    if unknown:
        some = ", ".join(sorted(publishers.known())[:6]) or "none"
        raise UsageError(f"nothing that was read is published by `{unknown[0]}`.", hint=f"Publishers: {some}.")
