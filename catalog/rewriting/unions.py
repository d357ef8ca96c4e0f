"""Rule: what stands before a UNION is joined within each of its branches.

The engine evaluates both branches whole before it joins them with the patterns before. A join distributes over a union
of bags (18.5): `X { A } UNION { B }` is `{ X A } UNION { X B }`. Each branch is then ordered as one join. It is done
where they are closed (`catalog.rewriting.scope`): there the filters of a branch may become filters of the whole.
"""

from __future__ import annotations

from catalog.rewriting import walk
from catalog.rewriting.scope import closed
from catalog.rewriting.tree import Element, Group, InGraph, Query, Triple, Union, Values, variables

BRANCHES = 4
"""A union of more branches is left alone: what stands before would be asked as often."""


def apply(query: Query) -> Query:
    """The query with its unions distributed."""
    return walk.groups(query, _distributed)


def _distributed(group: Group) -> Group:
    before: list[Element] = []
    for at, element in enumerate(group.elements):
        if isinstance(element, Triple | InGraph | Values):
            before.append(element)
            continue
        if isinstance(element, Union) and _worth(before, element):
            branches = tuple(Group((*before, *branch.elements)) for branch in element.groups)
            return Group((Union(branches), *group.elements[at + 1 :]))
        break
    return group


def _worth(before: list[Element], union: Union) -> bool:
    if not 1 < len(union.groups) <= BRANCHES or not any(isinstance(e, Triple) for e in before):
        return False
    known = variables(tuple(before))
    return all(known & variables(branch) and closed(branch, known) for branch in union.groups)
