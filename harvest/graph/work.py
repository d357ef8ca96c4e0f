"""A graph on its way to a description: what the rules write to, the names of nodes, the account of statements."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pyoxigraph import BlankNode, Literal, NamedNode

from catalog.model import Text
from harvest.graph.account import Account
from harvest.graph.model import Graph, Node, Statement, Value
from harvest.graph.terms import LABELS
from harvest.mapping.draft import Draft
from harvest.mapping.statements import TYPE, Statements, Term, iri, node
from harvest.repair import iris, rules
from harvest.repair.rules import Rule
from vocab.terms import term as known_term


@dataclass(frozen=True, slots=True)
class Group:
    """All statements of one property about one node; `rules` are those that gave the property its present name."""

    node: Node
    predicate: NamedNode
    statements: list[Statement]
    rules: tuple[Rule, ...] = ()


@dataclass
class Work:
    """One graph being normalised. `base` is the address that completes relative IRIs; empty where there is none.

    `language` tags the texts that come without any, `write` writes what the graph says of a node.
    """

    graph: Graph
    out: Draft
    account: Account
    base: str = ""
    into: Statements = field(default_factory=Statements)
    names: dict[Node, Term] = field(default_factory=dict)
    queue: list[Node] = field(default_factory=list)
    met: set[Node] = field(default_factory=set)
    language: str = ""
    write: Callable[[Node], None] = lambda _node: None

    def __post_init__(self) -> None:
        self.into = self.out.statements
        self.names[self.graph.root] = self.out.dataset

    # ── saying ───────────────────────────────────────────────────────────────────────────────────────────────────

    def say(self, group: Group, statement: Statement, value: Term, *done: Rule) -> None:
        """States a value of the group's property, and enters by which rules it came about."""
        self.into.add(self.term(group.node), node(group.predicate), value)
        self.account.repaired(statement, *group.rules, *done)

    def add(self, subject: Node, predicate: NamedNode, value: Term) -> None:
        """One more statement, which a written rule adds."""
        self.into.add(self.term(subject), node(predicate), value)

    def typed(self, thing: Term, *classes: NamedNode) -> None:
        """Says of a thing what class the profile expects; terms of controlled vocabularies have theirs already."""
        if thing.startswith("<") and known_term(thing[1:-1]) is not None:
            return
        for cls in classes:
            self.into.add(thing, TYPE, node(cls))

    def refuse(self, statement: Statement, rule: str, reason: Text, *, table: str | None = None) -> None:
        """Enters that a statement is not published."""
        self.account.refuse(statement, rule, reason, table=table)

    # ── naming ───────────────────────────────────────────────────────────────────────────────────────────────────

    def term(self, thing: Node) -> Term:
        """The name under which a node is published: its own IRI, repaired if need be, else one below the dataset."""
        found = self.names.get(thing)
        if found is None:
            found = self.names[thing] = self._named(thing)
        return found

    def _named(self, thing: Node) -> Term:
        if isinstance(thing, NamedNode):
            fixed = iris.name(thing.value, self.base)
            if len(fixed.iris) == 1:
                return iri(fixed.iris[0])
        return self.mint("node", thing)

    def mint(self, kind: str, thing: Node, *key: str) -> Term:
        """A name below the dataset, of `key`, else of all that is said about the node; remembered for it."""
        made = self.names[thing] = self.out.below(kind, digest(*key) if any(key) else self.content(thing))
        return made

    def content(self, thing: Node) -> str:
        """A digest of all that the graph says about a node and about the blank nodes below it."""
        return digest(*self._content(thing, ()))

    def _content(self, thing: Value, above: tuple[Value, ...]) -> list[str]:
        if not isinstance(thing, BlankNode):
            return [str(thing)]
        if thing in above or len(above) > 70:
            return ["_:above"]
        lines = [f"{s.predicate} {' '.join(self._content(s.object, (*above, thing)))}" for s in self.graph.about(thing)]
        return sorted(lines)

    # ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────

    def label(self, thing: Value) -> str:
        """What a node is called in the graph; empty where it has no name."""
        return self.graph.text(thing, *LABELS)

    def follow(self, thing: Value) -> None:
        """Puts a node that the graph describes on the list of those to be written."""
        if not isinstance(thing, Literal) and thing not in self.met and self.graph.describes(thing):
            self.met.add(thing)
            self.queue.append(thing)

    def spend(self, thing: Value, *done: Rule) -> None:
        """Enters the statements about a node, and below it, as published by other means."""
        waiting: list[Value] = [thing]
        while waiting:
            one = waiting.pop()
            if isinstance(one, Literal) or one in self.met:
                continue
            self.met.add(one)
            for s in self.graph.about(one):
                self.account.repaired(s, *(done or (rules.VOCABULARY,)))
                if isinstance(s.object, BlankNode):
                    waiting.append(s.object)


def digest(*parts: str) -> str:
    """Twelve hexadecimal digits that stand for these texts."""
    return hashlib.sha1("\x00".join(parts).encode(), usedforsecurity=False).hexdigest()[:12]


def first(values: Iterable[Value], cls: type) -> Value | None:
    """The first value of a class of terms."""
    return next((v for v in values if isinstance(v, cls)), None)
