"""The engine of the house: a plan of shapes run over whole sets of nodes, exact to the letter of each literal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import TypeVar

from pyoxigraph import Triple

from shapes.collector import postponed
from shapes.components import Result
from shapes.explanation import Explanation
from shapes.finding import Finding
from shapes.graph import Graph, World, graph_of
from shapes.lint import notes
from shapes.plan import Plan, too_deep
from shapes.profiles import Profile
from shapes.run import Run
from shapes.text import Text

_Word = TypeVar("_Word", str, tuple[str, str, str])


class SetEngine:
    """Compiles each set of profiles once and keeps it. `notes` tell what the last validation could not use."""

    name = "garonne"

    def __init__(self) -> None:
        self._plans: dict[tuple[str, ...], Plan] = {}
        self._undone: dict[tuple[str, ...], tuple[Text, ...]] = {}
        self.notes: tuple[Text, ...] = ()

    def validate(
        self,
        data: Graph | Iterable[Triple],
        profiles: Sequence[Profile],
        background: Graph | Iterable[Triple] = (),
    ) -> list[Finding]:
        """See `shapes.engine.Engine.validate`."""
        told, known = graph_of(data), graph_of(background)
        try:
            with postponed(len(told)):
                return self._validate(told, profiles, known)
        except RecursionError:
            raise too_deep([p.name for p in profiles]) from None

    def _validate(self, data: Graph, profiles: Sequence[Profile], background: Graph) -> list[Finding]:
        plan = self.plan(profiles)
        world = World(data, background)
        run = Run(world, plan.admitted(world), plan.triples)
        with run.queries:
            found = [one for shape, targets in plan.targeted for one in run.evaluate(shape, targets.nodes(run))]
        results = _own(run, found)
        self.notes = (*self._unused(profiles, plan), *run.notes)
        words = Explanation(plan.graph, world.data)
        return _sorted([words.finding(result, root) for root, result in results])

    def plan(self, profiles: Sequence[Profile]) -> Plan:
        """The plan for these profiles together."""
        key = tuple(p.fingerprint for p in profiles)
        if key not in self._plans:
            self._plans[key] = Plan(dict.fromkeys(t for p in profiles for t in p.triples))
        return self._plans[key]

    def _unused(self, profiles: Sequence[Profile], plan: Plan) -> tuple[Text, ...]:
        """What the shapes say that is not done."""
        key = tuple(p.fingerprint for p in profiles)
        if key not in self._undone:
            self._undone[key] = (*notes(plan, [place for p in profiles for place in p.addresses]), *plan.sparql.notes)
        return self._undone[key]


def _own(run: Run, found: list[tuple[str, Result]]) -> list[tuple[str, Result]]:
    """The results that count against nodes of the data, also where a nested shape finds them on another node."""
    if not len(run.world.background):
        return found
    return [(root, result) for root, result in found if not run.is_foreign(root)]


def _sorted(findings: list[Finding]) -> list[Finding]:
    """In `Finding.order`. Each word is compared once with the others of its kind, not once in every finding."""
    anchored = [finding.anchor for finding in findings]
    anchors = _places(anchored)
    causes = _places((f.path, f.shape, f.component) for f in findings)
    values = _places(finding.value or "" for finding in findings)
    wide, long = len(causes), len(values)
    keyed = [
        (
            (f.severity.rank * len(anchors) + anchors[anchor]) * wide * long
            + causes[f.path, f.shape, f.component] * long
            + values[f.value or ""],
            f,
        )
        for anchor, f in zip(anchored, findings, strict=True)
    ]
    keyed.sort(key=itemgetter(0))
    return [finding for _, finding in keyed]


def _places(words: Iterable[_Word]) -> dict[_Word, int]:
    return {word: place for place, word in enumerate(sorted(set(words)))}
