"""Rule: the patterns of an EXISTS are asked one inside the other, each from what is known by then.

The engine orders the join inside an EXISTS without the binding that comes from outside, and evaluates it anew for each
solution: with three patterns or more it does not end. There is a solution of `A . B` exactly when there is one of `A`
for which there is one of `B` (18.6: the group is evaluated after substitution), so

    EXISTS { A . B . rest }   becomes   EXISTS { A FILTER EXISTS { B FILTER EXISTS { rest } } }

where the next pattern is always one that the last has bound, and `p|q` becomes two EXISTS joined by `||`. It holds
where `rest` cannot tell a variable that is bound from outside from one that is bound beside it
(`catalog.rewriting.scope`).
"""

from __future__ import annotations

from catalog.rewriting import walk
from catalog.rewriting.paths import Fresh, expanded
from catalog.rewriting.scope import plain
from catalog.rewriting.tokens import NotUnderstood, Token
from catalog.rewriting.tree import (
    Element,
    Exists,
    Expression,
    Filter,
    Group,
    Optional,
    Query,
    Triple,
    Union,
    variables,
)

ALTERNATIVES = 8
"""Branches that one EXISTS may become."""


def apply(query: Query) -> Query:
    """The query with every EXISTS nested that can be."""
    fresh = Fresh()

    def change(found: Exists, around: frozenset[str]) -> tuple[Token | Exists, ...]:
        try:
            return _nested(found, around, fresh)
        except NotUnderstood:
            return (found,)

    return walk.exists(query, change)


def _nested(found: Exists, around: frozenset[str], fresh: Fresh) -> tuple[Token | Exists, ...]:
    triples = [e for e in found.group.elements if isinstance(e, Triple)]
    rest = tuple(e for e in found.group.elements if not isinstance(e, Triple))
    branches: list[tuple[Triple, ...]] = [()]
    for triple in triples:
        branches = [(*branch, *way) for branch in branches for way in expanded(triple, fresh)]
    if len(branches) > ALTERNATIVES or not _allowed(found.group, variables(tuple(triples))):
        raise NotUnderstood("EXISTS")
    if len(branches) == 1 and len(branches[0]) < 2 and not _searches(rest):
        return (found,)
    ways = [Exists(found.negated, _chain(list(branch), rest, around)) for branch in branches]
    if len(ways) == 1:
        return (ways[0],)
    sign = Token("sign", "&&" if found.negated else "||")
    joined: list[Token | Exists] = [Token("sign", "(")]
    for way in ways:
        joined += [way, sign]
    return (*joined[:-1], Token("sign", ")"))


def _searches(rest: tuple[Element, ...]) -> bool:
    return any(not isinstance(e, Filter) for e in rest)


def _chain(triples: list[Triple], rest: tuple[Element, ...], bound: frozenset[str]) -> Group:
    if not triples:
        return Group(rest)
    first = min(triples, key=lambda t: _cost(t, bound))
    left = [t for t in triples if t is not first]
    if not left and not _searches(rest):
        return Group((first, *rest))
    inner = Exists(False, _chain(left, rest, bound | variables(first)))
    return Group((first, Filter(Expression((inner,)))))


def _cost(triple: Triple, bound: frozenset[str]) -> int:
    """How much there is to look at, in no unit: what is found from a bound subject first, what starts anew last."""
    unbound = variables(triple) - bound
    repeated = 3 if len(triple.predicate) > 1 else 0
    if not unbound:
        return repeated
    free = triple.predicate[0].kind == "variable" and triple.predicate[0].text[1:] in unbound
    if _known(triple.subject, unbound) and triple.subject.kind == "variable":
        return 1 + repeated + free
    if _known(triple.object, unbound) and triple.object.kind == "variable":
        return 2 + repeated + free
    if _known(triple.subject, unbound):
        return 4 + repeated
    return (6 if _known(triple.object, unbound) else 8) + repeated


def _known(term: Token, unbound: frozenset[str]) -> bool:
    return term.kind != "variable" or term.text[1:] not in unbound


def _allowed(group: Group, own: frozenset[str]) -> bool:
    """Whether the group is triples, then filters, unions of plain groups, and optional plain groups, in this order."""
    ended = False
    for element in group.elements:
        if isinstance(element, Triple):
            if ended:
                return False
        elif isinstance(element, Optional):
            ended = True
            if not all(plain(e, own) for e in element.group.elements):
                return False
        elif isinstance(element, Union):
            ended = True
            if not plain(element, own):
                return False
        elif not isinstance(element, Filter):
            return False
    return True
