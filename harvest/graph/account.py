"""What became of each statement of a graph: the ledger of a record that came as RDF, or was written as RDF first."""

from __future__ import annotations

from pyoxigraph import BlankNode, Literal

from catalog.model import Fate, Ledger, Note, Text
from harvest.graph.model import Graph, Statement, short
from harvest.mapping import wording
from harvest.mapping.reader import Reads
from harvest.repair.rules import Rule, told

UNCHANGED = "unchanged"
"""The rule named in the ledger for statements that pass as they came."""


class Account:
    """The fate of every statement of one graph; the last word on a statement counts."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._fates: dict[Statement, tuple[Fate, str, Text | None, str | None]] = {}

    def keep(self, statement: Statement) -> None:
        """It was published as it came."""
        self._fates[statement] = (Fate.MAPPED, UNCHANGED, None, None)

    def repaired(self, statement: Statement, *rules: Rule) -> None:
        """It was published, changed by these rules."""
        if not rules:
            self.keep(statement)
            return
        self._fates[statement] = (Fate.MAPPED, "+".join(r.name for r in rules), told(rules), None)

    def refuse(self, statement: Statement, rule: str, reason: Text, *, table: str | None = None) -> None:
        """It was not published, and why; `table` is the `[mapping]` table in which a line would change that."""
        self._fates[statement] = (Fate.UNMAPPED, rule, reason, table)

    def ignore(self, statement: Statement, rule: Rule) -> None:
        """It need not be published."""
        self._fates[statement] = (Fate.IGNORED, rule.name, rule.text, None)

    def has(self, statement: Statement) -> bool:
        """Whether anything was said of it."""
        return statement in self._fates

    def ledger(self) -> Ledger:
        """One entry for each statement, in the graph's order, called by its path from the root."""
        paths = _paths(self.graph)
        rows: list[tuple[str, str, Note]] = []
        for statement in self.graph:
            fate = self._fates.get(statement) or _UNREACHED
            above = paths.get(statement.subject, "")
            rows.append((f"{above}{short(statement.predicate.value)}", _shown(statement), fate))
        return Ledger(rows)

    def tell(self, view: Reads) -> None:
        """Enters the fates into the ledger of the record that the statements were written from.

        A value that became several statements is mapped if one of them is; what was done to it is told once.
        """
        found: dict[tuple[str, int | None], tuple[Fate, str, Text | None, str | None]] = {}
        for statement, fate in self._fates.items():
            if not statement.field:
                continue
            key = (statement.field, statement.item)
            known = found.get(key)
            if known is None or _weight(fate) > _weight(known):
                found[key] = fate
        for (field, item), (fate_, rule, reason, table) in found.items():
            if rule == UNCHANGED:
                continue
            view.rule = rule
            if fate_ is Fate.MAPPED and reason:
                view.note(field, reason, item=item)
            elif fate_ is Fate.UNMAPPED:
                view.refuse(field, reason or wording.UNKNOWN_FIELD, item=item, table=table)
            elif fate_ is Fate.IGNORED and reason:
                view.ignore(field, reason, item=item)


_UNREACHED = (Fate.UNMAPPED, "unreached", wording.UNREACHED, None)
_ORDER = {Fate.IGNORED: 0, Fate.UNMAPPED: 1, Fate.MAPPED: 2}


def _weight(fate: tuple[Fate, str, Text | None, str | None]) -> tuple[int, bool]:
    return _ORDER[fate[0]], fate[1] != UNCHANGED


def _paths(graph: Graph) -> dict[object, str]:
    """How each node is reached from the root, as a prefix: `dcat:distribution/`."""
    found: dict[object, str] = {graph.root: ""}
    waiting = [graph.root]
    while waiting:
        node = waiting.pop(0)
        for s in graph.about(node):
            if not isinstance(s.object, Literal) and s.object not in found and graph.describes(s.object):
                found[s.object] = f"{found[node]}{short(s.predicate.value)}/"
                waiting.append(s.object)
    return found


def _shown(statement: Statement) -> str:
    value = statement.object
    if isinstance(value, BlankNode):
        return "_:…"
    if isinstance(value, Literal):
        return f"{value.value}@{value.language}" if value.language else value.value
    return value.value
