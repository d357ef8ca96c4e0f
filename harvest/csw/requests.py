"""What a catalogue service is asked: GetCapabilities, GetRecords, GetRecordById, by KVP and by POST."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

GMD = "http://www.isotc211.org/2005/gmd"
MDB = "http://standards.iso.org/iso/19115/-3/mdb/2.0"
DCAT = "http://www.w3.org/ns/dcat#"
CORE = {"2.0.2": "http://www.opengis.net/cat/csw/2.0.2", "3.0.0": "http://www.opengis.net/cat/csw/3.0"}
SCHEMAS = {"gmd": GMD, "mdb": MDB, "dcat": DCAT}
"""Output schemas by the name that the settings call them."""
VERSIONS = tuple(CORE)
XML = "application/xml"


def schema_name(address: str) -> str:
    """The name of an output schema; `record` for the core one; empty for one that is not read here."""
    bare = address.strip().rstrip("#/")
    if bare.startswith("http://www.isotc211.org/2005/gmd"):
        return "gmd"
    if bare.startswith("http://standards.iso.org/iso/19115/-3/mdb/"):
        return "mdb"
    if bare.startswith("http://www.w3.org/ns/dcat"):
        return "dcat"
    return "record" if bare in CORE.values() else ""


@dataclass(frozen=True, slots=True)
class Question:
    """One GetRecords. `start` counts from 1; `constraint` is in CQL; `types` empty asks for the core type."""

    version: str
    schema: str
    start: int
    most: int
    constraint: str = ""
    types: str = "csw:Record"
    elements: str = "full"

    def kvp(self) -> dict[str, str]:
        """As the parameters of a GET (07-006r1, table 29; 12-176r7, table 8)."""
        found = {
            "service": "CSW",
            "version": self.version,
            "request": "GetRecords",
            "typeNames": self.types,
            "elementSetName": self.elements,
            "outputSchema": self.schema,
            "outputFormat": XML,
            "startPosition": str(self.start),
            "maxRecords": str(self.most),
            "namespace": f"xmlns(csw={CORE[self.version]}),xmlns(gmd={GMD})",
        }
        if self.version == "2.0.2":
            found["resultType"] = "results"
        if self.constraint:
            found |= {"constraintLanguage": "CQL_TEXT", "constraint": self.constraint}
            found["constraint_language_version"] = "1.1.0"
        return found

    def body(self) -> bytes:
        """As the body of a POST."""
        kind = ' resultType="results"' if self.version == "2.0.2" else ""
        asked = f'<csw:Constraint version="1.1.0"><csw:CqlText>{escape(self.constraint)}</csw:CqlText></csw:Constraint>'
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><csw:GetRecords xmlns:csw="{CORE[self.version]}" xmlns:gmd="{GMD}" '
            f'service="CSW" version="{self.version}"{kind} outputFormat="{XML}" outputSchema={quoteattr(self.schema)} '
            f'startPosition="{self.start}" maxRecords="{self.most}"><csw:Query typeNames={quoteattr(self.types)}>'
            f"<csw:ElementSetName>{self.elements}</csw:ElementSetName>{asked if self.constraint else ''}"
            "</csw:Query></csw:GetRecords>"
        ).encode()

    def by_name_kvp(self, name: str) -> dict[str, str]:
        """GetRecordById for one record in the same schema, as the parameters of a GET (07-006r1, table 34)."""
        return {
            "service": "CSW",
            "version": self.version,
            "request": "GetRecordById",
            "id": name,
            "elementSetName": "full",
            "outputSchema": self.schema,
            "outputFormat": XML,
        }

    def by_name_body(self, name: str) -> bytes:
        """The same, as the body of a POST."""
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><csw:GetRecordById xmlns:csw="{CORE[self.version]}" service="CSW" '
            f'version="{self.version}" outputFormat="{XML}" outputSchema={quoteattr(self.schema)}>'
            f"<csw:Id>{escape(name)}</csw:Id><csw:ElementSetName>full</csw:ElementSetName></csw:GetRecordById>"
        ).encode()


def both(one: str, other: str) -> str:
    """The constraint that both are met; an empty one always is."""
    return f"({one}) AND {other}" if one and other else one or other


def capabilities(version: str) -> dict[str, str]:
    """The parameters of GetCapabilities, in the version that is wanted; empty for any."""
    return {"service": "CSW", "request": "GetCapabilities"} | ({"version": version} if version else {})
