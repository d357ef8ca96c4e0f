"""Validation of the datasets that a run changed, and their findings as statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from catalog.assembly import membership
from catalog.identifiers import Minter
from catalog.model import Description
from catalog.settings import Settings
from shapes.background import background
from shapes.engine import Engine, engine
from shapes.finding import Finding, Severity
from shapes.profiles import profile
from vocab.namespaces import DCT, DQV, RDF, SH

SEVERITIES = {Severity.VIOLATION: SH.Violation, Severity.WARNING: SH.Warning, Severity.INFO: SH.Info}


class Validator:
    """Runs the configured profiles over batches of descriptions. `fingerprint` names profiles and engine."""

    def __init__(self, settings: Settings, *, active: bool = True) -> None:
        names = settings.validation.profiles if active else []
        self.base = settings.catalog.base
        self.profiles = [profile(name) for name in names]
        self.engine: Engine | None = engine(settings.validation.engine) if names else None
        self.fingerprint = "+".join([*(p.fingerprint[:16] for p in self.profiles), settings.validation.engine])

    def findings(self, datasets: list[Description], others: Iterable[Description]) -> dict[str, list[dict[str, Any]]]:
        """The findings of each dataset by its IRI, those for information left out.

        `others` are what the datasets name; they are known to the shapes and are not validated.
        """
        if self.engine is None or not datasets:
            return {}
        triples: list[Triple] = []
        owners: dict[str, str] = {}
        for d in datasets:
            triples += d.triples
            owners |= dict.fromkeys((str(t.subject) for t in d.triples), d.iri)
        known = [t for o in others for t in o.triples]
        known += background([*triples, *known])
        links = b"".join(membership(self.base, d) for d in datasets)
        known += (q.triple for q in parse(links, format=RdfFormat.N_TRIPLES))
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for finding in self.engine.validate(triples, self.profiles, known):
            if finding.severity is not Severity.INFO:
                found[owners.get(finding.focus, finding.dataset)].append(plain(finding))
        return found


def plain(finding: Finding) -> dict[str, Any]:
    """A finding as JSON values, as the bookkeeping keeps it."""
    return {
        "key": finding.key,
        "severity": finding.severity.value,
        "focus": finding.focus,
        "path": finding.path,
        "value": finding.value,
        "component": finding.component,
        "shape": finding.shape,
        "fr": finding.messages.fr,
        "en": finding.messages.en,
        "repair_fr": finding.repair.fr,
        "repair_en": finding.repair.en,
    }


def quality_triples(base: str, dataset: Description, findings: list[dict[str, Any]]) -> list[Triple]:
    """The findings about a dataset as SHACL results; messages stay on the shapes."""
    if not findings:
        return []
    report = NamedNode(Minter(base).quality(dataset.slug))
    found = [Triple(report, RDF.type, DQV.QualityMetadata), Triple(report, DCT.subject, NamedNode(dataset.iri))]
    for f in findings:
        node = NamedNode(f"{report.value}/{f['key']}")
        found += [
            Triple(report, SH.result, node),
            Triple(node, RDF.type, SH.ValidationResult),
            Triple(node, SH.resultSeverity, SEVERITIES[Severity(f["severity"])]),
            Triple(node, SH.sourceConstraintComponent, NamedNode(f["component"])),
        ]
        focus = f["focus"] if f["focus"].startswith("<") else f"<{dataset.iri}>"
        for predicate, term in ((SH.focusNode, focus), (SH.value, f["value"]), (SH.sourceShape, f"<{f['shape']}>")):
            found += _stated(node, predicate, term)
        if f["path"].startswith(("http://", "https://")):
            found.append(Triple(node, SH.resultPath, NamedNode(f["path"])))
    return found


def _stated(node: NamedNode, predicate: NamedNode, term: str | None) -> list[Triple]:
    """The statement with an object written in N-Triples; none for a blank node or where there is no object."""
    if not term or term.startswith("_:") or term == "<>":
        return []
    line = f"{node} {predicate} {term} .\n".encode()
    return [q.triple for q in parse(line, format=RdfFormat.N_TRIPLES)]
