"""Sentences for results: what was expected, where the shape itself does not say it, and what was found."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from io import StringIO

from pyoxigraph import Literal, NamedNode

from shapes.finding import Finding
from shapes.meaning import Meaning, meaning
from shapes.overlay import ODS_FIELD, asked, in_house, overlay
from shapes.shapes_graph import NO_TEXT, ShapesGraph, path_in_words
from shapes.text import Term, Text, curie, joined, shown
from vocab.namespaces import RDFS, SH, XSD
from vocab.terms import SCHEMES


@cache
def property_names() -> dict[str, Text]:
    """The plain names of the properties of DCAT-AP by prefixed name: `dct:title` is « titre » and "title"."""
    text = resources.files("shapes").joinpath("files", "properties.csv").read_text(encoding="utf-8")
    return {row["property"]: Text(row["fr"], row["en"]) for row in csv.DictReader(StringIO(text))}


def expectation(graph: ShapesGraph, shape: Term, component: str, path: str) -> Text:
    """What the shape expects: its own message; where it has none in a language, ours for the same constraint
    (`shapes.overlay`); else a sentence made from the component and its parameters.
    """
    own = graph.spoken(shape, SH.message)
    if own.fr and own.en:
        return own
    name = local_component(component)
    said = overlay().lent(graph, shape, name, path).rule
    if said == NO_TEXT:
        said = joined(_made(graph, shape, name, path), _quoted(graph.message(shape)))
    return Text(own.fr or said.fr, own.en or said.en)


def worded(graph: ShapesGraph, shape: Term) -> bool:
    """Whether the shape itself says what it expects, in both languages."""
    return all(graph.spoken(shape, SH.message))


def repair(graph: ShapesGraph, shape: Term, component: str, path: str) -> Text:
    """Why the shape matters and what to do: its own `rdfs:comment`, else what our profiles say of the same property,
    else its `sh:description`. It may be empty.
    """
    own = graph.spoken(shape, RDFS.comment)
    if own.fr and own.en:
        return own
    ours = overlay().lent(graph, shape, local_component(component), path).repair
    described = graph.repair(shape)
    return Text(own.fr or ours.fr or described.fr, own.en or ours.en or described.en)


def fields(graph: ShapesGraph, shape: Term, component: str, path: str) -> tuple[str, ...]:
    """The fields of OpenDataSoft's form that repair it: those that the shape names, else those of our profiles."""
    own = tuple(v.value for v in graph.values(shape, ODS_FIELD) if isinstance(v, Literal))
    if own or in_house(shape):
        return own
    return overlay().lent(graph, shape, local_component(component), path).fields


def local_component(component: str) -> str:
    """`MinCount` for the IRI of its component."""
    return re.split(r"[#/]", component)[-1].removesuffix("ConstraintComponent")


def _made(graph: ShapesGraph, shape: Term, component: str, path: str) -> Text:
    """A sentence from the component and its parameters."""
    head = _head(graph, shape, path)
    said = _rule(graph, shape, component)
    if not head.fr:
        return Text(_capital(said.fr), _capital(said.en))
    return Text(f"{head.fr}\u00a0: {said.fr}", f"{head.en}: {said.en}")


def _quoted(message: Text) -> Text:
    """What the shape says in a language that the reader did not ask for; better that than nothing."""
    if message == NO_TEXT:
        return NO_TEXT
    said = " ".join(message.en.split())
    return Text(f"La forme le dit ainsi\u00a0: «\u00a0{said}\u00a0».", f"The shape puts it so: “{said}”.")


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
    """What a shape inside demands: a term of a list, a datatype, a class; else its name."""
    about = asked(graph, shape, component)
    if about.schemes and _of_lists_alone(graph, shape, component):
        return _listed(about)
    if about.datatypes_only:
        listed = _told(about.datatypes)
        return Text(f"une valeur de type {listed} est attendue.", f"a value of type {listed} is expected.")
    if component in ("Or", "Xone") and (properties := wanted(graph, shape, component)):
        listed = ", ".join(properties)
        return Text(
            f"l’une de ces propriétés est attendue\u00a0: {listed}.", f"one of these properties is expected: {listed}."
        )
    told = _targets(graph, shape, component)
    if told:
        return Text(f"la valeur ne satisfait pas {told}.", f"the value does not satisfy {told}.")
    if about.classes and not about.values:
        listed = _told(about.classes)
        return Text(
            f"une ressource décrite comme {listed} est attendue.", f"a resource described as {listed} is expected."
        )
    return Text("la valeur ne remplit pas les conditions prévues.", "the value does not meet the conditions.")


def _of_lists_alone(graph: ShapesGraph, shape: Term, component: str) -> bool:
    """Whether every member of a choice asks for a term of a list; the other components have no choice."""
    if component not in ("Or", "Xone"):
        return True
    members = graph.items(graph.value(shape, SH[component.lower()]))
    return all(meaning(graph, member).schemes for member in members)


def _listed(about: Meaning) -> Text:
    """The lists that a value may come from, by name where they have one."""
    names = {scheme.iri: Text(scheme.fr, scheme.en) for scheme in SCHEMES.values()}
    fr = [f"«\u00a0{names[iri].fr}\u00a0» ({iri})" if iri in names else f"<{iri}>" for iri in sorted(about.schemes)]
    en = [f"“{names[iri].en}” ({iri})" if iri in names else f"<{iri}>" for iri in sorted(about.schemes)]
    return Text(
        f"un terme de la liste {' ou '.join(fr)} est attendu.", f"a term of the list {' or '.join(en)} is expected."
    )


def wanted(graph: ShapesGraph, shape: Term, component: str) -> list[str]:
    """The properties that the members of a choice ask for, where each asks that one is there; else none."""
    found = []
    for member in graph.items(graph.value(shape, SH[component.lower()])):
        asking = [m for m in (member, *graph.values(member, SH.property)) if graph.values(m, SH.minCount)]
        paths = [path for one in asking for path in graph.values(one, SH.path)]
        if not paths:
            return []
        found += [path_in_words(graph.path(path)) for path in paths]
    return list(dict.fromkeys(found))


def _told(iris: frozenset[str]) -> str:
    return ", ".join(_plain(NamedNode(iri)) for iri in sorted(iris))


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
    return value if getattr(term, "datatype", None) != XSD.string else f"«\u00a0{value}\u00a0»"
