"""A catalogue service (CSW 2.0.2 and 3.0) that pages, answers GET and POST, and fails as it is told."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from harvest.documents import xml
from tests.fakes.server import Answer

CORE = {"2.0.2": "http://www.opengis.net/cat/csw/2.0.2", "3.0.0": "http://www.opengis.net/cat/csw/3.0"}
GMD = "http://www.isotc211.org/2005/gmd"
NAMES = (
    f'xmlns:gmd="{GMD}" xmlns:gco="http://www.isotc211.org/2005/gco" xmlns:gmx="http://www.isotc211.org/2005/gmx" '
    'xmlns:srv="http://www.isotc211.org/2005/srv" xmlns:gml="http://www.opengis.net/gml/3.2" '
    'xmlns:xlink="http://www.w3.org/1999/xlink"'
)

DATE = re.compile(r"<gco:Date>(.*?)</gco:Date>")


def text(words: str) -> str:
    """A `gco:CharacterString`."""
    return f"<gco:CharacterString>{words}</gco:CharacterString>"


def coded(name: str, term: str) -> str:
    """A term of a code list."""
    return f'<gmd:{name} codeList="x#{name}" codeListValue="{term}"/>'


def record(
    id_: str,
    title: str = "Arbres",
    *,
    inner: str = "",
    outer: str = "",
    scope: str = "dataset",
    date: str = "2024-05-01",
) -> str:
    """A record of ISO 19139; `inner` stands in its identification, `outer` behind it."""
    kind = "srv:SV_ServiceIdentification" if scope == "service" else "gmd:MD_DataIdentification"
    return (
        f"<gmd:MD_Metadata {NAMES}><gmd:fileIdentifier>{text(id_)}</gmd:fileIdentifier>"
        f"<gmd:language>{coded('LanguageCode', 'fre')}</gmd:language>"
        f"<gmd:hierarchyLevel>{coded('MD_ScopeCode', scope)}</gmd:hierarchyLevel>"
        f"<gmd:dateStamp><gco:Date>{date}</gco:Date></gmd:dateStamp>"
        f"<gmd:identificationInfo><{kind}><gmd:citation><gmd:CI_Citation>"
        f"<gmd:title>{text(title)}</gmd:title></gmd:CI_Citation></gmd:citation>"
        f"<gmd:abstract>{text('Les arbres de la ville.')}</gmd:abstract>{inner}</{kind}></gmd:identificationInfo>"
        f"{outer}</gmd:MD_Metadata>"
    )


@dataclass
class Catalogue:
    """Serves `records` (XML each) in pages. `broken` are positions (from 1) that break any page they are in.

    `hides_next` leaves nextRecord out, `stuck` repeats the first page for ever, `back` gives a nextRecord that does
    not go forward, `matched` announces another number than there are. `modified` is what it calls the date of a record
    in constraints, of which it understands one: that the date is not before a day.
    """

    records: list[str]
    version: str = "2.0.2"
    get: bool = True
    schemas: tuple[str, ...] = (GMD, "http://www.opengis.net/cat/csw/2.0.2")
    broken: set[int] = field(default_factory=set)
    hides_next: bool = False
    stuck: bool = False
    back: bool = False
    matched: int | None = None
    host: str = ""
    modified: str = ""

    def reply(self, path: str) -> Answer:
        """What a GET is answered."""
        asked = {k.lower(): v for k, v in parse_qsl(urlsplit(path).query)}
        if asked.get("request") == "GetCapabilities":
            return _xml(self.capabilities())
        if not self.get:
            return _xml(exception("OperationNotSupported", "request", "GET is not supported"))
        if asked.get("version") != self.version:
            return _xml(exception("InvalidParameterValue", "version", "unknown version"))
        if asked["request"] == "GetRecordById":
            return self.by_name(asked["id"])
        start, most = int(asked["startposition"]), int(asked["maxrecords"])
        return self.page(start, most, asked["outputschema"], asked["elementsetname"], asked.get("constraint", ""))

    def post(self, _path: str, body: bytes) -> Answer:
        """What a POST is answered."""
        root = xml.tree(body, what="the question")
        texts = {str(e.tag).rpartition("}")[2]: e.text or "" for e in root.iter()}
        if root.tag == f"{{{CORE[self.version]}}}GetRecordById":
            return self.by_name(texts["Id"])
        assert root.tag == f"{{{CORE[self.version]}}}GetRecords"
        start, most = int(root.get("startPosition", "1")), int(root.get("maxRecords", "10"))
        return self.page(start, most, root.get("outputSchema", ""), texts["ElementSetName"], texts.get("CqlText", ""))

    def by_name(self, name: str) -> Answer:
        """The record of a name, if there is one."""
        core = CORE[self.version]
        found = [r for r in self.records if _name(r) == name]
        return _xml(f'<csw:GetRecordByIdResponse xmlns:csw="{core}">{"".join(found)}</csw:GetRecordByIdResponse>')

    def page(self, start: int, most: int, schema: str, elements: str = "full", constraint: str = "") -> Answer:
        """One page of results."""
        if schema not in self.schemas:
            return _xml(exception("InvalidParameterValue", "outputSchema", f"{schema} is not offered"))
        first = 1 if self.stuck else start
        records = self.records
        if self.modified and self.modified in constraint:
            records = [r for r in records if DATE.findall(r)[0] >= constraint.split("'")[-2]]
        given = records[first - 1 : first - 1 + most]
        if self.broken & set(range(start, start + len(given))):
            return _xml(exception("NoApplicableCode", "", "a record cannot be written"))
        matched = len(records) if self.matched is None else self.matched
        following = 0 if start + len(given) > matched else start + len(given)
        shown = "" if self.hides_next else f' nextRecord="{1 if self.back else following}"'
        core = CORE[self.version]
        if elements == "brief":
            given = [brief(core, _name(r)) for r in given]
        return _xml(
            f'<csw:GetRecordsResponse xmlns:csw="{core}"><csw:SearchResults numberOfRecordsMatched="{matched}" '
            f'numberOfRecordsReturned="{len(given)}"{shown}>{"".join(given)}</csw:SearchResults></csw:GetRecordsResponse>'
        )

    def capabilities(self) -> str:
        """The capabilities document."""
        get = f'<ows:Get xlink:href="{self.host}/csw?"/>' if self.get else ""
        values = "".join(f"<ows:Value>{s}</ows:Value>" for s in self.schemas)
        queryables = "".join(f"<ows:Value>{q}</ows:Value>" for q in ("apiso:Title", self.modified) if q)
        return (
            f'<csw:Capabilities version="{self.version}" xmlns:csw="{CORE[self.version]}" '
            'xmlns:ows="http://www.opengis.net/ows" xmlns:xlink="http://www.w3.org/1999/xlink">'
            "<ows:ServiceIdentification><ows:Title>Géocatalogue</ows:Title></ows:ServiceIdentification>"
            '<ows:OperationsMetadata><ows:Operation name="GetRecords">'
            f'<ows:DCP><ows:HTTP>{get}<ows:Post xlink:href="{self.host}/csw"/></ows:HTTP></ows:DCP>'
            f'<ows:Parameter name="outputSchema">{values}</ows:Parameter>'
            f'<ows:Constraint name="SupportedISOQueryables">{queryables}</ows:Constraint>'
            "</ows:Operation></ows:OperationsMetadata>"
            "</csw:Capabilities>"
        )


def brief(core: str, name: str) -> str:
    """A record by name alone."""
    return (
        f'<csw:BriefRecord xmlns:csw="{core}" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:identifier>{name}</dc:identifier></csw:BriefRecord>"
    )


def _name(record: str) -> str:
    found = re.search(r"<gmd:fileIdentifier>.*?>([^<]*)<", record)
    return found[1] if found else ""


def exception(code: str, locator: str, words: str) -> str:
    """An exception report."""
    return (
        '<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows" version="1.0.0">'
        f'<ows:Exception exceptionCode="{code}" locator="{locator}"><ows:ExceptionText>{words}</ows:ExceptionText>'
        "</ows:Exception></ows:ExceptionReport>"
    )


def _xml(body: str) -> Answer:
    return Answer(body.encode(), kind="application/xml; charset=utf-8")
