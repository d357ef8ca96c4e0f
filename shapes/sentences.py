"""Sentences for results: what was expected, where the shape itself does not say it, and what was found."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from io import StringIO

from pyoxigraph import NamedNode

from shapes.finding import Finding
from shapes.shapes_graph import NO_TEXT, ShapesGraph, path_in_words
from shapes.text import Term, Text, curie, joined, shown
from vocab.namespaces import SH, XSD


@cache
def property_names() -> dict[str, Text]:
    """The plain names of the properties of DCAT-AP by prefixed name: `dct:title` is « titre » and "title"."""
    text = resources.files("shapes").joinpath("files", "properties.csv").read_text(encoding="utf-8")
    return {row["property"]: Text(row["fr"], row["en"]) for row in csv.DictReader(StringIO(text))}


def expectation(graph: ShapesGraph, shape: Term, component: str, path: str) -> Text:
    """What the shape expects: its own message, else a sentence made from the component and its parameters."""
    own = graph.message(shape)
    if own != NO_TEXT:
        return own
    head = _head(graph, shape, path)
    said = _rule(graph, shape, component.rsplit("#", 1)[-1].removesuffix("ConstraintComponent"))
    if not head.fr:
        return Text(said.fr[0].upper() + said.fr[1:], said.en[0].upper() + said.en[1:])
    return Text(f"{head.fr}\u00a0: {said.fr}", f"{head.en}: {said.en}")


def _head(graph: ShapesGraph, shape: Term, path: str) -> Text:
    """« Titre (dct:title) »: the plain name of the property and how it is written."""
    if not path:
        return NO_TEXT
    written = path_in_words(path)
    name = property_names().get(written.lstrip("^")) or graph.text(shape, SH.name)
    if name == NO_TEXT:
        return Text(written, written)
    return Text(f"{_capital(name.fr)} ({written})", f"{_capital(name.en)} ({written})")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def found(graph: ShapesGraph, shape: Term, component: str, value: Term | None) -> Text:
    """What was met: the value, or that there is none or there are several."""
    if component == SH.MinCountConstraintComponent.value and _plain_or(graph, shape, SH.minCount) == "1":
        return Text("Aucune valeur n’est donnée.", "No value is given.")
    if component == SH.MaxCountConstraintComponent.value and _plain_or(graph, shape, SH.maxCount) == "1":
        return Text("Il y en a plusieurs.", "There are several.")
    if value is not None:
        told = shown(value)
        return Text(f"Valeur trouvée\u00a0: {told.fr}.", f"Value found: {told.en}.")
    return _WITHOUT_VALUE.get(component.rsplit("#", 1)[-1], NO_TEXT)


MOST_BRANCHES = 3
"""Nested results that a sentence tells; more would bury the first."""


def branches(said: Text, details: Sequence[Finding]) -> Text:
    """What was met, followed by which nested conditions failed and why."""
    if not details:
        return said
    told = list(dict.fromkeys(d.messages for d in details))
    more = len(told) - MOST_BRANCHES
    fr = "\u00a0; ".join(one.fr.rstrip(".") for one in told[:MOST_BRANCHES])
    en = "; ".join(one.en.rstrip(".") for one in told[:MOST_BRANCHES])
    if more > 0:
        fr, en = f"{fr}\u00a0; et {more} de plus", f"{en}; and {more} more"
    return joined(said, Text(f"En détail\u00a0: {fr}.", f"In detail: {en}."))


_WITHOUT_VALUE = {
    "MinCountConstraintComponent": Text("Il n’y en a pas assez.", "There are not enough."),
    "MaxCountConstraintComponent": Text("Il y en a trop.", "There are too many."),
    "QualifiedMinCountConstraintComponent": Text("Aucune valeur ne convient.", "No value fits."),
    "QualifiedMaxCountConstraintComponent": Text("Trop de valeurs y répondent.", "Too many values fit."),
    "HasValueConstraintComponent": Text("Elle n’y est pas.", "It is not there."),
    "UniqueLangConstraintComponent": Text(
        "Plusieurs textes sont dans la même langue.", "Several texts are in the same language."
    ),
}


def _plain_or(graph: ShapesGraph, shape: Term, predicate: NamedNode) -> str:
    value = graph.value(shape, predicate)
    return "1" if value is None else _plain(value)


def _rule(graph: ShapesGraph, shape: Term, component: str) -> Text:
    """What a constraint component demands (SHACL, section 4), as a clause without its subject."""
    name = component[0].lower() + component[1:]
    parameter = graph.value(shape, SH[name])
    if component in _COUNTS:
        return _counted(component, _plain_or(graph, shape, SH[name]))
    if component in ("Or", "And", "Xone", "Not", "Node", "QualifiedMinCount", "QualifiedMaxCount", "Property"):
        return _logical(graph, shape, component)
    if component in ("In", "LanguageIn"):
        members = ", ".join(_plain(one) for one in graph.items(parameter))
        return Text(f"la valeur doit être l’une de\u00a0: {members}.", f"the value must be one of: {members}.")
    if component == "NodeKind" and isinstance(parameter, NamedNode):
        return _NODE_KINDS.get(parameter, Text("la valeur n’est pas du bon genre.", "the value is of the wrong kind."))
    if parameter is not None and component in _SIMPLE:
        told = _plain(parameter)
        return Text(_SIMPLE[component].fr.format(told), _SIMPLE[component].en.format(told))
    return _OTHER.get(
        component,
        Text(f"la contrainte {component} n’est pas respectée.", f"the constraint {component} is not met."),
    )


_COUNTS = {
    "MinCount": (
        Text("au moins une valeur est attendue.", "at least one value is expected."),
        Text("au moins {} valeurs sont attendues.", "at least {} values are expected."),
    ),
    "MaxCount": (
        Text("une seule valeur est admise.", "only one value is allowed."),
        Text("{} valeurs au plus sont admises.", "at most {} values are allowed."),
    ),
}


def _counted(component: str, count: str) -> Text:
    if component == "MaxCount" and count == "0":
        return Text("cette propriété ne doit pas être employée ici.", "this property must not be used here.")
    one, many = _COUNTS[component]
    return one if count == "1" else Text(many.fr.format(count), many.en.format(count))


_NODE_KINDS = {
    SH.Literal: Text("un texte, un nombre ou une date est attendu.", "a text, a number or a date is expected."),
    SH.IRI: Text("un IRI est attendu.", "an IRI is expected."),
    SH.BlankNode: Text("un nœud sans IRI est attendu.", "a blank node is expected."),
    SH.BlankNodeOrIRI: Text(
        "une ressource (un IRI) est attendue, et non un texte.", "a resource (an IRI) is expected, not a text."
    ),
    SH.IRIOrLiteral: Text("un IRI ou un texte est attendu.", "an IRI or a text is expected."),
    SH.BlankNodeOrLiteral: Text("un texte ou un nœud sans IRI est attendu.", "a text or a blank node is expected."),
}

_SIMPLE = {
    "Class": Text("une ressource décrite comme {} est attendue.", "a resource described as {} is expected."),
    "Datatype": Text("une valeur correcte de type {} est attendue.", "a correct value of type {} is expected."),
    "HasValue": Text("la valeur {} devrait y figurer.", "the value {} should be among them."),
    "Pattern": Text("la valeur doit suivre le motif {}.", "the value must match the pattern {}."),
    "MinLength": Text("la valeur doit avoir au moins {} caractères.", "the value must have at least {} characters."),
    "MaxLength": Text("la valeur doit avoir au plus {} caractères.", "the value must have at most {} characters."),
    "MinInclusive": Text("la valeur doit être au moins {}.", "the value must be at least {}."),
    "MaxInclusive": Text("la valeur doit être au plus {}.", "the value must be at most {}."),
    "MinExclusive": Text("la valeur doit être supérieure à {}.", "the value must be greater than {}."),
    "MaxExclusive": Text("la valeur doit être inférieure à {}.", "the value must be less than {}."),
    "Equals": Text("les valeurs doivent être celles de {}.", "the values must be those of {}."),
    "Disjoint": Text("aucune valeur ne doit être aussi celle de {}.", "no value may also be one of {}."),
    "LessThan": Text("la valeur doit précéder celle de {}.", "the value must come before that of {}."),
    "LessThanOrEquals": Text("la valeur ne doit pas dépasser celle de {}.", "the value must not exceed that of {}."),
}

_OTHER = {
    "UniqueLang": Text("un seul texte par langue est admis.", "only one text for each language is allowed."),
    "Closed": Text("cette propriété n’est pas prévue ici.", "this property is not foreseen here."),
    "SPARQL": Text("une règle écrite en SPARQL n’est pas respectée.", "a rule written in SPARQL is not met."),
}


def _logical(graph: ShapesGraph, shape: Term, component: str) -> Text:
    if component in ("Or", "Xone"):
        datatypes = [graph.value(one, SH.datatype) for one in graph.items(graph.value(shape, SH[component.lower()]))]
        if datatypes and all(isinstance(one, NamedNode) for one in datatypes):
            listed = ", ".join(_plain(one) for one in datatypes if one is not None)
            return Text(f"une valeur de type {listed} est attendue.", f"a value of type {listed} is expected.")
    told = _targets(graph, shape, component)
    if told:
        return Text(f"la valeur ne satisfait pas {told}.", f"the value does not satisfy {told}.")
    return Text("la valeur ne remplit pas les conditions prévues.", "the value does not meet the conditions.")


def _targets(graph: ShapesGraph, shape: Term, component: str) -> str:
    """The names of the shapes that `sh:node` or a qualified constraint refers to: `LanguageRestriction`."""
    key = "node" if component == "Node" else "qualifiedValueShape"
    names = [v.value for v in graph.values(shape, SH[key]) if isinstance(v, NamedNode)]
    return ", ".join(re.split(r"[#/]", name)[-1] for name in names)


def _plain(term: Term) -> str:
    if isinstance(term, NamedNode):
        short = curie(term.value)
        return short if short != term.value else f"<{term.value}>"
    value = getattr(term, "value", str(term))
    return value if getattr(term, "datatype", None) != XSD.string else f"«\u202f{value}\u202f»"
