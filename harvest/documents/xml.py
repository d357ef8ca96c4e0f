"""XML from elsewhere: no external references, no entities that could grow, no network, bounded depth."""

from __future__ import annotations

import re

from lxml import etree

from catalog.errors import ResponseInvalid

_DOCTYPE = re.compile(rb"<!DOCTYPE\b", re.IGNORECASE)
_ENTITY = re.compile(
    rb"<!ENTITY\s+(?P<parameter>%\s+)?\S+\s+(?:(?P<external>SYSTEM|PUBLIC)\b|\"(?P<one>[^\"]*)\"|'(?P<two>[^']*)')",
    re.IGNORECASE,
)
_IRI = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>&%]{0,250}\Z")
_SUBSET_END = re.compile(rb"\]\s*>")
_LONGEST = 1 << 16


def refuse_entities(head: bytes, *, what: str) -> None:
    """`ResponseInvalid` for a document whose beginning declares entities, unless they only abbreviate IRIs.

    Those are how some tools shorten namespaces (RDF/XML Syntax, 2.2); they hold no other entity, so nothing can grow.
    """
    start = _DOCTYPE.search(head)
    if start is None:
        return
    subset = head[start.start() :]
    opening = subset.find(b"[")
    closing = subset.find(b">")
    if opening == -1 or -1 < closing < opening:
        return
    end = _SUBSET_END.search(subset)
    if end is None:
        raise _refused("a document type declaration that does not end", what)
    declared = subset[: end.end()]
    count = len(re.findall(rb"<!ENTITY\b", declared, re.IGNORECASE))
    read = list(_ENTITY.finditer(declared))
    for one in read:
        if one["external"] or one["parameter"]:
            raise _refused("an entity that refers to another document", what)
        if not _IRI.match(one["one"] or one["two"] or b""):
            raise _refused("an entity that is more than the abbreviation of an address", what)
    if count != len(read) or re.search(rb"<!(?:ELEMENT|NOTATION)\b", declared):
        raise _refused("a document type of its own", what)


def _refused(why: str, what: str) -> ResponseInvalid:
    return ResponseInvalid(
        f"it declares {why}; such documents are not read, for safety.",
        what=what,
        hint="Publish the document without a DOCTYPE.",
    )


def tree(body: bytes, *, what: str, recover: bool = False) -> etree._Element:
    """The root element. `ResponseInvalid` for what is no XML, is nested deeper than 256, or declares entities.

    With `recover`, what is well-formed of a faulty document is read.
    """
    refuse_entities(body[:_LONGEST], what=what)
    try:
        found = etree.fromstring(body, parser(recover=recover))
    except etree.XMLSyntaxError as e:
        raise ResponseInvalid(f"it is not well-formed XML ({e.msg}).", what=what) from e
    except ValueError as e:
        raise ResponseInvalid(f"it is not XML ({e}).", what=what) from e
    if found is None:
        raise ResponseInvalid("it holds no XML element.", what=what)
    return found


def parser(*, recover: bool = False) -> etree.XMLParser:
    """A parser that resolves nothing, asks nobody, and stops at 256 levels and 10 MB texts (libxml2's own limits)."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=recover,
        remove_pis=True,
        remove_comments=True,
    )
