"""Who is behind a CKAN package: publisher, creator and contact, as objects, as extras, or as CKAN's own fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyoxigraph import NamedNode

from harvest.ckan_record import field
from harvest.graph.model import Node
from harvest.graph.sketch import Sketch
from harvest.ods_record import is_empty
from harvest.repair.iris import is_valid
from vocab.namespaces import DCAT, DCT, FOAF, VCARD

Package = Mapping[str, Any]


def publisher(package: Package, to: Sketch) -> None:
    """`publisher` and the `publisher_*` extras, else the organization."""
    if agents(package, to, "publisher", DCT.publisher):
        return
    organisation = package.get("organization")
    if isinstance(organisation, dict):
        name = "title" if not is_empty(organisation.get("title")) else "name"
        value = organisation.get(name)
        if isinstance(value, dict):
            value = value.get(to.language) or next((v for v in value.values() if v), "")
        to.say(to.root, DCT.publisher, value, f"organization.{name}")


def creator(package: Package, to: Sketch) -> None:
    """`creator`; else the author, where the maintainer is the contact."""
    if agents(package, to, "creator", DCT.creator) or is_empty(package.get("maintainer")):
        return
    if not is_empty(package.get("author")):
        node = to.blank()
        to.link(to.root, DCT.creator, node)
        to.say(node, FOAF.name, package.get("author"), "author")
        to.say(node, FOAF.mbox, package.get("author_email"), "author_email")


def agents(package: Package, to: Sketch, role: str, predicate: NamedNode) -> bool:
    """The agents in a list of objects, or in extras called `{role}_name`, `{role}_uri`…; whether there was any."""
    listed = package.get(role)
    if isinstance(listed, list):
        for i, one in enumerate(listed):
            if isinstance(one, dict):
                _agent(one, to, predicate, f"{role}.", i)
        return bool(listed)
    given = {k: field(package, f"{role}_{k}") for k in ("name", "uri", "email", "url", "type", "identifier")}
    if all(is_empty(value) for value, _ in given.values()):
        return isinstance(listed, str) and to.say(to.root, predicate, listed, role)
    node = named(given["uri"][0], to)
    to.link(to.root, predicate, node)
    for key, prop in AGENT:
        value, path = given.get(key, (None, ""))
        to.say(node, prop, value, path)
    if not is_empty(given["uri"][0]):
        to.claim(given["uri"][1], None)
    return True


AGENT = (
    ("name", FOAF.name),
    ("email", FOAF.mbox),
    ("url", FOAF.homepage),
    ("type", DCT.type),
    ("identifier", DCT.identifier),
)
"""What is said of an agent, and how."""


def _agent(one: Mapping[str, Any], to: Sketch, predicate: NamedNode, path: str, item: int) -> None:
    node = named(one.get("uri"), to)
    to.link(to.root, predicate, node)
    for key, prop in AGENT:
        to.say(node, prop, one.get(key), path + key, item)
    if not is_empty(one.get("uri")):
        to.claim(path + "uri", item)


def named(uri: Any, to: Sketch) -> Node:
    """A thing named by its URI where that is one, else by what is said of it."""
    return NamedNode(uri.strip()) if isinstance(uri, str) and is_valid(uri.strip()) else to.blank()


_CARD = (
    ("name", VCARD.fn),
    ("email", VCARD.hasEmail),
    ("url", VCARD.hasURL),
    ("telephone", VCARD.hasTelephone),
    ("role", VCARD.role),
    ("identifier", VCARD.hasUID),
)


def contact(package: Package, to: Sketch) -> None:
    """`contact`, the `contact_*` extras, else the maintainer, else the author."""
    listed = package.get("contact")
    if isinstance(listed, list) and listed:
        for i, one in enumerate(listed):
            if isinstance(one, dict):
                node = named(one.get("uri"), to)
                to.link(to.root, DCAT.contactPoint, node)
                to.typed(node, VCARD.Kind)
                for key, prop in _CARD:
                    to.say(node, prop, one.get(key), f"contact.{key}", i)
                if not is_empty(one.get("uri")):
                    to.claim("contact.uri", i)
        return
    given = {k: field(package, f"contact_{k}") for k in ("name", "uri", "email", "url")}
    given["email"] = field(package, "contact_email", "contact-email")
    if all(is_empty(value) for value, _ in given.values()):
        for start in ("maintainer", "author"):
            if not is_empty(package.get(start)) or not is_empty(package.get(f"{start}_email")):
                given = {
                    "name": (package.get(start), start),
                    "email": (package.get(f"{start}_email"), f"{start}_email"),
                }
                break
        else:
            return
    node = named(given.get("uri", (None, ""))[0], to)
    to.link(to.root, DCAT.contactPoint, node)
    to.typed(node, VCARD.Kind)
    for key, prop in _CARD:
        value, path = given.get(key, (None, ""))
        to.say(node, prop, value, path)
    if "uri" in given and not is_empty(given["uri"][0]):
        to.claim(given["uri"][1], None)
