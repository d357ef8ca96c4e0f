"""The form of an OAI-PMH 2.0 answer, as its specification gives it (sections 3 and 4), in RELAX NG of our own.

The grammar asks for what their text asks: which elements in which order, what is in them, which attributes a request
may repeat. The protocol's own XML schema judges beside it where GARONNE_OAI_SCHEMA names its file, as in `.ci/run`.
"""

from __future__ import annotations

import os
from functools import cache
from xml.sax.saxutils import escape

from lxml import etree

OAI = "{http://www.openarchives.org/OAI/2.0/}"
_IGNORED = "http://www.w3.org/2001/XMLSchema-instance"
_STAMP = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z"
_SPEC = r"[A-Za-z0-9\-_.!~*'()]+(:[A-Za-z0-9\-_.!~*'()]+)*"
_TEXTS = {
    "stamp": _STAMP,
    "spec": _SPEC,
    "prefix": r"[A-Za-z0-9\-_.!~*'()]+",
    "email": r"\S+@(\S+\.)+\S+",
    "local": r"oai:[a-zA-Z][a-zA-Z0-9\-]*(\.[a-zA-Z][a-zA-Z0-9\-]*)+:[a-zA-Z0-9\-_.!~*'();/?:@&=+$,%]+",
    "count": r"\d+",
    "some": r"(.|\s)*\S(.|\s)*",
}
_DC = [
    *("title", "creator", "subject", "description", "publisher", "contributor", "date", "type"),
    *("format", "identifier", "source", "language", "relation", "coverage", "rights"),
]
_VERBS = ["GetRecord", "Identify", "ListIdentifiers", "ListMetadataFormats", "ListRecords", "ListSets"]
_CODES = [
    *("badArgument", "badResumptionToken", "badVerb", "cannotDisseminateFormat"),
    *("idDoesNotExist", "noMetadataFormats", "noRecordsMatch", "noSetHierarchy"),
]


def _element(name: str, *inner: str) -> str:
    return f'<element name="{name}">{"".join(inner) or "<empty/>"}</element>'


def _text(name: str, kind: str) -> str:
    return _element(name, f'<ref name="{kind}"/>')


def _some(inner: str) -> str:
    return f"<oneOrMore>{inner}</oneOrMore>"


def _any(inner: str) -> str:
    return f"<zeroOrMore>{inner}</zeroOrMore>"


def _maybe(inner: str) -> str:
    return f"<optional>{inner}</optional>"


def _choice(*inner: str) -> str:
    return f"<choice>{''.join(inner)}</choice>"


def _attribute(name: str, inner: str = "<text/>") -> str:
    return f'<attribute name="{name}" ns="">{inner}</attribute>'


_LOCATION = _maybe(f'<attribute name="schemaLocation" ns="{_IGNORED}"/>')
_HEADER = _element(
    "header",
    _maybe(_attribute("status", "<value>deleted</value>")),
    _text("identifier", "local"),
    _text("datestamp", "stamp"),
    _any(_text("setSpec", "spec")),
)
_TOKEN = _maybe(
    _element(
        "resumptionToken",
        _maybe(_attribute("expirationDate", '<ref name="stamp"/>')),
        _maybe(_attribute("completeListSize", '<ref name="count"/>')),
        _maybe(_attribute("cursor", '<ref name="count"/>')),
        "<text/>",
    )
)
_METADATA = _element("metadata", _choice('<ref name="dc"/>', '<ref name="rdf"/>'))
_RECORD = _element("record", _HEADER, _maybe(_METADATA))
_ANSWERS = (
    _element(
        "Identify",
        _text("repositoryName", "some"),
        _text("baseURL", "some"),
        _element("protocolVersion", "<value>2.0</value>"),
        _some(_text("adminEmail", "email")),
        _text("earliestDatestamp", "stamp"),
        _element("deletedRecord", "<value>persistent</value>"),
        _element("granularity", "<value>YYYY-MM-DDThh:mm:ssZ</value>"),
        _any(_text("compression", "some")),
        _any(_element("description", '<ref name="anything"/>')),
    ),
    _element(
        "ListMetadataFormats",
        _some(
            _element(
                "metadataFormat",
                _text("metadataPrefix", "prefix"),
                _text("schema", "some"),
                _text("metadataNamespace", "some"),
            )
        ),
    ),
    _element("ListSets", _some(_element("set", _text("setSpec", "spec"), _text("setName", "some"))), _TOKEN),
    _element("GetRecord", _RECORD),
    _element("ListIdentifiers", _some(_HEADER), _TOKEN),
    _element("ListRecords", _some(_RECORD), _TOKEN),
)
_REQUEST = _element(
    "request",
    _maybe(_attribute("verb", _choice(*(f"<value>{v}</value>" for v in _VERBS)))),
    _maybe(_attribute("metadataPrefix", '<ref name="prefix"/>')),
    _maybe(_attribute("set", '<ref name="spec"/>')),
    *(_maybe(_attribute(name)) for name in ("identifier", "from", "until", "resumptionToken")),
    '<data type="anyURI"/>',
)
_ERROR = _element("error", _attribute("code", _choice(*(f"<value>{c}</value>" for c in _CODES))), '<ref name="some"/>')
_DOCUMENT = _element("OAI-PMH", _LOCATION, _text("responseDate", "stamp"), _REQUEST, _choice(_some(_ERROR), *_ANSWERS))
_LANG = _maybe('<attribute name="xml:lang"><data type="language"/></attribute>')
_DUBLIN_CORE = (
    '<element name="dc" ns="http://www.openarchives.org/OAI/2.0/oai_dc/">'
    + _LOCATION
    + _any(
        _choice(*(f'<element name="{n}" ns="http://purl.org/dc/elements/1.1/">{_LANG}<text/></element>' for n in _DC))
    )
    + "</element>"
)
_ANYTHING = _any(
    _choice("<attribute><anyName/></attribute>", "<text/>", '<element><anyName/><ref name="anything"/></element>')
)
_RDF = '<element name="RDF" ns="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><ref name="anything"/></element>'


def _definitions() -> str:
    texts = "".join(
        f'<define name="{name}"><data type="string"><param name="pattern">{escape(pattern)}</param></data></define>'
        for name, pattern in _TEXTS.items()
    )
    others = {"dc": _DUBLIN_CORE, "rdf": _RDF, "anything": _ANYTHING}
    return texts + "".join(f'<define name="{n}">{inner}</define>' for n, inner in others.items())


GRAMMAR = etree.RelaxNG(
    etree.fromstring(
        '<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="http://www.openarchives.org/OAI/2.0/" '
        'datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">'
        f"<start>{_DOCUMENT}</start>{_definitions()}</grammar>"
    )
)


@cache
def official() -> etree.XMLSchema | None:
    """The protocol's own schema, OAI-PMH.xsd; None where it is absent."""
    file = os.environ.get("GARONNE_OAI_SCHEMA")
    return etree.XMLSchema(etree.parse(file)) if file else None


def checked(body: bytes) -> etree._Element:
    """The root of an answer that keeps to the form; the assertion says where it does not."""
    root = etree.fromstring(body)
    assert GRAMMAR.validate(root), str(GRAMMAR.error_log)
    schema = official()
    assert schema is None or schema.validate(root), str(schema.error_log)
    request = root.find(f"{OAI}request")
    assert request is not None
    for record in root.iter(f"{OAI}record"):
        header = record.find(f"{OAI}header")
        assert header is not None
        assert (header.get("status") == "deleted") == (record.find(f"{OAI}metadata") is None)
    return root
