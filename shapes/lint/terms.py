"""Terms: names that SHACL does not have, its names in another namespace, and parts of SHACL that are not checked."""

from __future__ import annotations

import re
from collections.abc import Callable

from pyoxigraph import NamedNode

from shapes.lint.remark import Check, Remark, Remarks
from shapes.lint.subject import Subject
from shapes.literals import has_forms
from shapes.text import Term, Text
from vocab.namespaces import RDF, SH, XSD
from vocab.shacl import nearest, terms

_ELSEWHERE = {"js": "SHACL-JS", "rule": "SHACL Advanced Features", "expression": "SHACL Advanced Features"}
"""Properties of shapes that no engine here follows, with the specification that they are from."""

_BASE = re.compile(r"^(.*\bshacl[#/])([A-Za-z]+)$")
"""An IRI that looks like a term of SHACL: where its namespace ends in `shacl#` or `shacl/`."""


def check(subject: Subject) -> Remarks:
    """Remarks on the predicates and objects of all statements."""
    for node in subject.graph.subjects():
        for predicate in subject.graph.predicates(node):
            yield from _predicate(node, predicate)
            for value in subject.graph.values(node, predicate):
                if isinstance(value, NamedNode):
                    yield from _object(node, predicate, value)


def _predicate(node: Term, predicate: NamedNode) -> Remarks:
    name = _name(predicate)
    if name in _ELSEWHERE:
        part = _ELSEWHERE[name]
        yield Remark(
            Check.NOT_CHECKED,
            node,
            Text(
                f"sh:{name} est de {part}, non de SHACL Core ni de SHACL-SPARQL\u00a0: rien n’en est vérifié.",
                f"sh:{name} is part of {part}, neither of SHACL Core nor of SHACL-SPARQL: it is not checked.",
            ),
            predicate,
        )
    elif name and (name not in terms() or terms()[name].kind != "property"):
        yield Remark(Check.UNKNOWN_TERM, node, _unknown(name, "property"), predicate)
    elif misplaced := _misplaced(predicate, lambda term: terms()[term].kind == "property"):
        yield Remark(Check.OTHER_NAMESPACE, node, misplaced, predicate)


def _object(node: Term, predicate: NamedNode, value: NamedNode) -> Remarks:
    name = _name(value)
    if name and name not in terms():
        kinds = ("class",) if predicate == RDF.type else ("individual", "class", "property")
        yield Remark(Check.UNKNOWN_TERM, node, _unknown(name, *kinds), predicate, value)
    elif misplaced := _misplaced(value, lambda term: terms()[term].kind != "property"):
        yield Remark(Check.OTHER_NAMESPACE, node, misplaced, predicate, value)


def _name(iri: NamedNode) -> str:
    """The local name of an IRI in SHACL's namespace; empty for every other."""
    return iri.value[len(SH.base) :] if iri.value.startswith(SH.base) else ""


def _unknown(name: str, *kinds: str) -> Text:
    near = nearest(name, *kinds)
    if "property" not in kinds[:1] and has_forms(str(XSD[name])):
        return Text(
            f"sh:{name} n’est pas un terme de SHACL\u00a0: il n’est pas suivi. Sans doute xsd:{name}.",
            f"sh:{name} is no term of SHACL: it is not followed. Probably xsd:{name}.",
        )
    fr, en = (f" Le plus proche\u00a0: sh:{near}.", f" The nearest: sh:{near}.") if near else ("", "")
    if name in terms():
        return Text(
            f"sh:{name} est bien de SHACL, mais n’est pas une propriété\u00a0: rien n’en est suivi.{fr}",
            f"sh:{name} is of SHACL, and no property: it is not followed.{en}",
        )
    return Text(
        f"sh:{name} n’est pas un terme de SHACL\u00a0: il n’est pas suivi.{fr}",
        f"sh:{name} is no term of SHACL: it is not followed.{en}",
    )


def _misplaced(iri: NamedNode, fits: Callable[[str], bool]) -> Text | None:
    found = _BASE.match(iri.value)
    if found is None or found[1] == SH.base or found[2] not in terms() or not fits(found[2]):
        return None
    return Text(
        f"<{iri.value}> n’est pas dans l’espace de noms de SHACL, <{SH.base}>\u00a0: il n’est pas suivi. "
        f"Sans doute sh:{found[2]}.",
        f"<{iri.value}> is not in SHACL's namespace, <{SH.base}>: it is not followed. Probably sh:{found[2]}.",
    )
