"""Rule: the number of matches of one pattern is known from the statistics of the release.

`SELECT (COUNT(*) AS ?n) { ?s <p> ?o }` and its like are what federated engines ask first. The statistics are exact for
the default graph of a release (`catalog.statistics`), and a triple is in a graph once, so

    { ?s ?p ?o }   has as many solutions as there are triples, subjects and objects with DISTINCT
    { ?s <p> ?o }  the triples of the property's partition, its subjects and objects with DISTINCT
    { ?s a <C> }   the entities of the class's partition, with DISTINCT or not

It holds for two variables, or three, that differ; the engine is given the number as VALUES, and types it as its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from catalog.rewriting.tokens import NotUnderstood, Token
from catalog.rewriting.tree import Group, Projected, Query, Triple, Values
from catalog.statistics import Statistics
from vocab.namespaces import RDF

_STAR = "*"


def apply(query: Query, known: Statistics) -> Query:
    """The query with its number in the place of its pattern, or as it was."""
    try:
        number = _number(query, known)
    except NotUnderstood:
        return query
    (item,) = query.projection or ()
    data = [Token("sign", "{"), Token("number", str(number)), Token("sign", "}")]
    where = Group((Values((item.variable, *data)),))
    return replace(query, where=where, projection=(Projected(item.variable),))


def _number(query: Query, known: Statistics) -> int:
    more = (query.dataset, query.group_by, query.having, query.values, query.limit is not None, query.offset)
    elements = query.where.elements
    if query.form != "SELECT" or any(more) or len(query.projection or ()) != 1 or len(elements) != 1:
        raise NotUnderstood("more than a count")
    counted, distinct = _counted(query)
    triple = elements[0]
    if not isinstance(triple, Triple) or len(triple.predicate) != 1:
        raise NotUnderstood("more than a pattern")
    return _matches(triple, counted, distinct, prefixes_of(query), known)


def prefixes_of(query: Query) -> Mapping[str, str]:
    """The prefixes that a query declares, each with its colon, and their IRIs in brackets."""
    return {name.text: iri.text for name, iri in zip(query.prologue[1::3], query.prologue[2::3], strict=False)}


def _counted(query: Query) -> tuple[str, bool]:
    """What COUNT counts, a variable's name or a star, and whether it counts each once."""
    item = (query.projection or ())[0]
    parts = item.expression.parts if item.expression is not None else ()
    tokens = [part for part in parts if isinstance(part, Token)]
    shape = [token.text.upper() for token in tokens]
    distinct = len(tokens) == 5 and shape[2] == "DISTINCT"
    if len(tokens) != len(parts) or len(tokens) != 4 + distinct or shape[:2] != ["COUNT", "("] or shape[-1] != ")":
        raise NotUnderstood("not a count")
    what = tokens[2 + distinct]
    if what.kind != "variable" and not what.is_(_STAR):
        raise NotUnderstood("a count of an expression")
    return what.text[what.kind == "variable" :], distinct


def _matches(triple: Triple, counted: str, distinct: bool, prefixes: Mapping[str, str], known: Statistics) -> int:
    subject, predicate, target = _name(triple.subject), _name(triple.predicate[0]), _name(triple.object)
    names = [name for name in (subject, predicate, target) if name]
    if not subject or len(set(names)) != len(names) or (counted != _STAR and counted not in names):
        raise NotUnderstood("not a plain pattern")
    each = distinct and counted != _STAR
    if predicate and target:
        by_name = {subject: known.subjects, predicate: len(known.properties), target: known.objects}
        return by_name[counted] if each else known.triples
    if predicate:
        raise NotUnderstood("a variable predicate with an object")
    iri = iri_of(triple.predicate[0], prefixes)
    if target:
        partition = known.properties.get(iri)
        if partition is None:
            return 0
        return {subject: partition.subjects, target: partition.objects}[counted] if each else partition.triples
    if iri != RDF.type.value:
        raise NotUnderstood("an object other than a class")
    return known.classes.get(iri_of(triple.object, prefixes), 0)


def _name(token: Token) -> str:
    return token.text[1:] if token.kind == "variable" else ""


def iri_of(token: Token, prefixes: Mapping[str, str]) -> str:
    """The IRI that a token stands for; raises `NotUnderstood` for one with escapes."""
    if token.is_("A") and token.text == "a":
        return str(RDF.type.value)
    if token.kind == "iri" and "\\" not in token.text:
        return token.text[1:-1]
    prefix, _, local = token.text.partition(":")
    found = prefixes.get(prefix + ":")
    if token.kind != "name" or found is None or "\\" in token.text + found:
        raise NotUnderstood(token.text)
    return found[1:-1] + local
