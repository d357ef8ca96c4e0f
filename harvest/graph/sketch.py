"""A graph written from the fields of a record, values as found: `harvest.graph.mapping` makes DCAT-AP of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode

from harvest.documents.text import whole
from harvest.graph.model import Graph, Node, Statement, Value
from harvest.mapping.reader import Reader
from harvest.mapping.statements import is_language_tag, segment
from harvest.ods_record import is_empty
from vocab.namespaces import RDF, XSD


class Sketch:
    """Collects statements, each with the field that it came from; the field is claimed in the record's ledger.

    `language` tags the texts that are stated without a tag of their own.
    """

    def __init__(self, iri: str, view: Reader, *, language: str = "") -> None:
        self.root = NamedNode(iri)
        self.view = view
        self.language = language if is_language_tag(language) else ""
        self.graph = Graph(self.root)
        self._count = 0

    def below(self, *path: str) -> NamedNode:
        """The IRI of a thing that belongs to the dataset, keyed by something stable."""
        return NamedNode(f"{self.root.value.rstrip('/')}/{'/'.join(segment(p) for p in path)}")

    def blank(self) -> BlankNode:
        """A node that will be named after what is said about it."""
        self._count += 1
        return BlankNode(f"s{self._count}")

    def typed(self, node: Node, *classes: NamedNode) -> None:
        """The node is of these classes; that comes from the kind of source, not from a field."""
        for cls in classes:
            self.graph.add(Statement(node, RDF.type, cls))

    def link(self, node: Node, predicate: NamedNode, value: Value) -> None:
        """A statement that comes from no field: how the things of a record hang together."""
        self.graph.add(Statement(node, predicate, value))

    def say(
        self,
        node: Node,
        predicate: NamedNode,
        value: Any,
        field: str,
        item: int | None = None,
        *,
        lang: str | None = None,
    ) -> bool:
        """States a value, or each of a list, as a literal; `lang` tags it (None: no tag). Whether there was any.

        Nothing is stated of an empty value. An object is stated as its JSON.
        """
        said = False
        for one in value if isinstance(value, list) else [value]:
            if not is_empty(one):
                self.graph.add(Statement(node, predicate, _literal(one, lang), field, item))
                said = True
        if said:
            self.claim(field, item)
        return said

    def text(self, node: Node, predicate: NamedNode, value: Any, field: str, item: int | None = None) -> bool:
        """The same for texts in a language: a plain text in the record's, an object by language (`{"fr": …}`)."""
        if isinstance(value, dict):
            found = [self.say(node, predicate, v, field, item, lang=str(k).lower()) for k, v in value.items()]
            return any(found)
        return self.say(node, predicate, value, field, item, lang=self.language)

    def name(self, node: Node, predicate: NamedNode, iri: str, field: str, item: int | None = None) -> None:
        """States an IRI that is known to be one."""
        self.graph.add(Statement(node, predicate, NamedNode(iri), field, item))
        self.claim(field, item)

    def claim(self, field: str, item: int | None) -> None:
        """Enters the field as used."""
        if item is None:
            self.view.take(field)
        else:
            self.view.claim(field, item)


def _literal(value: Any, lang: str | None) -> Literal:
    if isinstance(value, bool):
        return Literal("true" if value else "false", datatype=XSD.boolean)
    if isinstance(value, dict | list):
        return Literal(whole(json.dumps(value, ensure_ascii=False, sort_keys=True)))
    words = whole(str(value))
    if lang and is_language_tag(lang.replace("_", "-")):
        return Literal(words, language=lang.replace("_", "-"))
    return Literal(words)


def several(value: Any) -> list[str]:
    """The texts in a field that holds one, a list, a list written as JSON, or several joined by commas."""
    if isinstance(value, str):
        bare = value.strip()
        if bare.startswith("["):
            try:
                return several(json.loads(bare))
            except (ValueError, RecursionError):
                return [bare]
        if re.fullmatch(r"\{[^{}\"]*\}", bare):  # PostgreSQL's way to write a list
            return [p.strip() for p in bare[1:-1].split(",") if p.strip()]
        return [p.strip() for p in bare.split(",") if p.strip()] if _JOINED.fullmatch(bare) else [bare] if bare else []
    if isinstance(value, Iterable) and not isinstance(value, dict):
        return [text for one in value for text in ([one] if isinstance(one, str) else several(one)) if text.strip()]
    return [] if is_empty(value) or isinstance(value, dict) else [str(value)]


_JOINED = re.compile(r"(?:https?://[^\s,]+|[\w.-]{1,40})(?:\s*,\s*(?:https?://[^\s,]+|[\w.-]{1,40}))+")
"""Codes or addresses joined by commas; a sentence with a comma is one text."""
