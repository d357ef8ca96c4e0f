"""The fixed words of reports, and how numbers are written."""

from __future__ import annotations

from shapes.finding import Finding, Severity
from shapes.report import Report
from shapes.text import Text

SEVERITIES = {
    Severity.VIOLATION: (Text("violation", "violation"), Text("violations", "violations")),
    Severity.WARNING: (Text("avertissement", "warning"), Text("avertissements", "warnings")),
    Severity.INFO: (Text("remarque", "remark"), Text("remarques", "remarks")),
}
NO_FAULT = Text("Aucun défaut.", "No fault found.")
TITLE = Text("Rapport de validation", "Validation report")
EXAMPLES = Text("Exemples", "Examples")
MORE = Text("et {} de plus", "and {} more")


def number(count: int, lang: str) -> str:
    """`10 470` with a narrow space in French, `10,470` in English."""
    return f"{count:,}".replace(",", "\u202f") if lang == "fr" else f"{count:,}"


def counted(count: int, severity: Severity, lang: str) -> str:
    """« 1 violation », « 3 avertissements »; French writes 0 in the singular."""
    one, many = SEVERITIES[severity]
    singular = count < 2 if lang == "fr" else count == 1
    return f"{number(count, lang)} {(one if singular else many).of(lang)}"


def summary(report: Report, lang: str) -> str:
    """One sentence: how many findings, in what, against which profiles."""
    counts = [counted(report.count(s), s, lang) for s in Severity if report.count(s)]
    found = ", ".join(counts) if counts else NO_FAULT.of(lang).rstrip(".")
    profiles = ", ".join(title.of(lang) for _, title, _ in report.profiles)
    inputs = ", ".join(report.inputs)
    read = number(report.statements, lang)
    several = "" if report.statements == 1 else "s"
    if lang == "fr":
        read = f"{read} énoncé{several}"
        return f"{found}. Lu\u00a0: {inputs} ({read}). Profil\u00a0: {profiles}. Moteur\u00a0: {report.engine}."
    return f"{found}. Read: {inputs} ({read} statement{several}). Profile: {profiles}. Engine: {report.engine}."


def where(finding: Finding) -> str:
    """The focus node as people read it: an IRI without its brackets; for a blank node, the dataset it belongs to."""
    if finding.focus.startswith("<"):
        return finding.focus[1:-1]
    if finding.dataset:
        return f"{finding.dataset} ({finding.focus})"
    return finding.focus
