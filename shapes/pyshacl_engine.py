"""The reference engine: pySHACL over rdflib graphs in memory.

rdflib rewrites literals when it parses ("01" becomes "1", `none`^^xsd:boolean becomes `false`), so the graphs are made
term by term from what pyoxigraph read, without normalisation. Only `sh:result` is read: nested details are not results.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Triple
from pyshacl import validate as pyshacl_validate
from pyshacl.errors import ReportableRuntimeError
from rdflib.term import Node

from shapes import identity
from shapes.explanation import Explanation
from shapes.finding import Finding, Severity
from shapes.graph import Graph, graph_of
from shapes.lint import notes
from shapes.plan import Plan
from shapes.profiles import Profile
from shapes.pyshacl_patterns import install
from shapes.shapes_graph import ShapesGraph
from shapes.text import Term, Text
from vocab.errors import InputInvalid
from vocab.namespaces import PREFIXES, RDFS, SH

_SH = rdflib.Namespace(SH.base)
_SEVERITIES: dict[Node | None, Severity] = {
    _SH.Violation: Severity.VIOLATION,
    _SH.Warning: Severity.WARNING,
    _SH.Info: Severity.INFO,
}

_DOCUMENTATION = {RDFS.label, RDFS.comment, RDFS.isDefinedBy, RDFS.seeAlso, SH.name, SH.description, SH.message}
"""Asked of `ShapesGraph` only; pySHACL walks through every statement of a shape at each evaluation of it."""


class PyshaclEngine:
    """pySHACL, with the shapes of each set of profiles parsed once and kept."""

    name = "pyshacl"

    def __init__(self) -> None:
        install()
        self.notes: tuple[Text, ...] = ()
        self._compiled: dict[tuple[str, ...], tuple[ShapesGraph, rdflib.Graph, tuple[Text, ...]]] = {}

    def validate(
        self,
        data: Graph | Iterable[Triple],
        profiles: Sequence[Profile],
        background: Graph | Iterable[Triple] = (),
    ) -> list[Finding]:
        """See `shapes.engine.Engine.validate`."""
        data, background = graph_of(data), graph_of(background)
        shapes, shapes_rdf, self.notes = self._shapes(profiles)
        rdf = to_rdflib([*data.triples(), *background.triples()])
        for prefix, iri in PREFIXES.items():  # for queries that use the usual ones without declaring them
            rdf.bind(prefix, iri)
        with _quiet():
            report = _report(rdf, shapes_rdf, profiles)
        is_focus = _is_focus(shapes, data, background)
        return sorted(_findings(report, shapes, Explanation(shapes, data), is_focus), key=Finding.order)

    def _shapes(self, profiles: Sequence[Profile]) -> tuple[ShapesGraph, rdflib.Graph, tuple[Text, ...]]:
        """The shapes as both look at them, and what of them is not checked."""
        key = tuple(p.fingerprint for p in profiles)
        if key not in self._compiled:
            triples = list(dict.fromkeys(t for p in profiles for t in p.triples))
            shapes = ShapesGraph(triples)
            _refuse_dangling(shapes, profiles)
            told = tuple(notes(Plan(triples), [place for p in profiles for place in p.addresses]))
            rdf = to_rdflib(t for t in triples if t.predicate not in _DOCUMENTATION)
            self._compiled[key] = shapes, rdf, told
        return self._compiled[key]


@contextmanager
def _quiet() -> Iterator[None]:
    """rdflib logs a traceback for every ill-typed literal; here that is a finding, not a mishap."""
    logger = logging.getLogger("rdflib.term")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def to_rdflib(triples: Iterable[Triple]) -> rdflib.Graph:
    """The same statements as an rdflib graph in memory: same lexical forms, same blank-node labels."""
    graph = rdflib.Graph(bind_namespaces="none")
    terms: dict[Term, Node] = {}

    def term(one: Term) -> Node:
        if one not in terms:
            terms[one] = _to_rdflib(one)
        return terms[one]

    for t in triples:
        graph.add((term(t.subject), term(t.predicate), term(t.object)))  # type: ignore[arg-type]  # `shapes.read` lets no triple term pass
    return graph


def _to_rdflib(term: Term) -> Node:
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    datatype = None if term.datatype.value.endswith("#string") else rdflib.URIRef(term.datatype.value)
    return rdflib.Literal(term.value, datatype=datatype, normalize=False)


def _from_rdflib(node: Node) -> Term:
    if isinstance(node, rdflib.URIRef):
        return NamedNode(str(node))
    if isinstance(node, rdflib.BNode):
        return BlankNode(str(node))
    assert isinstance(node, rdflib.Literal)  # noqa: S101 - rdflib has no other kind of term in a report
    if node.language:
        return Literal(str(node), language=node.language)
    return Literal(str(node), datatype=NamedNode(str(node.datatype))) if node.datatype else Literal(str(node))


def _report(data: rdflib.Graph, shapes: rdflib.Graph, profiles: Sequence[Profile]) -> rdflib.Graph:
    named = ", ".join(p.name for p in profiles)
    try:
        _, report, _ = pyshacl_validate(
            data,
            shacl_graph=shapes,
            inference="none",
            inplace=True,
            advanced=False,
            js=False,
            meta_shacl=False,
            do_owl_imports=False,
        )
    except Exception as error:
        if not isinstance(error, ReportableRuntimeError | re.error | RecursionError) and type(error) is not Exception:
            raise  # rdflib raises the bare class for a query that it cannot use
        told = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputInvalid(
            f"pySHACL cannot use these shapes: {told.rstrip('.')}.", what=named, hint="Correct the shapes file."
        ) from error
    if not isinstance(report, rdflib.Graph):
        raise InputInvalid(f"pySHACL gave up: {report}.", what=named, hint="Shapes must not refer to themselves.")
    return report


def _refuse_dangling(shapes: ShapesGraph, profiles: Sequence[Profile]) -> None:
    """pySHACL gives no report at all when a shape refers to a property shape that is nowhere described."""
    missing = shapes.dangling()
    if not missing:
        return
    shape, target = missing[0]
    more = f" (and {len(missing) - 1} more such references)" if len(missing) > 1 else ""
    raise InputInvalid(
        f"the shape <{shape}> refers to the property shape <{target}>, which is described nowhere{more}.",
        what=", ".join(p.name for p in profiles),
        hint="Add the missing shape, or the file that holds it, or take the reference out.",
    )


def _findings(
    report: rdflib.Graph, shapes: ShapesGraph, words: Explanation, is_focus: Callable[[str], bool]
) -> Iterator[Finding]:
    for result in report.objects(None, _SH.result):
        found = _finding(result, report, shapes, words)
        if found is not None and is_focus(found.focus):
            yield found


_PARTS = (
    *("focusNode", "resultPath", "value", "resultSeverity"),
    *("sourceConstraintComponent", "sourceConstraint", "sourceShape"),
)


def _finding(result: Node, report: rdflib.Graph, shapes: ShapesGraph, words: Explanation) -> Finding | None:
    """The finding of a result node; None where it lacks what section 3.6.2 makes mandatory."""
    part = {name: report.value(result, _SH[name]) for name in _PARTS}
    focus, shape, component = part["focusNode"], part["sourceShape"], part["sourceConstraintComponent"]
    if focus is None or shape is None or component is None:
        return None
    value = part["value"]
    source = _from_rdflib(shape)
    constraint = None if part["sourceConstraint"] is None else _from_rdflib(part["sourceConstraint"])
    nested = (_finding(one, report, shapes, words) for one in report.objects(result, _SH.detail))
    return Finding(
        focus=str(_from_rdflib(focus)),
        path=_path(part["resultPath"], source, report, shapes),
        value=None if value is None else str(_from_rdflib(value)),
        severity=_SEVERITIES.get(part["resultSeverity"], Severity.VIOLATION),
        component=str(component),
        shape=shapes.called(source),
        shape_node=str(source),
        constraint=identity.mark(shapes, source, str(component), _single(shapes, source, str(component), constraint)),
        details=tuple(one for one in nested if one is not None),
        words=words,
    )


def _single(shapes: ShapesGraph, shape: Term, component: str, constraint: Term | None) -> Term | None:
    """The constraint's argument: pySHACL tells the node of `sh:sparql`; of other parameters there is one as a rule."""
    values = identity.given(shapes, shape, component)
    if constraint in values:
        return constraint
    return values[0] if len(values) == 1 else None


def _path(node: Node | None, shape: Term, report: rdflib.Graph, shapes: ShapesGraph) -> str:
    """The result's path; a complex one is a blank node that the report does not always describe, and the shape does."""
    if node is None:
        return ""
    if isinstance(node, rdflib.URIRef):
        return str(node)
    declared = shapes.value(shape, SH.path)
    return shapes.path(declared if declared is not None else _from_rdflib(node))


def _is_focus(shapes: ShapesGraph, data: Graph, background: Graph) -> Callable[[str], bool]:
    """Tells nodes of the data from those that only the background describes.

    The latter count only where the shapes name them, or reach them as objects of the data.
    """
    foreign = background.subjects - data.subjects
    named = {str(node) for node in shapes.objects(SH.targetNode)}
    reached = (str(predicate) for predicate in shapes.objects(SH.targetObjectsOf))
    objects = {node for predicate in reached for node in data.column(predicate).ends}
    return lambda node: node not in foreign or node in named or node in objects
