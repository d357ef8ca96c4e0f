"""Contradictions: constraints on the same values that no value can meet together.

What is judged together is a `_Group`: a shape with the node shapes that it applies to the same values (`sh:node`,
`sh:and`), and for a property shape its siblings with the same path.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from pyoxigraph import Literal, NamedNode

from shapes import literals, patterns
from shapes.components import ValueConstraint
from shapes.components.values import (
    DatatypeConstraint,
    LanguageInConstraint,
    LengthConstraint,
    NodeKindConstraint,
    PatternConstraint,
    RangeConstraint,
)
from shapes.graph import Graph, World
from shapes.lint.remark import Check, Remark, Remarks
from shapes.lint.subject import Subject
from shapes.plan import KINDS
from shapes.run import Run
from shapes.text import Term, Text, curie, shown
from vocab.namespaces import RDF, SH, SKOS
from vocab.terms import SCHEMES, table

_ON_VALUES = (
    DatatypeConstraint,
    LanguageInConstraint,
    LengthConstraint,
    NodeKindConstraint,
    PatternConstraint,
    RangeConstraint,
)
"""The constraints that need nothing but the value itself."""

_ANY = '<"_'
_KINDS_OF = {
    SH.datatype: '"',
    SH.languageIn: '"',
    SH["class"]: "<_",
    SH.pattern: '<"',
    SH.minInclusive: '"',
    SH.maxInclusive: '"',
    SH.minExclusive: '"',
    SH.maxExclusive: '"',
}
"""The kinds of nodes (first characters in N-Triples) that can meet a constraint at all."""

_BOUNDS = (
    (SH.minCount, SH.maxCount, False),
    (SH.minLength, SH.maxLength, False),
    (SH.minInclusive, SH.maxInclusive, False),
    (SH.minInclusive, SH.maxExclusive, True),
    (SH.minExclusive, SH.maxInclusive, True),
    (SH.minExclusive, SH.maxExclusive, True),
)
"""A lower bound, an upper one, and whether they must differ."""

_MOST = 5
"""Values that a remark names."""


def check(subject: Subject) -> Remarks:
    """Remarks on constraints that contradict each other, and on costly patterns."""
    groups = {
        frozenset(group.members): group for beside in _beside(subject) if (group := _Group(subject, beside)).members
    }
    told: dict[Text, list[frozenset[Term]]] = defaultdict(list)
    for members, group in sorted(groups.items(), key=lambda one: len(one[0])):
        for remark in (*_bounds(group), *_types(group), *_constants(group), *_known_terms(group)):
            if not any(fewer <= members for fewer in told[remark.text]):  # else the shapes of fewer say it already
                told[remark.text].append(members)
                yield remark
    yield from _costly(subject)


def _beside(subject: Subject) -> Iterator[list[Term]]:
    """The property shapes of each shape by path, and every other shape alone."""
    told: set[Term] = set()
    for node in subject.shapes:
        by_path: dict[Term, list[Term]] = defaultdict(list)
        for one in subject.graph.values(node, SH.property):
            path = subject.graph.value(one, SH.path)
            by_path[path if isinstance(path, NamedNode) else one].append(one)
        told.update(one for alike in by_path.values() for one in alike)
        yield from by_path.values()
    yield from ([node] for node in subject.shapes if node not in told)


class _Group:
    """The shapes whose constraints all hold for the same values: `beside` each other, and what they apply to those."""

    def __init__(self, subject: Subject, beside: list[Term]) -> None:
        self.subject = subject
        self.graph = subject.graph
        self.node = beside[0]
        self.members = self._members([one for one in beside if not self.graph.is_true(one, SH.deactivated)])

    def _members(self, beside: list[Term]) -> list[Term]:
        found = dict.fromkeys(beside)
        level = list(found)
        while level:
            applied = [one for node in level for one in self._applied(node)]
            level = [one for one in dict.fromkeys(applied) if one not in found]
            found.update(dict.fromkeys(level))
        return list(found)

    def _applied(self, node: Term) -> Iterator[Term]:
        lists = (self.graph.items(value) for value in self.graph.values(node, SH["and"]))
        for one in (*self.graph.values(node, SH.node), *(one for members in lists for one in members)):
            inert = isinstance(one, Literal) or self.graph.is_true(one, SH.deactivated)
            if not inert and not self.graph.values(one, SH.path):
                yield one

    def given(self, predicate: NamedNode) -> list[tuple[Term, Term]]:
        """(shape, value) for each value that a member gives to a parameter, each value once."""
        found = {value: node for node in reversed(self.members) for value in self.graph.values(node, predicate)}
        return [(node, value) for value, node in found.items()]

    def constraints(self) -> Iterator[ValueConstraint]:
        """The members' constraints that need nothing but the value."""
        for node in self.members:
            for one in self.subject.plan.shape(node).constraints:
                if isinstance(one, _ON_VALUES):
                    yield one

    def remark(self, text: Text, predicate: NamedNode | None = None, node: Term | None = None) -> Remark:
        return Remark(Check.CONTRADICTION, self.node if node is None else node, text, predicate)


def _bounds(group: _Group) -> Remarks:
    pairs = [
        (low, high, differ, least, most)
        for low, high, differ in _BOUNDS
        for _, least in group.given(low)
        for _, most in group.given(high)
    ]
    pairs += [  # of one shape: another one may count other values of the same path
        (SH.qualifiedMinCount, SH.qualifiedMaxCount, False, least, most)
        for node in group.members
        for least in group.graph.values(node, SH.qualifiedMinCount)
        for most in group.graph.values(node, SH.qualifiedMaxCount)
    ]
    for low, high, differ, least, most in pairs:
        if literals.before(literals.value(str(most)), literals.value(str(least)), or_equal=differ):
            told = f"sh:{_local(low)} {_bare(least)}", f"sh:{_local(high)} {_bare(most)}"
            text = Text(
                f"{told[0]} et {told[1]} s’excluent\u00a0: rien ne peut satisfaire les deux.",
                f"{told[0]} and {told[1]} exclude each other: nothing can meet both.",
            )
            yield group.remark(text, low)


def _types(group: _Group) -> Remarks:
    """Kinds of nodes and datatypes that have nothing in common."""
    told: list[str] = []
    kinds = set(_ANY)
    for predicate in (SH.nodeKind, *_KINDS_OF):
        for _, value in group.given(predicate):
            admitted = KINDS.get(value, _ANY) if predicate == SH.nodeKind else _KINDS_OF[predicate]
            if not kinds.issubset(admitted):
                kinds &= set(admitted)
                told.append(_written(predicate, value))
    datatypes = [value for _, value in group.given(SH.datatype)]
    if kinds and (len(datatypes) > 1 or (datatypes and datatypes[0] != RDF.langString and group.given(SH.languageIn))):
        told = [_written(SH.datatype, value) for value in datatypes]
        told += ["sh:languageIn"] if group.given(SH.languageIn) else []
        kinds = set()
    if not kinds:
        text = Text(
            f"{', '.join(told)} s’excluent\u00a0: aucune valeur ne peut satisfaire le tout.",
            f"{', '.join(told)} exclude each other: no value can meet all of them.",
        )
        yield group.remark(text)


def _constants(group: _Group) -> Remarks:
    """Values that `sh:in` and `sh:hasValue` name, and that the other constraints refuse."""
    wanted = group.given(SH.hasValue)
    lists = [(node, group.graph.items(value)) for node, value in group.given(SH["in"])]
    for constraint in group.constraints():
        for node, members in lists:
            bad = _refused(constraint, members)
            if bad:
                yield group.remark(_refusal("in", constraint, bad, len(bad) == len(set(members))), SH["in"], node)
        for node, value in wanted:
            if group.graph.values(node, SH.path) and _refused(constraint, [value]):
                yield group.remark(_refusal("hasValue", constraint, [value], True), SH.hasValue, node)
    for _, members in lists:
        for node, value in wanted:
            if value not in members:
                told = shown(value)
                text = Text(
                    f"sh:hasValue demande {told.fr}, que la liste de sh:in n’admet pas.",
                    f"sh:hasValue asks for {told.en}, which the list of sh:in does not admit.",
                )
                yield group.remark(text, SH.hasValue, node)


def _refusal(name: str, constraint: ValueConstraint, bad: Sequence[Term], whole: bool) -> Text:
    parameter = f"sh:{constraint.component[0].lower()}{constraint.component[1:]}"
    parameter += f" {constraint.pattern}" if isinstance(constraint, PatternConstraint) else ""
    fr, en = (", ".join(words) for words in zip(*(shown(one) for one in bad[:_MOST]), strict=True))
    if len(bad) > _MOST:
        fr, en = f"{fr}, et {len(bad) - _MOST} de plus", f"{en}, and {len(bad) - _MOST} more"
    if whole:
        return Text(
            f"{parameter} refuse tout ce que sh:{name} admet\u00a0: {fr}.",
            f"{parameter} refuses all that sh:{name} admits: {en}.",
        )
    return Text(
        f"{parameter} refuse une partie de ce que sh:{name} admet\u00a0: {fr}.",
        f"{parameter} refuses part of what sh:{name} admits: {en}.",
    )


def _refused(constraint: ValueConstraint, values: Iterable[Term]) -> list[Term]:
    by_spelling = {str(value): value for value in values}
    if not by_spelling:
        return []
    run = Run(World(Graph(), Graph()))
    refused = set(constraint.refused(run, set(by_spelling)))
    return [value for spelling, value in by_spelling.items() if spelling in refused]


def _known_terms(group: _Group) -> Remarks:
    """A pattern that no term of the class or list beside it has, of the terms that are known."""
    for constraint in group.constraints():
        if isinstance(constraint, PatternConstraint):
            for named in _named(group):
                known = _known(named)
                if known and len(_refused(constraint, known)) == len(known):
                    told = curie(named.value)
                    text = Text(
                        f"le motif {constraint.pattern} refuse tout ce que l’on connaît de {told}, par exemple "
                        f"<{known[0].value}>\u00a0: aucune valeur ne peut satisfaire les deux.",
                        f"the pattern {constraint.pattern} refuses all that is known of {told}, such as "
                        f"<{known[0].value}>: no value can meet both.",
                    )
                    yield group.remark(text, SH.pattern)


def _named(group: _Group) -> Iterator[NamedNode]:
    """The class that the values must have, and the lists that they must be in."""
    for _, value in group.given(SH["class"]):
        if isinstance(value, NamedNode):
            yield value
    for member in group.members:
        for nested in group.graph.values(member, SH.property):
            if SKOS.inScheme in group.graph.values(nested, SH.path):
                yield from (v for v in group.graph.values(nested, SH.hasValue) if isinstance(v, NamedNode))


def _known(named: NamedNode) -> tuple[NamedNode, ...]:
    """The controlled terms of a list; SPDX's class of algorithms goes for the list of them."""
    for name, scheme in SCHEMES.items():
        if named.value == scheme.iri:
            return tuple(NamedNode(one.iri) for one in table(name))
    return ()


def _costly(subject: Subject) -> Remarks:
    """Patterns that cannot be decided in linear time, so that the time they may take is limited."""
    for node in subject.shapes:
        flags = subject.graph.value(node, SH.flags)
        options = flags.value if isinstance(flags, Literal) else ""
        for value in subject.graph.values(node, SH.pattern):
            if isinstance(value, Literal) and _is_costly(value.value, options):
                text = Text(
                    f"le motif {value.value} n’est pas de ceux que SPARQL connaît (il regarde autour de lui ou en "
                    f"arrière)\u00a0: il est suivi, au plus {patterns.SECONDS:g} s par question\u00a0; d’autres "
                    "moteurs peuvent le refuser.",
                    f"the pattern {value.value} is none that SPARQL knows (it looks around or back): it is followed, "
                    f"for at most {patterns.SECONDS:g} s a question; other engines may refuse it.",
                )
                yield Remark(Check.PATTERN, node, text, SH.pattern, value)


def _is_costly(pattern: str, flags: str) -> bool:
    if patterns.linear(pattern, flags):
        return False
    try:
        patterns.check(pattern, flags)
    except patterns.Broken:
        return False  # which the plan tells
    return True


def _local(predicate: NamedNode) -> str:
    return predicate.value[len(SH.base) :]


def _bare(value: Term) -> str:
    return value.value if isinstance(value, Literal) else str(value)


def _written(predicate: NamedNode, value: Term) -> str:
    return f"sh:{_local(predicate)} {curie(value.value) if isinstance(value, NamedNode) else _bare(value)}"
