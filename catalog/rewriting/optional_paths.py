"""Rule: `?x p? ?y` becomes the union of `?y = ?x` and `?x p ?y`, when one of the two is bound by the triples beside it.

The engine evaluates a path with `?` anew for each row. Its solutions are a set (18.4, ZeroOrOnePath): the pair of the
node with itself, and the pairs of `p`, so those of `p` that are such a pair are left out, and `p` must not give one
pair twice: it is one predicate, forward or inverse.
"""

from __future__ import annotations

from catalog.rewriting import walk
from catalog.rewriting.paths import Fresh, Path, path_of
from catalog.rewriting.tokens import NotUnderstood, Token
from catalog.rewriting.tree import Bind, Element, Expression, Filter, Group, Query, Triple, Union, variables


def apply(query: Query) -> Query:
    """The query with such paths taken apart."""
    fresh = Fresh()

    def change(group: Group) -> Group:
        try:
            return _split(group, fresh)
        except NotUnderstood:
            return group

    return walk.groups(query, change)


def _split(group: Group, fresh: Fresh) -> Group:
    triples = [e for e in group.elements if isinstance(e, Triple)]
    if not any(t.is_("?") for triple in triples for t in triple.predicate):
        return group
    if len(triples) != len(group.elements):
        raise NotUnderstood("a group with more than triples")
    steps = [step for triple in triples for step in _steps(triple, fresh)]
    optional = [s for s in steps if s[1].kind == "?"]
    if len(optional) != 1:
        raise NotUnderstood("several optional paths")
    subject, path, target = optional[0]
    rest = tuple(_triple(s) for s in steps if s is not optional[0])
    inner = path.parts[0]
    backward = inner.kind == "inverse"
    leaf = inner.parts[0] if backward else inner
    if leaf.kind != "leaf" or subject.kind != "variable" or target.kind != "variable" or subject == target:
        raise NotUnderstood("optional path")
    forth = (target, subject) if backward else (subject, target)
    pattern = Triple(forth[0], leaf.tokens, forth[1])
    return Group((Union((_same(rest, subject, target), Group((*rest, pattern, _differ(subject, target))))),))


def _same(rest: tuple[Triple, ...], subject: Token, target: Token) -> Group:
    """The branch of the path of no length: one end is another name of the other, which is bound by then."""
    for known, new in ((subject, target), (target, subject)):
        first = tuple(t for t in rest if new not in {t.subject, t.object, *t.predicate})
        then: tuple[Element, ...] = tuple(t for t in rest if t not in first)
        if known.text[1:] in variables(first):
            return Group((*first, Bind(Expression((known,)), new), *then))
    raise NotUnderstood("neither end is bound by then")


def _differ(subject: Token, target: Token) -> Filter:
    signs = [Token("sign", s) for s in ("(", "!", "(", ",", ")", ")")]
    call = (signs[0], signs[1], Token("word", "sameTerm"), signs[2], subject, signs[3], target, signs[4], signs[5])
    return Filter(Expression(call))


def _steps(triple: Triple, fresh: Fresh) -> list[tuple[Token, Path, Token]]:
    """The triple as its sequence of steps, turned so that none is an inverse."""
    path = path_of(triple.predicate)
    parts = path.parts if path.kind == "sequence" else (path,)
    found = []
    subject = triple.subject
    for n, part in enumerate(parts):
        target = triple.object if n == len(parts) - 1 else fresh.variable()
        if part.kind == "inverse":
            if target.kind not in {"variable", "iri", "name"}:
                raise NotUnderstood("a literal as subject")
            found.append((target, part.parts[0], subject))
        elif part.kind in {"leaf", "?", "*", "+"}:
            found.append((subject, part, target))
        else:
            raise NotUnderstood(part.kind)
        subject = target
    return found


def _triple(step: tuple[Token, Path, Token]) -> Triple:
    return Triple(step[0], step[1].tokens, step[2])
