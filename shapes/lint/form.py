"""Form: what SHACL's syntax rules (its appendix A) ask of the values that shapes give to its properties."""

from __future__ import annotations

import re
from collections.abc import Callable

from pyoxigraph import BlankNode, Literal, NamedNode

from shapes.lint.remark import Check, Remark, Remarks
from shapes.lint.subject import Subject
from shapes.text import Term, Text, shown
from vocab.namespaces import RDF, RDFS, SH, XSD
from vocab.shacl import ShaclTerm, terms

_SEVERAL = frozenset(
    (
        *("and", "or", "xone", "not", "node", "property", "class", "hasValue", "sparql", "js", "expression", "rule"),
        *("equals", "disjoint", "lessThan", "lessThanOrEquals", "message", "name", "description"),
        *("targetClass", "targetNode", "targetObjectsOf", "targetSubjectsOf", "target"),
    )
)
"""Properties that a shape may give several values; of every other it has one at most."""

_ON_PROPERTIES = (
    *("lessThan", "lessThanOrEquals", "maxCount", "minCount", "uniqueLang"),
    *("qualifiedMaxCount", "qualifiedMinCount", "qualifiedValueShape", "qualifiedValueShapesDisjoint"),
)
"""Parameters that count or compare the values of a path; a node shape has none."""

_FLAGS = re.compile(r"[smixq]*")


def check(subject: Subject) -> Remarks:
    """Remarks on the shapes that are not well-formed."""
    for node in subject.shapes:
        yield from _kind(subject, node)
        for predicate in subject.graph.predicates(node):
            term = terms().get(predicate.value[len(SH.base) :]) if predicate.value.startswith(SH.base) else None
            if term is not None and term.kind == "property":
                yield from _values(subject, node, predicate, term)
    yield from _lists(subject)


def _kind(subject: Subject, node: Term) -> Remarks:
    """A property shape has a path, a node shape has none (sections 2.2 and 2.3)."""
    graph = subject.graph
    types, paths = graph.values(node, RDF.type), graph.values(node, SH.path)
    if SH.NodeShape in types and paths:
        text = Text(
            "elle est dite sh:NodeShape, et elle a un chemin (sh:path).",
            "it is said to be a sh:NodeShape, and has a path (sh:path).",
        )
        yield Remark(Check.ILL_FORMED, node, text, SH.path)
    if paths and graph.subjects_of(SH.node, node):
        text = Text(
            "sh:node s’y réfère, et elle a un chemin\u00a0: sh:node demande une forme sans chemin, et sh:property une "
            "forme qui en a un.",
            "sh:node refers to it, and it has a path: sh:node takes a shape without one, sh:property one that has it.",
        )
        yield Remark(Check.ILL_FORMED, node, text, SH.path)
    if SH.PropertyShape in types and not paths:
        text = Text("elle est dite sh:PropertyShape, et n’a pas de chemin.", "it is a sh:PropertyShape without a path.")
        yield Remark(Check.ILL_FORMED, node, text)
    if not paths and SH.PropertyShape not in types and not graph.subjects_of(SH.property, node):
        for name in _ON_PROPERTIES:
            if graph.values(node, SH[name]):
                text = Text(
                    f"sh:{name} demande un chemin (sh:path), et la forme n’en a pas.",
                    f"sh:{name} needs a path (sh:path), and the shape has none.",
                )
                yield Remark(Check.ILL_FORMED, node, text, SH[name])


def _values(subject: Subject, node: Term, predicate: NamedNode, term: ShaclTerm) -> Remarks:
    values = subject.graph.values(node, predicate)
    if len(set(values)) > 1 and term.name not in _SEVERAL and term.domain in _OF_SHAPES:
        told = ", ".join(shown(one).fr for one in values), ", ".join(shown(one).en for one in values)
        text = Text(
            f"sh:{term.name} a plusieurs valeurs, et SHACL n’en admet qu’une\u00a0: {told[0]}.",
            f"sh:{term.name} has several values, and SHACL allows one only: {told[1]}.",
        )
        yield Remark(Check.ILL_FORMED, node, text, predicate)
    expected = _EXPECTED.get(term.name) or _RANGES.get(term.range)
    for value in values:
        if expected is not None and not expected[0](value):
            told = shown(value)
            text = Text(
                f"la valeur de sh:{term.name} doit être {expected[1].fr}, et c’est {told.fr}.",
                f"the value of sh:{term.name} must be {expected[1].en}, and it is {told.en}.",
            )
            yield Remark(Check.ILL_FORMED, node, text, predicate, value)


_OF_SHAPES = ("", "sh:Shape", "sh:PropertyShape")
"""Domains of the properties of shapes, as SHACL's vocabulary states them."""

_Expected = tuple[Callable[[Term], bool], Text]


def _literal(*datatypes: NamedNode) -> Callable[[Term], bool]:
    return lambda value: isinstance(value, Literal) and value.datatype in datatypes


def _truth(value: Term) -> bool:
    return isinstance(value, Literal) and value.datatype == XSD.boolean and value.value in {"true", "false", "1", "0"}


def _number(value: Term) -> bool:
    return (
        isinstance(value, Literal)
        and value.datatype == XSD.integer
        and re.fullmatch(r"[+-]?[0-9]+", value.value) is not None
    )


def _is_iri(value: Term) -> bool:
    return isinstance(value, NamedNode)


def _is_node(value: Term) -> bool:
    return not isinstance(value, Literal)


def _is_flags(value: Term) -> bool:
    return _literal(XSD.string)(value) and _FLAGS.fullmatch(value.value) is not None


_IRI = _is_iri, Text("un IRI", "an IRI")
_TEXT = _literal(XSD.string, RDF.langString), Text("un texte", "a text")
_SHAPE = _is_node, Text("une forme (un IRI ou un nœud sans IRI)", "a shape (an IRI or a blank node)")
_RANGES: dict[str, _Expected] = {
    XSD.integer.value: (_number, Text("un entier (xsd:integer)", "an integer (xsd:integer)")),
    XSD.boolean.value: (_truth, Text("true ou false (xsd:boolean)", "true or false (xsd:boolean)")),
    XSD.string.value: (_literal(XSD.string), Text("un texte sans langue", "a text without a language")),
    RDFS.Class.value: _IRI,
    RDFS.Datatype.value: _IRI,
    RDF.Property.value: _IRI,
    "sh:Severity": _IRI,
    "sh:Shape": _SHAPE,
    "sh:NodeShape": _SHAPE,
    "sh:PropertyShape": _SHAPE,
}
"""What a value must be, by the range that SHACL's vocabulary states. Lists are looked at as a whole."""

_EXPECTED: dict[str, _Expected] = {
    "message": _TEXT,
    "name": _TEXT,
    "description": _TEXT,
    "flags": (_is_flags, Text("un texte fait des lettres s, m, i, x, q", "a text of the letters s, m, i, x, q")),
    "targetNode": (lambda value: not isinstance(value, BlankNode), Text("un IRI ou un texte", "an IRI or a literal")),
}
"""What a value must be where the vocabulary states no range, or one that says less than the specification."""


def _lists(subject: Subject) -> Remarks:
    """Lists that are none: without an end, with two members at one place, or with a member that cannot be."""
    for name, fits, fr, en in (
        ("and", _is_node, "de formes", "shapes"),
        ("or", _is_node, "de formes", "shapes"),
        ("xone", _is_node, "de formes", "shapes"),
        ("ignoredProperties", _is_iri, "d’IRI", "IRIs"),
        ("languageIn", _literal(XSD.string), "de textes sans langue", "texts without a language"),
        ("in", lambda _: True, "", ""),
    ):
        for node in subject.shapes:
            for value in subject.graph.values(node, SH[name]):
                if not _is_list(subject, value):
                    text = Text(
                        f"sh:{name} demande une liste, entre parenthèses et qui se termine\u00a0; ce n’en est pas une.",
                        f"sh:{name} needs a list, between parentheses and with an end; this is none.",
                    )
                    yield Remark(Check.ILL_FORMED, node, text, SH[name], value)
                elif bad := [one for one in subject.graph.items(value) if not fits(one)]:
                    told = shown(bad[0])
                    text = Text(
                        f"la liste de sh:{name} doit être faite {fr}, et l’on y trouve {told.fr}.",
                        f"the list of sh:{name} must be made of {en}, and {told.en} is in it.",
                    )
                    yield Remark(Check.ILL_FORMED, node, text, SH[name], value)


def _is_list(subject: Subject, value: Term) -> bool:
    """Whether an RDF list is well-formed (section 1.1)."""
    seen: set[Term] = set()
    while value != RDF.nil:
        firsts, rests = subject.graph.values(value, RDF.first), subject.graph.values(value, RDF.rest)
        if value in seen or len(firsts) != 1 or len(rests) != 1:
            return False
        seen.add(value)
        value = rests[0]
    return True
