"""What the lint remarks, and about which statement of the shapes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pyoxigraph import NamedNode

from shapes.finding import Severity
from shapes.text import Term, Text


class Check(StrEnum):
    """The checks by name, as reports write them."""

    UNKNOWN_TERM = "unknown-term"
    OTHER_NAMESPACE = "other-namespace"
    NOT_CHECKED = "not-checked"
    NOT_USABLE = "not-usable"
    ILL_FORMED = "ill-formed"
    DANGLING = "dangling"
    NO_CONSTRAINT = "no-constraint"
    NEVER_REACHED = "never-reached"
    NEVER_FIRES = "never-fires"
    CONTRADICTION = "contradiction"
    PATTERN = "pattern"
    RECURSION = "recursion"
    DEFINED_TWICE = "defined-twice"
    OVERLAY = "overlay"
    DEACTIVATED = "deactivated"
    NOT_LOADED = "not-loaded"


SEVERITIES: dict[Check, Severity] = {
    Check.UNKNOWN_TERM: Severity.VIOLATION,
    Check.OTHER_NAMESPACE: Severity.VIOLATION,
    Check.NOT_CHECKED: Severity.WARNING,
    Check.NOT_USABLE: Severity.VIOLATION,
    Check.ILL_FORMED: Severity.VIOLATION,
    Check.DANGLING: Severity.VIOLATION,
    Check.NO_CONSTRAINT: Severity.WARNING,
    Check.NEVER_REACHED: Severity.WARNING,
    Check.NEVER_FIRES: Severity.VIOLATION,
    Check.CONTRADICTION: Severity.VIOLATION,
    Check.PATTERN: Severity.WARNING,
    Check.RECURSION: Severity.WARNING,
    Check.DEFINED_TWICE: Severity.WARNING,
    Check.OVERLAY: Severity.INFO,
    Check.DEACTIVATED: Severity.INFO,
    Check.NOT_LOADED: Severity.INFO,
}
"""How much each weighs: a violation is written against SHACL or can do nothing, a warning is probably not meant."""

TITLES: dict[Check, Text] = {
    Check.UNKNOWN_TERM: Text("Terme inconnu de SHACL", "Term that SHACL does not have"),
    Check.OTHER_NAMESPACE: Text("Terme de SHACL dans un autre espace de noms", "SHACL term in another namespace"),
    Check.NOT_CHECKED: Text("Partie de SHACL qui n’est pas vérifiée", "Part of SHACL that is not checked"),
    Check.NOT_USABLE: Text("Contrainte qui ne peut pas servir", "Constraint that cannot be used"),
    Check.ILL_FORMED: Text("Forme mal écrite", "Ill-formed shape"),
    Check.DANGLING: Text("Renvoi à une forme absente", "Reference to a shape that is not there"),
    Check.NO_CONSTRAINT: Text("Forme sans contrainte", "Shape without a constraint"),
    Check.NEVER_REACHED: Text("Forme que rien n’atteint", "Shape that nothing reaches"),
    Check.NEVER_FIRES: Text("Cible qui ne peut rien viser", "Target that can have no node"),
    Check.CONTRADICTION: Text("Contradiction", "Contradiction"),
    Check.PATTERN: Text("Motif coûteux", "Costly pattern"),
    Check.RECURSION: Text("Forme qui se réfère à elle-même", "Shape that refers to itself"),
    Check.DEFINED_TWICE: Text("Forme décrite par deux fichiers", "Shape that two files describe"),
    Check.OVERLAY: Text("Complément d’une forme d’un autre fichier", "Addition to a shape of another file"),
    Check.DEACTIVATED: Text("Forme désactivée", "Deactivated shape"),
    Check.NOT_LOADED: Text("Importation qui n’est pas lue", "Import that is not read"),
}


@dataclass(frozen=True)
class Remark:
    """One remark: on which node, what, and on which of its statements where one is meant."""

    check: Check
    node: Term
    text: Text
    predicate: NamedNode | None = None
    value: Term | None = None

    @property
    def severity(self) -> Severity:
        """How much it weighs."""
        return SEVERITIES[self.check]


Remarks = Iterator[Remark]
