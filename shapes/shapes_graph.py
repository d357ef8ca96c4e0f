"""What a shapes graph says about its shapes: severity, messages, comments, parameters, and the IRI to call each by."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from shapes.finding import Severity
from shapes.text import Term, Text, curie
from vocab.namespaces import RDF, RDFS, SH

NO_TEXT = Text("", "")

_PATHS = {SH.zeroOrMorePath: "*", SH.oneOrMorePath: "+", SH.zeroOrOnePath: "?"}


class ShapesGraph:
    """An index of one set of shapes. Look-ups of what is not there give an empty answer, never an error."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._out: dict[Term, dict[NamedNode, list[Term]]] = defaultdict(lambda: defaultdict(list))
        self._in: dict[Term, list[Term]] = defaultdict(list)
        for t in triples:
            if isinstance(t.subject, Triple) or isinstance(t.object, Triple):
                continue
            self._out[t.subject][t.predicate].append(t.object)
            self._in[t.object].append(t.subject)

    def values(self, node: Term, predicate: NamedNode) -> list[Term]:
        """The objects of `predicate` on `node`, in the order of the file."""
        return self._out[node].get(predicate, []) if node in self._out else []

    def value(self, node: Term, predicate: NamedNode) -> Term | None:
        """The first of `values`, or `None`."""
        found = self.values(node, predicate)
        return found[0] if found else None

    def is_true(self, node: Term, predicate: NamedNode) -> bool:
        """Whether the first of `values` is the boolean true."""
        value = self.value(node, predicate)
        return isinstance(value, Literal) and value.value in {"true", "1"}

    def subjects_of(self, predicate: NamedNode, value: Term) -> list[Term]:
        """The nodes that have `value` as an object of `predicate`."""
        return [s for s in dict.fromkeys(self._in.get(value, ())) if value in self.values(s, predicate)]

    def around(self, node: Term) -> list[Term]:
        """The nodes that say something with `node` as its object."""
        return self._in.get(node, [])

    def predicates(self, node: Term) -> list[NamedNode]:
        """The predicates of what the graph says about `node`."""
        return list(self._out[node]) if node in self._out else []

    def subjects(self) -> Iterator[Term]:
        """Every node that the graph says something about."""
        return iter(self._out)

    def objects(self, predicate: NamedNode) -> set[Term]:
        """Every object of `predicate`."""
        return {o for of in self._out.values() for o in of.get(predicate, ())}

    def items(self, node: Term | None) -> list[Term]:
        """The members of the RDF list at `node`; a list that bites its tail ends there."""
        found: list[Term] = []
        seen: set[Term] = set()
        while node is not None and node != RDF.nil and node not in seen:
            seen.add(node)
            found += self.values(node, RDF.first)
            node = self.value(node, RDF.rest)
        return found

    def text(self, shape: Term, predicate: NamedNode) -> Text:
        """The literals of `predicate` by language; where one is missing, another serves."""
        literals = [v for v in self.values(shape, predicate) if isinstance(v, Literal)]
        if not literals:
            return NO_TEXT
        by_language = {(one.language or "").split("-")[0]: one.value for one in literals}
        any_language = by_language.get("", literals[0].value)
        return Text(
            by_language.get("fr") or by_language.get("en") or any_language,
            by_language.get("en") or by_language.get("fr") or any_language,
        )

    def message(self, shape: Term) -> Text:
        """The shape's `sh:message`."""
        return self.text(shape, SH.message)

    def spoken(self, shape: Term, predicate: NamedNode) -> Text:
        """The literals of `predicate` that are in the language or in none; empty where there is none."""
        by_language = {
            (one.language or "").split("-")[0]: one.value
            for one in reversed(self.values(shape, predicate))
            if isinstance(one, Literal)
        }
        bare = by_language.get("", "")
        return Text(by_language.get("fr", bare), by_language.get("en", bare))

    def repair(self, shape: Term) -> Text:
        """Why the shape matters and how to repair: its `rdfs:comment`, else its `sh:description`."""
        found = self.text(shape, RDFS.comment)
        return found if found != NO_TEXT else self.text(shape, SH.description)

    def severity(self, shape: Term) -> Severity:
        """The shape's `sh:severity`; a violation where it says none (SHACL, section 2.1.4)."""
        declared = self.value(shape, SH.severity)
        if declared == SH.Warning:
            return Severity.WARNING
        return Severity.INFO if declared == SH.Info else Severity.VIOLATION

    def called(self, shape: Term) -> str:
        """The IRI of `shape`, or of the nearest shape around it that has one; empty where none has."""
        level, seen = [shape], {shape}
        while level:
            named = sorted(node.value for node in level if isinstance(node, NamedNode))
            if named:
                return named[0]
            above = [s for node in level for s in self._in.get(node, ()) if s not in seen]
            seen.update(above)
            level = above
        return ""

    def path(self, node: Term) -> str:
        """The path at `node` as SPARQL 1.1 writes it; a simple one is the bare IRI."""
        return node.value if isinstance(node, NamedNode) else self._path(node, top=True)

    def _path(self, node: Term, *, top: bool = False) -> str:
        if isinstance(node, NamedNode):
            return f"<{node.value}>"
        inverse = None if self.values(node, RDF.first) else self.value(node, SH.inversePath)
        if inverse is not None:
            return f"^{self._path(inverse)}"
        for predicate, mark in _PATHS.items():
            inner = self.value(node, predicate)
            if inner is not None and not self.values(node, RDF.first):
                return f"{self._path(inner)}{mark}"
        alternatives = self.value(node, SH.alternativePath)
        sign, members = ("|", self.items(alternatives)) if alternatives is not None else ("/", self.items(node))
        text = sign.join(self._path(member) for member in members)
        return text if top else f"({text})"

    def reaches(self, data: Iterable[Triple], background: Iterable[Triple] = ()) -> bool:
        """Whether `data` has any focus node for the targets of these shapes (SHACL, section 2.1.3)."""
        data = list(data)
        if self.objects(SH.targetNode) or self.objects(SH.target):
            return True
        of = self.objects(SH.targetSubjectsOf) | self.objects(SH.targetObjectsOf)
        classes: set[object] = self.objects(SH.targetClass) | {
            s for s in self.subjects() if RDFS.Class in self.values(s, RDF.type)
        }
        below = [t for t in [*data, *background] if t.predicate == RDFS.subClassOf]
        while wider := {t.subject for t in below if t.object in classes} - classes:
            classes |= wider
        return any(t.predicate in of or (t.predicate == RDF.type and t.object in classes) for t in data)

    def dangling(self) -> list[tuple[str, str]]:
        """(shape, missing) for each property shape that is referred to and described nowhere, sorted."""
        return sorted(
            (self.called(s) or "?", target.value if isinstance(target, NamedNode) else str(target))
            for s in self.subjects()
            for target in self.values(s, SH.property)
            if isinstance(target, NamedNode | BlankNode) and not self.values(target, SH.path)
        )


_OPTIONAL = re.compile(r"(?:<[^>]*>|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))\?")
"""A step or a bracket, to three levels, that may be absent."""


def path_in_words(path: str) -> str:
    """`dct:title` for an IRI, and prefixes inside a property path.

    A path that a shape writes as `p?`, so that each focus node has a value to judge, goes without the mark.
    """
    path = path[:-1] if _OPTIONAL.fullmatch(path) else path
    if "<" not in path:
        return curie(path)
    parts = path.replace("<", "\0<").split("\0")
    return "".join(_shortened(part) for part in parts)


def _shortened(part: str) -> str:
    if not part.startswith("<") or ">" not in part:
        return part
    iri, rest = part[1:].split(">", 1)
    short = curie(iri)
    return (short if short != iri else f"<{iri}>") + rest
