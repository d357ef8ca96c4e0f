"""References: to shapes that are not there, shapes that nothing reaches, and shapes that come back to themselves."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

from pyoxigraph import BlankNode, Literal, NamedNode

from shapes.lint.remark import Check, Remark, Remarks
from shapes.lint.subject import TARGETS, Subject
from shapes.text import Term, Text, curie
from vocab.namespaces import OWL, RDF, RDFS, SH, XSD

_SAID = (SH.message, SH.severity, SH.deactivated)
"""What an overlay says of a shape of another file."""


def check(subject: Subject) -> Remarks:
    """Remarks on what shapes refer to, and on what refers to them."""
    yield from _dangling(subject)
    yield from _unreached(subject)
    yield from _idle(subject)
    yield from _targets(subject)
    yield from _recursion(subject)


# ── what is not there ────────────────────────────────────────────────────────────────────────────────────────────────


def _dangling(subject: Subject) -> Remarks:
    graph = subject.graph
    for node in subject.graph.subjects():
        for predicate, target in subject.references(node):
            if isinstance(target, Literal):
                continue  # ill-formed, which the plan tells
            if not graph.predicates(target):
                yield Remark(Check.DANGLING, node, _missing(target), predicate, target)
            elif predicate == SH.property and not graph.values(target, SH.path):
                text = Text(
                    f"elle se réfère à la propriété {_told(target)}, qui n’a pas de chemin (sh:path)\u00a0: laissée de "
                    "côté.",
                    f"it refers to the property shape {_told(target)}, which has no path (sh:path): left out.",
                )
                yield Remark(Check.DANGLING, node, text, predicate, target)


def _missing(target: Term) -> Text:
    if isinstance(target, BlankNode):
        return Text(
            "elle se réfère à une forme vide\u00a0: rien n’y est vérifié.",
            "it refers to an empty shape: nothing is checked there.",
        )
    return Text(
        f"elle se réfère à la forme {_told(target)}, décrite nulle part\u00a0: rien n’y est vérifié. Ajoutez-la, ou le "
        "fichier qui la contient.",
        f"it refers to the shape {_told(target)}, which is described nowhere: nothing is checked there. Add it, or the "
        "file that holds it.",
    )


def _told(node: Term) -> str:
    return f"<{node.value}>" if isinstance(node, NamedNode) else "[ ]"


# ── what is never run ────────────────────────────────────────────────────────────────────────────────────────────────


def _unreached(subject: Subject) -> Remarks:
    """Shapes without a target that no shape with one leads to; of those that hang together, the first."""
    waiting = [node for node in subject.shapes if node not in subject.reached and subject.is_shape(node)]
    referred = {value for node in subject.graph.subjects() for value in subject.led(node) if value != node}
    seen: set[Term] = set()
    for node in [*(one for one in waiting if one not in referred), *waiting]:
        if node not in seen:
            subject.spread(seen, [node])
            yield Remark(Check.NEVER_REACHED, node, _why_unreached(subject, node))
    shapes = set(subject.shapes)
    for node in subject.graph.subjects():
        if isinstance(node, NamedNode) and node not in shapes and _is_overlay(subject, node):
            text = Text(
                "elle complète une forme d’un autre fichier\u00a0: seule, elle ne vérifie rien. Donnez les deux "
                "fichiers ensemble.",
                "it adds to a shape of another file: by itself it checks nothing. Give both files together.",
            )
            yield Remark(Check.OVERLAY, node, text)


def _why_unreached(subject: Subject, node: Term) -> Text:
    if OWL.Class in subject.graph.values(node, RDF.type):
        return Text(
            "elle n’a pas de cible, et aucune forme ne s’y réfère\u00a0: elle ne sert jamais. Une classe n’est sa "
            "propre cible que si elle est dite rdfs:Class\u00a0; owl:Class ne suffit pas.",
            "it has no target, and no shape refers to it: it is never used. A class is a target by itself only where "
            "it is said to be a rdfs:Class; owl:Class is not enough.",
        )
    return Text(
        "elle n’a pas de cible, et aucune forme ne s’y réfère\u00a0: elle ne sert jamais.",
        "it has no target, and no shape refers to it: it is never used.",
    )


def _is_overlay(subject: Subject, node: NamedNode) -> bool:
    said = set(subject.graph.predicates(node))
    other = {SH.select, SH.ask, SH.construct, SH.parameter}
    types = subject.graph.values(node, RDF.type)
    return bool(said.intersection(_SAID)) and not said & other and SH.SPARQLConstraint not in types


def _idle(subject: Subject) -> Remarks:
    """Shapes that are switched off, and those that say what to report and never what to check."""
    graph = subject.graph
    for node in subject.shapes:
        said = set(graph.predicates(node))
        if not said:
            continue
        if graph.is_true(node, SH.deactivated):
            text = Text("elle est désactivée\u00a0: rien n’en est vérifié.", "it is deactivated: nothing is checked.")
            yield Remark(Check.DEACTIVATED, node, text, SH.deactivated)
        elif not said & subject.parameters and _means_to_report(subject, node, said):
            text = Text(
                "elle n’a aucune contrainte\u00a0: elle ne signale jamais rien.",
                "it has no constraint: it never reports anything.",
            )
            yield Remark(Check.NO_CONSTRAINT, node, text)


def _means_to_report(subject: Subject, node: Term, said: set[NamedNode]) -> bool:
    """A property shape may only describe (a name, an order), or allow a property in a closed shape; a class may be none
    but its own target."""
    if any(subject.graph.is_true(parent, SH.closed) for parent in subject.graph.subjects_of(SH.property, node)):
        return False
    return bool(said & {SH.message, SH.severity} or (SH.path not in said and said & TARGETS))


def _targets(subject: Subject) -> Remarks:
    """Targets whose values can have no node: a datatype has no instances."""
    for node in subject.targeted:
        for value in subject.graph.values(node, SH.targetClass):
            if isinstance(value, NamedNode) and _is_datatype(value):
                told = curie(value.value)
                text = Text(
                    f"sa cible {told} est un type de littéral\u00a0: rien n’en est une instance.",
                    f"its target {told} is a type of literals: nothing is an instance of it.",
                )
                yield Remark(Check.NEVER_FIRES, node, text, SH.targetClass, value)


def _is_datatype(iri: NamedNode) -> bool:
    return iri.value.startswith(XSD.base) or iri in (RDFS.Literal, RDF.langString, RDF.HTML, RDF.XMLLiteral)


# ── recursion ────────────────────────────────────────────────────────────────────────────────────────────────────────


MOST_CIRCLES = 20
"""Circles that are told; a file of more is told so often that it is badly written."""


def _recursion(subject: Subject) -> Remarks:
    """Circles of references (SHACL, section 3.4.3)."""
    applied = {
        node: {target for _, target in subject.references(node) if not isinstance(target, Literal)}
        for node in subject.shapes
    }
    for _ in range(MOST_CIRCLES):
        try:
            TopologicalSorter(applied).prepare()
            return
        except CycleError as error:
            circle: list[Term] = error.args[1][:0:-1]  # each applies the next, and the last the first
        applied[circle[-1]].discard(circle[0])
        yield Remark(Check.RECURSION, circle[0], _recursive(subject, circle))


def _recursive(subject: Subject, circle: list[Term]) -> Text:
    others = ", ".join(dict.fromkeys(subject.name(one) for one in circle[1:]))
    fr, en = (f" par {others}", f" by way of {others}") if others else ("", "")
    return Text(
        f"elle se réfère à elle-même{fr}\u00a0: SHACL n’en dit pas le sens\u00a0; un nœud en cours d’examen est tenu "
        "pour conforme.",
        f"it refers to itself{en}: SHACL does not say what that means; a node that is being looked at is taken as "
        "conforming.",
    )
