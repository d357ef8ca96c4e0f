"""Findings as statements: one named graph a dataset, and one graph that says what the rules say.

SPARQL joins the two by `sh:sourceShape`; no message is repeated in the findings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from catalog.findings import Found
from catalog.identifiers import Minter
from shapes.finding import Severity
from vocab.namespaces import DCT, DQV, RDF, RDFS, SH

SEVERITIES = {Severity.VIOLATION: SH.Violation, Severity.WARNING: SH.Warning, Severity.INFO: SH.Info}
_TOLD = (SH.path, SH.name, SH.description, SH.message, SH.severity, RDFS.label, RDFS.comment)


def quality_triples(base: str, slug: str, iri: str, found: Sequence[Found]) -> list[Triple]:
    """The findings about the dataset `iri` as SHACL results (SHACL, section 3.6.2), without messages.

    Empty where nothing was found. A node of the data without IRI stands as its dataset.
    """
    if not found:
        return []
    report = NamedNode(Minter(base).quality(slug))
    about = [Triple(report, RDF.type, DQV.QualityMetadata), Triple(report, DCT.subject, NamedNode(iri))]
    for key, one in {f.key: f for f in found}.items():
        node = NamedNode(f"{report.value}/{key}")
        about += [
            Triple(report, SH.result, node),
            Triple(node, RDF.type, SH.ValidationResult),
            Triple(node, SH.resultSeverity, SEVERITIES[one.cause.severity]),
            Triple(node, SH.sourceConstraintComponent, NamedNode(one.cause.component)),
        ]
        focus = one.focus if one.focus.startswith("<") else f"<{iri}>"
        terms = ((SH.focusNode, focus), (SH.value, one.value), (SH.sourceShape, f"<{one.cause.shape}>"))
        for predicate, term in terms:
            about += _stated(node, predicate, term)
        if one.cause.path.startswith(("http://", "https://")):
            about.append(Triple(node, SH.resultPath, NamedNode(one.cause.path)))
    return about


def _stated(node: NamedNode, predicate: NamedNode, term: str | None) -> list[Triple]:
    """The statement with an object written in N-Triples; none for a blank node or where there is no object."""
    if not term or term.startswith("_:") or term == "<>":
        return []
    line = f"{node} {predicate} {term} .\n".encode()
    return [q.triple for q in parse(line, format=RdfFormat.N_TRIPLES)]


def rules(profile: str, triples: Iterable[Triple]) -> Iterator[Triple]:
    """What a profile's named property shapes say of themselves: path, names, messages, severity, and why it matters.

    `profile` names it as the source of each (`dct:source`). Paths that are not one property are left out.
    """
    kept = [t for t in triples if isinstance(t.subject, NamedNode)]
    shapes = {t.subject for t in kept if t.predicate in (SH.path, SH.message)}
    for t in kept:
        if t.subject in shapes and t.predicate in _TOLD and not isinstance(t.object, BlankNode):
            yield t
    for shape in shapes:
        yield Triple(shape, DCT.source, Literal(profile))
