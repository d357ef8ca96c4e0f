"""The answers of a catalogue service: pages of records, capabilities, exception reports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from catalog.errors import ResponseInvalid
from catalog.model import Text
from harvest.csw.requests import VERSIONS, schema_name
from harvest.documents import xml
from harvest.iso.document import Element, local, value
from harvest.iso.records import is_record

_XLINK = "{http://www.w3.org/1999/xlink}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"
_DCAT = "{http://www.w3.org/ns/dcat#}"
_MODIFIED = re.compile(r"(?:\w+:)?modified", re.IGNORECASE)
CORE_RECORDS = frozenset(("Record", "SummaryRecord", "BriefRecord"))


def tree(body: bytes, *, what: str) -> tuple[Element, str]:
    """The root of an answer, and what was wrong with it where it could still be read.

    `ResponseInvalid` for what is no XML, and for an exception report, in its own words.
    """
    problem = ""
    try:
        root = xml.tree(body, what=what)
    except ResponseInvalid as e:
        if "well-formed" not in e.message:
            raise
        problem = e.message
        root = xml.tree(body, what=what, recover=True)
    if local(root).lower() in ("html", "body", "div"):
        raise ResponseInvalid(
            "a web page came instead of the answer of a catalogue service.",
            what=what,
            hint="Check the address: it is the one of the CSW itself, not that of its portal.",
        )
    if report := exception(root):
        raise ResponseInvalid(f"the service answers with an exception: {report.en}.", what=what)
    return root, problem


def exception(root: Element) -> Text | None:
    """What an exception report (OWS Common, 8) says; None for anything else."""
    if local(root) not in ("ExceptionReport", "ServiceExceptionReport"):
        return None
    told = []
    for one in (e for e in root if local(e) in ("Exception", "ServiceException")):
        parts = [one.get("exceptionCode") or one.get("code") or ""]
        parts.append(f"({one.get('locator')})" if one.get("locator") else "")
        words = " ".join("".join(map(str, one.itertext())).split())
        told.append(" ".join(p for p in (*parts, f"«{words[:300]}»" if words else "") if p))
    whole = "; ".join(t for t in told if t) or "-"
    return Text(whole, whole)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of results. `matched` and `following` (nextRecord; 0 at the end) are None where it is silent."""

    elements: list[Element]
    matched: int | None = None
    following: int | None = None


def page(root: Element, *, what: str) -> Page:
    """The records in the answer to GetRecords or GetRecordById."""
    if local(root) == "GetRecordByIdResponse" or is_item(root):
        return Page(list(items(root)))
    results = next((e for e in root.iter() if local(e) == "SearchResults"), None)
    if results is None:
        raise ResponseInvalid(
            f"it is no answer to GetRecords (its root is «{local(root)}»).",
            what=what,
            hint="Check the address: it is the one of the CSW itself.",
        )
    return Page(
        list(items(results)), _number(results.get("numberOfRecordsMatched")), _number(results.get("nextRecord"))
    )


def _number(words: str | None) -> int | None:
    return int(words) if words and re.fullmatch(r"\d{1,12}", words.strip()) else None


def is_item(element: Element) -> bool:
    """Whether an element is a record in a schema that is read."""
    return is_record(element) or is_core(element) or is_rdf(element)


def is_core(element: Element) -> bool:
    """Whether it is a record of the core schema: Dublin Core."""
    return local(element) in CORE_RECORDS


def identifier(core: Element) -> str:
    """What a record of the core schema is called by its service; empty where it is not."""
    return next((value(e) for e in core if local(e) == "identifier" and value(e)), "")


def is_rdf(element: Element) -> bool:
    """Whether it is RDF: a document, or a resource of DCAT."""
    return element.tag == _RDF or (isinstance(element.tag, str) and element.tag.startswith(_DCAT))


def items(parent: Element) -> Iterator[Element]:
    """Whatever elements stand where records do: all of them, so that none goes unnoticed."""
    if is_item(parent):
        yield parent
    else:
        yield from (e for e in parent if local(e))


@dataclass
class Capabilities:
    """What a service offers: its versions, the addresses of GetRecords, the output schemas by name, its title.

    `modified` is what it calls the date of a record's last change in constraints; empty where it does not say.
    """

    version: str = ""
    title: str = ""
    get: str = ""
    post: str = ""
    schemas: dict[str, str] = field(default_factory=dict)
    modified: str = ""


def capabilities(root: Element, *, what: str) -> Capabilities:
    """The capabilities in a document. `ResponseInvalid` for any other."""
    if local(root) != "Capabilities":
        raise ResponseInvalid(
            f"it is no capabilities document of a catalogue service (its root is «{local(root)}»).",
            what=what,
            hint="Check the address: it is the one of the CSW itself.",
        )
    found = Capabilities(version=_version(root.get("version") or ""))
    found.title = next((value(e) for e in root.iter() if local(e) == "Title"), "")
    for operation in (e for e in root.iter() if local(e) == "Operation" and e.get("name") == "GetRecords"):
        for one in operation.iter():
            address = (one.get(_XLINK + "href") or "").strip()
            if local(one) == "Get" and address:
                found.get = found.get or address
            elif local(one) == "Post" and address and not _soap(one):
                found.post = found.post or address
            elif local(one) == "Constraint" and (one.get("name") or "").lower().endswith("queryables"):
                names = (value(held) for held in one.iter() if local(held) == "Value")
                found.modified = found.modified or next((n for n in names if _MODIFIED.fullmatch(n)), "")
            elif local(one) == "Parameter" and (one.get("name") or "").lower() == "outputschema":
                for held in (v for v in one.iter() if local(v) == "Value"):
                    name = schema_name(value(held))
                    if name:
                        found.schemas.setdefault(name, value(held))
    return found


def _soap(one: Element) -> bool:
    """Whether a POST address is for SOAP messages only."""
    return any((e.text or "").strip().upper() == "SOAP" for e in one.iter() if local(e) == "Value") and not any(
        (e.text or "").strip().upper() == "XML" for e in one.iter() if local(e) == "Value"
    )


def _version(given: str) -> str:
    return next((v for v in VERSIONS if given.strip() and v.startswith(given.strip()[:3])), "")
