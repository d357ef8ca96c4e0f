"""Official files and our profiles over one corpus: the faults of each, and which of them the other does not find."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from shapes.finding import Finding
from shapes.graph import Graph, term
from shapes.profiles import DEFAULTS, Profile
from shapes.sentences import local_component, wanted
from shapes.shapes_graph import ShapesGraph, path_in_words
from shapes.text import Text
from tests.shapes.corpus import GENERATED, GEOGRAPHIC, HAND_WRITTEN, HIGH_VALUE, corpus, documents, known_to
from tests.shapes.own_profiles import kept, own
from tests.shared import shared
from vocab.namespaces import AUTHORITY, DCAT, DCATAP, DCT, HVD_LEGISLATION, LOCN, RDF, SKOS


@dataclass(frozen=True)
class Pair:
    """Official files, and the profiles of ours that stand for them."""

    files: tuple[str, ...]
    profiles: tuple[str, ...]


def _hand_written(*names: str) -> tuple[str, ...]:
    return tuple(HAND_WRITTEN[name] for name in names)


PAIRS = {
    "mandatory": Pair(_hand_written("shapes", "range"), ("dcat-ap-3",)),
    "recommended": Pair(_hand_written("shapes_recommended", "deprecateduris"), ("dcat-ap-3-recommended",)),
    "vocabularies": Pair(_hand_written("mdr-vocabularies.shape"), ("dcat-ap-3-vocabularies",)),
    "together": Pair(tuple(HAND_WRITTEN.values()), DEFAULTS),
    "generated": Pair(GENERATED, ("dcat-ap-3",)),
    "hvd": Pair(HIGH_VALUE, ("hvd",)),
    "geodcat": Pair(GEOGRAPHIC, ("geodcat-ap-3",)),
}


NODE = "(node)"
"""Stands for the path of a constraint on the node itself."""


class Fault(NamedTuple):
    """What can be compared between two files: the node, the property, and whether it is missing, there too often, or
    has a wrong value. Which constraint says so differs from file to file.
    """

    focus: str
    path: str
    kind: str


KINDS = {
    "MinCount": "missing",
    "QualifiedMinCount": "missing",
    "MaxCount": "many",
    "QualifiedMaxCount": "many",
}
"""Every other constraint is about a value: `value`."""


@cache
def official(*files: str) -> Profile:
    """These files as one set of shapes."""
    return Profile("official", Text("", ""), tuple(str(shared(file)) for file in files))


class Judged:
    """The faults that a set of shapes finds in a graph, each with its findings."""

    def __init__(self, graph: Graph, known: Graph, profiles: Iterable[Profile]) -> None:
        profiles = list(profiles)
        self.graph = graph
        self._shapes = ShapesGraph(t for p in profiles for t in p.triples)
        self.faults: dict[Fault, list[Finding]] = defaultdict(list)
        for finding in kept("garonne").validate(graph, profiles, known):
            self.faults[self._fault(finding)].append(finding)

    def _fault(self, finding: Finding) -> Fault:
        component = local_component(finding.component)
        if not finding.path and component in ("Or", "Xone"):
            properties = wanted(self._shapes, term(finding.shape_node), component)
            if properties:
                return Fault(finding.focus, "|".join(sorted(properties)), "missing")
        path = path_in_words(bare(finding.path)) or NODE
        if "(" not in path:
            path = "|".join(sorted(path.split("|")))
        return Fault(finding.focus, path, self._kind(finding))

    def _kind(self, finding: Finding) -> str:
        component = local_component(finding.component)
        if component in ("HasValue", "QualifiedMinCount") and "<" not in (path := bare(finding.path)):
            return "value" if self.graph.column(f"<{path}>").index.get(finding.focus) else "missing"
        return KINDS.get(component, "value")

    def severity(self, fault: Fault) -> str:
        """The heaviest severity of the fault's findings."""
        return min((f.severity for f in self.faults[fault]), key=lambda s: s.rank).value


def bare(path: str) -> str:
    """The path without the mark by which a shape of ours includes the node itself."""
    return re.sub(r"^(?:<([^>]*)>|\((.*)\))\?$", lambda found: found[1] or found[2], path)


@cache
def official_faults(document: str) -> frozenset[Fault]:
    """What the hand-written files of DCAT-AP 3.0.1 find in a document of the corpus."""
    judged = Judged(documents()[document], known_to(document), [official(*PAIRS["together"].files)])
    return frozenset(judged.faults)


@cache
def our_faults(document: str) -> frozenset[Fault]:
    """What `dcat-ap-3` finds in a document of the corpus."""
    return frozenset(Judged(documents()[document], known_to(document), [own("dcat-ap-3")]).faults)


@dataclass(frozen=True)
class Difference:
    """A row of the table: faults of the `pairs` that one `side` finds and the other does not, or not as severely.

    `classes` and `paths` are lists, `*` stands for any; `condition` is a name of `CONDITIONS`, and holds for every
    finding of the fault.
    """

    pairs: frozenset[str]
    side: str
    classes: frozenset[str]
    paths: frozenset[str]
    kinds: frozenset[str]
    condition: str
    reason: str
    reference: str

    def explains(self, seen: Seen) -> bool:
        """Whether the row is about what was seen."""
        return (
            seen.pair in self.pairs
            and seen.side == self.side
            and bool(self.classes & (seen.classes | {"*"}))
            and bool(self.paths & {seen.fault.path, "*"})
            and seen.fault.kind in self.kinds
            and all(CONDITIONS[self.condition](seen, finding) for finding in seen.findings)
        )


@dataclass(frozen=True)
class Seen:
    """A difference that was seen. `side` is who finds it: `official`, `ours`, or `severity` where both do."""

    pair: str
    document: str
    side: str
    fault: Fault
    classes: frozenset[str]
    findings: tuple[Finding, ...]
    graph: Graph
    known: Graph

    def __str__(self) -> str:
        value = (self.findings[0].value or "")[:60]
        told = ", ".join(sorted(self.classes))
        return f"{self.pair}: {self.side}: {told} {self.fault.path} {self.fault.kind} {value} in {self.document}"


Condition = Callable[[Seen, Finding], bool]


def _starts(*prefixes: str) -> Condition:
    return lambda seen, finding: (finding.value or "").startswith(tuple(f"<{p}" for p in prefixes))


def _one_of(*schemes: str) -> Condition:
    """Whether the node has a value in one of the schemes: one is enough."""

    def holds(seen: Seen, finding: Finding) -> bool:
        values = seen.graph.column(f"<{bare(finding.path)}>").index.get(finding.focus, ())
        found = {
            s for v in values for g in (seen.graph, seen.known) for s in g.column(str(SKOS.inScheme)).index.get(v, ())
        }
        return bool(found & {f"<{scheme}>" for scheme in schemes})

    return holds


def _values(seen: Seen, finding: Finding) -> Sequence[str]:
    """The value of the finding, or of the node where the finding is about all of them."""
    if finding.value is not None:
        return [finding.value]
    return seen.graph.column(f"<{bare(finding.path)}>").index.get(finding.focus, ())


def _known_place(seen: Seen, finding: Finding) -> bool:
    """Whether one of the node's places is in a list, in GeoNames or has a geometry, or the only one is a text."""
    values = seen.graph.column(str(DCT.spatial)).index.get(finding.focus, ())
    lists = _one_of(*(f"{AUTHORITY}{name}" for name in ("place", "country", "continent")))
    described = (DCAT.bbox, DCAT.centroid, LOCN.geometry)
    return lists(seen, finding) or any(
        "geonames.org/" in v or any(seen.graph.column(str(p)).index.get(v) for p in described) for v in values
    )


def _declared(seen: Seen, finding: Finding) -> bool:
    cited = seen.graph.column(str(DCATAP.applicableLegislation)).index.get(finding.focus, ())
    return f"<{HVD_LEGISLATION}>" in cited


CONDITIONS: dict[str, Condition] = {
    "": lambda seen, finding: True,
    "the value is a text": lambda seen, finding: all(v.startswith('"') for v in _values(seen, finding)),
    "the value is no text": lambda seen, finding: not (finding.value or "").startswith('"'),
    "the value is an IANA address": _starts(
        "http://www.iana.org/assignments/media-types/", "https://www.iana.org/assignments/media-types/"
    ),
    "the value is an SPDX address": _starts("http://spdx.org/rdf/terms", "https://spdx.org/rdf/terms"),
    "the value is in the current list": _starts(f"{AUTHORITY}distribution-status/"),
    "another value is in the European list": _one_of(f"{AUTHORITY}data-theme"),
    "a place is known or described": _known_place,
    "the resource does not cite the regulation": lambda seen, finding: not _declared(seen, finding),
    "the hand-written files find it": lambda seen, finding: seen.fault in official_faults(seen.document),
    "`dcat-ap-3` finds it": lambda seen, finding: seen.fault in our_faults(seen.document),
}
"""What a row may demand of every finding of a fault."""

TABLE = Path(__file__).parent / "judges" / "differences.csv"


@cache
def table() -> tuple[Difference, ...]:
    """The deliberate differences, in their order; `ValueError` for a row that no reader understands."""
    with TABLE.open(encoding="utf-8", newline="") as stream:
        rows = [_row(row) for row in csv.DictReader(stream)]
    for row in rows:
        if row.condition not in CONDITIONS or not row.pairs <= set(PAIRS) or not row.reason or not row.reference:
            raise ValueError(f"differences.csv: {row}")
    return tuple(rows)


def _row(row: dict[str, str]) -> Difference:
    lists = (frozenset(row[name].split()) for name in ("pairs", "classes", "paths", "kinds"))
    pairs, classes, paths, kinds = lists
    return Difference(pairs, row["side"], classes, paths, kinds, row["condition"], row["reason"], row["reference"])


@dataclass
class Agreement:
    """What a comparison found: how many faults both sides find, and every difference."""

    both: int
    differences: list[Seen]


@cache
def compared(name: str) -> Agreement:
    """The official files and our profiles of a pair over the whole corpus; for `hvd` with the regulation cited too."""
    pair = PAIRS[name]
    found = Agreement(0, [])
    for document, graph in (documents() if name == "hvd" else corpus()).items():
        known = known_to(document)
        theirs = Judged(graph, known, [official(*pair.files)])
        ours = Judged(graph, known, [own(one) for one in pair.profiles])
        types = graph.column(str(RDF.type)).index
        for side, one, other in (("official", theirs, ours), ("ours", ours, theirs)):
            for fault, findings in one.faults.items():
                if fault in other.faults:
                    found.both += side == "official"
                    if side == "ours" or one.severity(fault) == other.severity(fault):
                        continue
                where = "severity" if fault in other.faults else side
                classes = frozenset(re.split(r"[#/]", c[1:-1])[-1] for c in types.get(fault.focus, ()))
                seen = Seen(name, document, where, fault, classes, tuple(findings), graph, known)
                found.differences.append(seen)
    return found
