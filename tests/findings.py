"""Findings for tests that need some and no validation."""

from __future__ import annotations

import hashlib

from catalog.findings import Cause, Found
from shapes.finding import Severity
from vocab.text import Text

SH = "http://www.w3.org/ns/shacl#"
SHAPES = "https://w3id.org/garonne/shapes/dcat-ap-3#"
RECOMMENDED = "https://w3id.org/garonne/shapes/dcat-ap-3-recommended#"
FOCUS = "https://data.example.org/dataset/arbres"

NO_KEYWORD = Cause(
    Severity.WARNING,
    "dcat-ap-3-recommended",
    f"{RECOMMENDED}Dataset-keyword-recommended",
    "http://www.w3.org/ns/dcat#keyword",
    f"{SH}MinCountConstraintComponent",
    Text("Un mot-clé <b>ici</b> est recommandé.", "A keyword is recommended <b>here</b>."),
    Text("Aucune valeur n’est donnée.", "No value is given."),
    Text("Ajoutez-en un.", "Add one."),
)
BAD_DATE = Cause(
    Severity.VIOLATION,
    "dcat-ap-3",
    f"{SHAPES}Dataset-issued",
    "http://purl.org/dc/terms/issued",
    f"{SH}OrConstraintComponent",
    Text("La date de parution est une date.", "The release date is a date."),
    repair=Text("Écrivez 2026-03-01.", "Write 2026-03-01."),
    fields="default.modified",
)
LISTED = Cause(
    Severity.VIOLATION,
    "dcat-ap-3",
    f"{SHAPES}Distribution-mediaType",
    "http://www.w3.org/ns/dcat#mediaType",
    f"{SH}ClassConstraintComponent",
    Text("Un type de média décrit comme tel est attendu.", "A described media type is expected."),
    repair=Text("Rien à faire.", "Nothing to do."),
    noise="media-types",
)


def found(cause: Cause, value: str | None = None, focus: str = FOCUS, key: str = "") -> Found:
    """A finding of this cause; its key depends on focus and value unless it is given."""
    digest = hashlib.sha256(f"{cause.shape} {focus} {value}".encode()).hexdigest()[:32]
    return Found(cause, key or digest, f"<{focus}>", value)
