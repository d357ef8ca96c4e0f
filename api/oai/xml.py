"""XML as it is sent: elements written as text, everything from elsewhere escaped, what XML 1.0 cannot hold replaced."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from catalog.rdfxml import fit_for_xml

OAI = "http://www.openarchives.org/OAI/2.0/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"


def schema_location(*pairs: str) -> dict[str, str]:
    """The attributes that say where the schemas of an element are: namespace, address, namespace, address…"""
    return {"xmlns:xsi": XSI, "xsi:schemaLocation": " ".join(pairs)}


def tag(name: str, *inner: str, **attributes: str) -> str:
    """An element with this content, which is XML already; empty when there is none. Attributes are text."""
    given = "".join(f" {key}={quoteattr(fit_for_xml(value))}" for key, value in attributes.items())
    content = "".join(inner)
    return f"<{name}{given}>{content}</{name}>" if content else f"<{name}{given}/>"


def leaf(name: str, text: str, **attributes: str) -> str:
    """An element that holds text."""
    return tag(name, escape(fit_for_xml(text)), **attributes)


def leaves(name: str, texts: Iterable[str]) -> str:
    """An element for each text."""
    return "".join(leaf(name, text) for text in texts)
