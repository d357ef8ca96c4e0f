"""RDF/XML that a strict parser refuses, read element by element (RDF 1.1 XML Syntax, section 7, taken generously).

Only for documents in which pyoxigraph finds an error. Text between elements, several values in one property element and
properties that should have been nodes cost only themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urljoin

from lxml import etree
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from harvest.documents.xml import tree
from harvest.graph.model import Node
from harvest.rdf.names import unchecked
from harvest.rdf.turtle import Problem
from vocab.namespaces import RDF

_RDF = f"{{{RDF.base}}}"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_SYNTAX = frozenset(
    _RDF + n for n in ("about", "ID", "nodeID", "resource", "datatype", "parseType", "li", "aboutEach", "bagID")
)


@dataclass
class _Walk:
    """`waiting` holds node elements with the scope they stand in: a stack, for documents that nest deep."""

    base: str
    triples: list[Triple] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def node(self, element: etree._Element, base: str, lang: str) -> Node:
        base, lang = _scope(element, base, lang)
        subject = self._subject(element, base)
        if element.tag != _RDF + "Description":
            self._state(subject, RDF.type, _name(element.tag))
        for name, value in element.attrib.items():
            if name not in _SYNTAX and not str(name).startswith(_XML) and str(name).startswith("{"):
                self._attribute(subject, str(name), str(value), base, lang)
        if (element.text or "").strip():
            self.problem(element, "text stands where a property should")
        for child in element:
            if isinstance(child.tag, str):
                self.property(subject, child, base, lang)
                if (child.tail or "").strip():
                    self.problem(child, "text stands between properties")
        return subject

    def _subject(self, element: etree._Element, base: str) -> Node:
        about, name, label = (element.get(_RDF + n) for n in ("about", "ID", "nodeID"))
        if about is None and element.get("about") is not None:
            about = element.get("about")
        if about is not None:
            return unchecked(_joined(base, about.strip()))
        if name is not None:
            return unchecked(_joined(base, f"#{name.strip()}"))
        return BlankNode(f"n{_label(label)}") if label else BlankNode()

    def property(self, subject: Node, element: etree._Element, base: str, lang: str) -> None:
        base, lang = _scope(element, base, lang)
        predicate = _name(element.tag)
        resource, label = element.get(_RDF + "resource") or element.get("resource"), element.get(_RDF + "nodeID")
        children = [c for c in element if isinstance(c.tag, str)]
        parse_type = element.get(_RDF + "parseType")
        words = element.text or ""
        if parse_type == "Resource" or (children and self._are_properties(children)):
            if parse_type != "Resource":
                self.problem(element, "properties stand where a resource should; taken for those of one without a name")
            inner = BlankNode()
            self._state(subject, predicate, inner)
            for child in children:
                self.property(inner, child, base, lang)
        elif parse_type == "Collection":
            self._collection(subject, predicate, children, base, lang)
        elif parse_type == "Literal":
            inside = words + "".join(etree.tostring(c, encoding="unicode") for c in children)
            self._state(subject, predicate, Literal(inside, datatype=RDF.XMLLiteral))
        elif children:
            for child in children:
                self._state(subject, predicate, self.node(child, base, lang))
            if words.strip():
                self.problem(element, "text stands beside a resource")
        elif resource is not None or label:
            value = (
                unchecked(_joined(base, resource.strip())) if resource is not None else BlankNode(f"n{_label(label)}")
            )
            self._state(subject, predicate, value)
            self._attributes(value, element, base, lang)
            if words.strip():
                self._state(subject, predicate, self._literal(element, words, lang))
        elif any(self._is_property_attribute(str(n)) for n in element.attrib) and not words.strip():
            inner = BlankNode()
            self._state(subject, predicate, inner)
            self._attributes(inner, element, base, lang)
        else:
            self._state(subject, predicate, self._literal(element, words, lang))

    def _are_properties(self, children: list[etree._Element]) -> bool:
        """Whether elements are named as properties are: with a small letter, and without a subject of their own."""
        return all(
            etree.QName(c).localname[:1].islower() and c.get(_RDF + "about") is None and c.tag != _RDF + "li"
            for c in children
        )

    def _literal(self, element: etree._Element, words: str, lang: str) -> Literal:
        datatype = element.get(_RDF + "datatype")
        if datatype:
            return Literal(words, datatype=unchecked(datatype.strip()))
        if lang:
            try:
                return Literal(words, language=lang.replace("_", "-"))
            except ValueError:
                self.problem(element, f"`{lang}` is no language")
        return Literal(words)

    def _collection(
        self, subject: Node, predicate: NamedNode, children: list[etree._Element], base: str, lang: str
    ) -> None:
        head: Node = RDF.nil
        for child in reversed(children):
            here = BlankNode()
            self._state(here, RDF.first, self.node(child, base, lang))
            self._state(here, RDF.rest, head)
            head = here
        self._state(subject, predicate, head)

    def _is_property_attribute(self, name: str) -> bool:
        return name.startswith("{") and name not in _SYNTAX and not name.startswith(_XML)

    def _attributes(self, subject: Node, element: etree._Element, base: str, lang: str) -> None:
        for name, value in element.attrib.items():
            if self._is_property_attribute(str(name)):
                self._attribute(subject, str(name), str(value), base, lang)

    def _attribute(self, subject: Node, name: str, value: str, base: str, lang: str) -> None:
        if name == _RDF + "type":
            self._state(subject, RDF.type, unchecked(_joined(base, value)))
        else:
            self._state(subject, _name(name), Literal(value, language=lang) if lang else Literal(value))

    def _state(self, subject: Node, predicate: NamedNode, value: Node | Literal) -> None:
        self.triples.append(Triple(subject, predicate, value))

    def problem(self, element: etree._Element, message: str) -> None:
        self.problems.append(Problem(cast("int", element.sourceline or 0), message))


def _scope(element: etree._Element, base: str, lang: str) -> tuple[str, str]:
    own = element.get(_XML + "lang")
    return urljoin(base, element.get(_XML + "base") or ""), lang if own is None else own


def _name(tag: object) -> NamedNode:
    name = etree.QName(str(tag))
    return unchecked((name.namespace or "urn:no-namespace:") + name.localname)


def _label(value: str | None) -> str:
    return (value or "").encode().hex()


def _joined(base: str, reference: str) -> str:
    head = reference.partition(":")[0]
    absolute = ":" in reference and head[:1].isalpha() and all(c.isalnum() or c in "+.-" for c in head)
    return reference if absolute else urljoin(base, reference)


def recover(body: bytes, base: str, *, what: str) -> tuple[list[Triple], list[Problem]]:
    """The statements that can be read of a document, and what stood in the way. `ResponseInvalid` if it is no XML."""
    root = tree(body, what=what, recover=True)
    walk = _Walk(base)
    base, lang = _scope(root, base, "")
    if root.tag == _RDF + "RDF":
        for child in root:
            if isinstance(child.tag, str):
                walk.node(child, base, lang)
    else:
        walk.node(root, base, lang)
    return walk.triples, walk.problems
