"""The report as a standard `sh:ValidationReport` (SHACL, section 3.6), in Turtle.

What is set apart hangs by `garonne:setApart` in place of `sh:result`, with the reason; `--noise show` makes results of
it again. The hashes of what the report rests on are `prov:used`; a `rdfs:comment` says what the shapes ask and was not
checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse, serialize

from shapes.finding import Finding
from shapes.report import Report, SetApart
from shapes.text import Term
from vocab.namespaces import DCT, GARONNE, PREFIXES, PROV, RDF, RDFS, SH, XSD

_Node = NamedNode | BlankNode
_MARKS = {"*": SH.zeroOrMorePath, "+": SH.oneOrMorePath, "?": SH.zeroOrOnePath}


def render(report: Report, lang: str) -> str:
    """Turtle that any RDF tool reads; its messages are in both languages, whatever `lang` says."""
    prefixes = {**PREFIXES, "sh": SH.base, "garonne": GARONNE.base}
    body = serialize(_triples(report), format=RdfFormat.TURTLE, prefixes=prefixes)
    return (body or b"").decode()


def _triples(report: Report) -> Iterator[Triple]:
    node = BlankNode("report")
    yield Triple(node, RDF.type, SH.ValidationReport)
    yield Triple(node, SH.conforms, Literal(str(report.conforms).lower(), datatype=XSD.boolean))
    for index, finding in enumerate(report.findings):
        result = BlankNode(f"r{index}")
        yield Triple(node, SH.result, result)
        yield from _result(result, finding)
        if report.changes is not None:
            yield Triple(result, GARONNE.state, Literal(report.state(finding)))
    for index, (finding, noise) in enumerate(report.noise):
        result = BlankNode(f"a{index}")
        yield Triple(node, GARONNE.setApart, result)
        yield from _result(result, finding)
        yield Triple(result, GARONNE.noise, Literal(noise.id))
    for one in report.set_apart:
        yield from _reason(node, one)
    for note in report.notes:
        yield Triple(node, RDFS.comment, Literal(note.fr, language="fr"))
        yield Triple(node, RDFS.comment, Literal(note.en, language="en"))
    yield from _origin(node, report)


def _reason(node: BlankNode, one: SetApart) -> Iterator[Triple]:
    """A systematic cause, with how many results come from it, why, and where that is written."""
    cause = BlankNode(f"n{one.noise.id}")
    yield Triple(node, GARONNE.systematicCause, cause)
    yield Triple(cause, DCT.identifier, Literal(one.noise.id))
    yield Triple(cause, GARONNE.count, Literal(len(one.findings)))
    yield Triple(cause, DCT.description, Literal(one.noise.reason.fr, language="fr"))
    yield Triple(cause, DCT.description, Literal(one.noise.reason.en, language="en"))
    yield Triple(cause, DCT.source, Literal(one.noise.reference))


def _origin(node: BlankNode, report: Report) -> Iterator[Triple]:
    """The data, shapes, vocabularies and engine of the report, each with its SHA-256."""
    if report.provenance is None:
        return
    plain = report.provenance.plain()
    engine = {"name": f"{plain['engine']['name']} {plain['engine']['version']}", "sha256": plain["engine"]["sha256"]}
    vocabularies = {"name": "vocabularies", "sha256": plain["vocabularies"]["sha256"]}
    for index, used in enumerate([*plain["data"], *plain["shapes"], vocabularies, engine]):
        entity = BlankNode(f"u{index}")
        yield Triple(node, PROV.used, entity)
        yield Triple(entity, DCT.title, Literal(used["name"]))
        yield Triple(entity, GARONNE.sha256, Literal(used["sha256"]))


def _result(node: BlankNode, finding: Finding) -> Iterator[Triple]:
    yield Triple(node, RDF.type, SH.ValidationResult)
    yield Triple(node, SH.focusNode, _term(finding.focus))
    yield Triple(node, SH.resultSeverity, NamedNode(finding.declared))
    yield Triple(node, SH.sourceConstraintComponent, NamedNode(finding.component))
    yield Triple(node, SH.resultMessage, Literal(finding.messages.fr, language="fr"))
    yield Triple(node, SH.resultMessage, Literal(finding.messages.en, language="en"))
    yield Triple(node, DCT.identifier, Literal(finding.key))
    if finding.shape:
        yield Triple(node, SH.sourceShape, NamedNode(finding.shape))
    if finding.value is not None:
        yield Triple(node, SH.value, _term(finding.value))
    if finding.path:
        path = _Path(finding.path, node.value)
        yield Triple(node, SH.resultPath, path.root)
        yield from path.triples
    for index, one in enumerate(finding.details):
        detail = BlankNode(f"{node.value}d{index}")
        yield Triple(node, SH.detail, detail)
        yield from _result(detail, one)
        if one.branch:
            yield Triple(detail, GARONNE.branch, Literal(one.branch))


def _term(text: str) -> Term:
    """The term that this N-Triples spelling stands for."""
    if text.startswith("_:"):
        return BlankNode(text[2:])  # the parser would rename it
    found: Term = next(iter(parse(f"<x:s> <x:p> {text} .", format=RdfFormat.N_TRIPLES))).object
    return found


class _Path:
    """A property path written as SPARQL writes it, turned back into the nodes of SHACL (section 2.3.1)."""

    _TOKENS = re.compile(r"<[^>]*>|[()^|/*+?]")

    def __init__(self, text: str, label: str) -> None:
        self.triples: list[Triple] = []
        self._label = label
        self._tokens = self._TOKENS.findall(text) if "<" in text else [f"<{text}>"]
        self.root = self._alternatives()

    def _next(self) -> str:
        return self._tokens[0] if self._tokens else ""

    def _blank(self) -> BlankNode:
        return BlankNode(f"{self._label}p{len(self.triples)}")

    def _alternatives(self) -> _Node:
        members = self._separated("|", self._sequence)
        if len(members) == 1:
            return members[0]
        node = self._blank()
        self.triples.append(Triple(node, SH.alternativePath, self._list(members)))
        return node

    def _sequence(self) -> _Node:
        members = self._separated("/", self._step)
        return members[0] if len(members) == 1 else self._list(members)

    def _separated(self, sign: str, part: Callable[[], _Node]) -> list[_Node]:
        members = [part()]
        while self._next() == sign:
            self._tokens.pop(0)
            members.append(part())
        return members

    def _step(self) -> _Node:
        sign = self._tokens.pop(0)
        if sign == "^":
            return self._about(SH.inversePath, self._step())
        inner = NamedNode(sign[1:-1]) if sign != "(" else self._alternatives()
        if sign == "(":
            self._tokens.pop(0)  # its closing bracket
        while self._next() in _MARKS:
            inner = self._about(_MARKS[self._tokens.pop(0)], inner)
        return inner

    def _about(self, predicate: NamedNode, inner: _Node) -> BlankNode:
        node = self._blank()
        self.triples.append(Triple(node, predicate, inner))
        return node

    def _list(self, members: list[_Node]) -> _Node:
        rest: _Node = RDF.nil
        for member in reversed(members):
            node = self._blank()
            self.triples += [Triple(node, RDF.first, member), Triple(node, RDF.rest, rest)]
            rest = node
        return rest
