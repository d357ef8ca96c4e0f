"""Who is behind a dataset of udata: its organization or owner, and its contact points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.model import Text
from harvest.graph.sketch import Sketch
from harvest.ods_record import is_empty
from vocab.namespaces import DCAT, DCT, FOAF, PROV, VCARD

_ROLES = {"creator": DCT.creator, "rightsHolder": DCT.rightsHolder, "contributor": DCT.contributor}
_ABOUT_ORGANIZATION = (
    *("id", "slug", "acronym", "page", "uri", "class", "logo", "logo_thumbnail", "badges", "metrics", "members"),
    *("description", "extras", "created_at", "last_modified", "deleted"),
)
_INTERNAL = Text("identifiant interne de udata", "internal identifier of udata")
NOT_OF_THE_DATASET = Text("décrit l’organisation, pas le jeu de données", "describes the organization, not the dataset")


def publisher(data: Mapping[str, Any], to: Sketch) -> None:
    """`organization`, with its SIRET; else the `owner`, who is a person."""
    body = data.get("organization")
    if isinstance(body, dict) and not is_empty(body.get("name")):
        number = body.get("business_number_id")
        if is_empty(number) and is_empty(body.get("url")):
            to.say(to.root, DCT.publisher, body["name"], "organization.name")
        else:
            node = to.blank()
            to.link(to.root, DCT.publisher, node)
            to.say(node, FOAF.name, body["name"], "organization.name")
            to.say(node, DCT.identifier, number, "organization.business_number_id")
            to.say(node, FOAF.homepage, body.get("url"), "organization.url")
        for key in _ABOUT_ORGANIZATION:
            if not is_empty(body.get(key)):
                to.view.ignore(f"organization.{key}", NOT_OF_THE_DATASET)
        return
    if isinstance(body, str):
        to.say(to.root, DCT.publisher, body, "organization")
        return
    owner = data.get("owner")
    if isinstance(owner, dict):
        parts = [k for k in ("name", "first_name", "last_name") if isinstance(owner.get(k), str) and owner[k].strip()]
        words = " ".join(owner[k].strip() for k in parts)
        for key in parts:
            to.say(to.root, DCT.publisher, words, f"owner.{key}")


def contacts(data: Mapping[str, Any], to: Sketch) -> None:
    """`contact_points`: a card for a contact, an agent in its role for any other; older versions have a single one."""
    listed = data.get("contact_points")
    single = data.get("contact_point")
    if isinstance(listed, list):
        for i, one in enumerate(listed):
            if isinstance(one, dict):
                _contact(one, to, "contact_points.", i)
    elif isinstance(single, dict):
        _contact(single, to, "contact_point.", None)


def _contact(one: Mapping[str, Any], to: Sketch, path: str, item: int | None) -> None:
    role = str(one.get("role") or "contact")
    if all(is_empty(one.get(key)) for key in ("name", "email", "contact_form")):
        return
    node = to.blank()
    if role == "contact":
        to.link(to.root, DCAT.contactPoint, node)
        to.typed(node, VCARD.Kind)
        to.say(node, VCARD.fn, one.get("name"), path + "name", item)
        to.say(node, VCARD.hasEmail, one.get("email"), path + "email", item)
        to.say(node, VCARD.hasURL, one.get("contact_form"), path + "contact_form", item)
    else:
        if role in _ROLES:
            to.link(to.root, _ROLES[role], node)
        else:
            attribution = to.blank()
            to.link(to.root, PROV.qualifiedAttribution, attribution)
            to.link(attribution, PROV.agent, node)
            to.say(attribution, DCT.description, role, path + "role", item)
        to.say(node, FOAF.name, one.get("name"), path + "name", item)
        to.say(node, FOAF.mbox, one.get("email"), path + "email", item)
        to.say(node, FOAF.homepage, one.get("contact_form"), path + "contact_form", item)
    if role == "contact" or role in _ROLES:  # told by the property
        to.claim(f"{path}role", item)
    for key in ("id", "organization", "owner"):
        if not is_empty(one.get(key)):
            to.view.ignore(f"{path}{key}", _INTERNAL, item=item)
