"""The fixed words of reports, and how numbers are written."""

from __future__ import annotations

import re

from shapes.finding import Finding, Severity
from shapes.report import Report, SetApart
from shapes.text import Text

SEVERITIES = {
    Severity.VIOLATION: (Text("violation", "violation"), Text("violations", "violations")),
    Severity.WARNING: (Text("avertissement", "warning"), Text("avertissements", "warnings")),
    Severity.INFO: (Text("remarque", "remark"), Text("remarques", "remarks")),
}
UNCHECKED = Text("Ce que les formes demandent et qui n’a pas été vérifié", "What the shapes ask and was not checked")
NO_FAULT = Text("Aucun défaut.", "No fault found.")
TITLE = Text("Rapport de validation", "Validation report")
FIELDS = Text("Champ d’OpenDataSoft\u00a0:", "Field of OpenDataSoft:")
MORE = Text("et {} de plus", "and {} more")


APART = Text("mis à part", "set apart")
NEW = Text("nouveau", "new")
FIXED = Text("corrigé", "fixed")
VOCABULARIES = Text("vocabulaires", "vocabularies")
REFERENCE = Text("Référence\u00a0:", "Reference:")


_CONCERNED = {
    "Activity": Text("activité", "activity"),
    "AddressOfAgent": Text("adresse", "address"),
    "AddressOfKind": Text("adresse", "address"),
    "Attribution": Text("attribution", "attribution"),
    "Identifier": Text("identifiant", "identifier"),
    "LicenseDocument": Text("licence", "licence"),
    "QualityMeasurement": Text("mesure de qualité", "quality measurement"),
    "Series": Text("série de jeux de données", "dataset series"),
    "Service": Text("service de données", "data service"),
    "Standard": Text("norme", "standard"),
    "Agent": Text("agent", "agent"),
    "Catalog": Text("catalogue", "catalogue"),
    "CatalogRecord": Text("notice du catalogue", "catalogue record"),
    "Checksum": Text("empreinte", "checksum"),
    "Concept": Text("concept", "concept"),
    "Contact": Text("contact", "contact"),
    "ContactPoint": Text("contact", "contact"),
    "DataService": Text("service de données", "data service"),
    "Dataset": Text("jeu de données", "dataset"),
    "DatasetSeries": Text("série de jeux de données", "dataset series"),
    "Distribution": Text("distribution", "distribution"),
    "Kind": Text("contact", "contact"),
    "LicenceDocument": Text("licence", "licence"),
    "Location": Text("lieu", "place"),
    "PeriodOfTime": Text("période", "period"),
    "Relationship": Text("relation", "relationship"),
}


def concerned(shape: str) -> Text:
    """What kind of thing a shape looks at, as its IRI says; empty where it does not."""
    name = re.split(r"[#/]", shape)[-1].removeprefix("Declared")
    return _CONCERNED.get(re.split(r"[-_]|Shape|Without", name)[0], Text("", ""))


def fields(finding: Finding, lang: str) -> str:
    """The fields of OpenDataSoft's form that repair a finding, introduced as such; empty where there is none."""
    return f"{FIELDS.of(lang)} {', '.join(finding.fields)}" if finding.fields else ""


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
    found = counts(report, lang).rstrip(".")
    profiles = ", ".join(title.of(lang) for _, title, _ in report.profiles)
    inputs = ", ".join(report.inputs)
    read = number(report.statements, lang)
    several = "" if report.statements == 1 else "s"
    if lang == "fr":
        read = f"{read} énoncé{several}"
        return f"{found}. Lu\u00a0: {inputs} ({read}). Profil\u00a0: {profiles}. Moteur\u00a0: {report.engine}."
    return f"{found}. Read: {inputs} ({read} statement{several}). Profile: {profiles}. Engine: {report.engine}."


def counts(report: Report, lang: str) -> str:
    """« 3 violations, 1 avertissement », or that there is no fault."""
    told = [counted(report.count(s), s, lang) for s in Severity if report.count(s)]
    return ", ".join(told) if told else NO_FAULT.of(lang)


def apart(report: Report, lang: str) -> str:
    """How many findings are set apart, and from how many causes; empty where none is."""
    count, causes = len(report.noise), len(report.set_apart)
    if not count:
        return ""
    told = number(count, lang)
    if lang == "fr":
        are = "constat est mis" if count == 1 else "constats sont mis"
        whence = "une cause systématique" if causes == 1 else f"{causes} causes systématiques"
        return f"{told} {are} à part\u00a0: {whence} qu’aucune correction des métadonnées n’ôterait."
    are = "finding is" if count == 1 else "findings are"
    whence = "one systematic cause" if causes == 1 else f"{causes} systematic causes"
    return f"{told} {are} set apart: {whence} that no repair of the metadata removes."


def changes(report: Report, lang: str) -> str:
    """What is new, fixed and remaining since the earlier report; empty without one."""
    if report.changes is None:
        return ""
    sums = report.changes.new, len(report.changes.fixed), report.changes.remaining
    new, fixed, rest = (number(n, lang) for n in sums)
    if lang == "fr":
        return f"Depuis {report.changes.name}\u00a0: nouveaux {new}, corrigés {fixed}, restants {rest}."
    return f"Since {report.changes.name}: {new} new, {fixed} fixed, {rest} remaining."


def reference(one: SetApart, lang: str) -> str:
    """Where it is written why a systematic cause is none of the publisher's faults."""
    return f"{REFERENCE.of(lang)} {one.noise.reference}"


def where(finding: Finding) -> str:
    """The focus node as people read it: an IRI without its brackets; for a blank node, the dataset it belongs to."""
    if finding.focus.startswith("<"):
        return finding.focus[1:-1]
    if finding.dataset:
        return f"{finding.dataset} ({finding.focus})"
    return finding.focus
