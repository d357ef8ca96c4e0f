"""The resources of a dataset of udata as distributions, with its licence."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from pyoxigraph import NamedNode

from catalog.model import Text
from harvest.graph.model import Node
from harvest.graph.sketch import Sketch
from harvest.graph.work import digest
from harvest.mapping import wording
from harvest.ods_record import is_empty
from vocab.formats import format_for
from vocab.namespaces import DCAT, DCT, FOAF, SPDX

UNSTATED = Text("udata dit que la licence n’est pas précisée", "udata says that no licence is stated")
NOT_PUBLISHED = Text("réglage, contrôle ou compteur de udata", "a setting, a check or a counter of udata")
PERMANENT = Text("adresse permanente que udata donne au fichier", "udata's permanent address of the file")
_TITLES = {
    "fr-lo": "Licence Ouverte / Open Licence",
    "odc-by": "ODC Attribution License",
    "cc-by": "Creative Commons Attribution",
    "cc-by-sa": "Creative Commons Attribution Share-Alike",
    "cc-by-nd": "Creative Commons Attribution No-Derivatives",
    "gfdl": "GNU Free Documentation License",
    "other-open": "Other (Open)",
    "other-pd": "Other (Public Domain)",
    "other-at": "Other (Attribution)",
}
"""What udata calls the licences of which no EU term says which version is meant."""


def licence(data: Mapping[str, Any], to: Sketch) -> None:
    """`license`: its code, its name, or an object with both."""
    value = data.get("license")
    fields = ("id", "title", "url") if isinstance(value, dict) else ()
    given = {f"license.{key}": value.get(key) for key in fields} if isinstance(value, dict) else {"license": value}
    code = next((v for v in given.values() if isinstance(v, str) and v.strip()), "")
    if code in ("notspecified", "License Not Specified"):
        for path, one in given.items():
            if not is_empty(one):
                to.view.ignore(path, UNSTATED)
        return
    if not code:
        return
    made = to.blank()
    to.link(to.root, DCT.license, made)
    for path, one in given.items():
        predicate = {"license.title": DCT.title, "license.url": FOAF.page}.get(path, DCT.identifier)
        to.say(made, predicate if " " not in code or path != "license" else DCT.title, one, path)
    if not isinstance(value, dict) and code in _TITLES:
        to.text(made, DCT.title, _TITLES[code], "license")


def resources(data: Mapping[str, Any], to: Sketch) -> None:
    """Each resource → a distribution below the dataset, keyed by the resource's own identifier."""
    listed = data.get("resources")
    if not isinstance(listed, list):
        return
    for i, one in enumerate(listed):
        if not isinstance(one, dict):
            to.view.refuse("resources", wording.WRONG_TYPE, item=i)
            continue
        key = one.get("id") if isinstance(one.get("id"), str) and one["id"].strip() else ""
        node = to.below("distribution", key or digest(str(one.get("url")), str(one.get("title"))))
        to.link(to.root, DCAT.distribution, node)
        to.typed(node, DCAT.Distribution)
        for value in to.graph.values(to.root, DCT.license):
            to.link(node, DCT.license, value)
        _resource(one, to, node, i)


def _resource(one: Mapping[str, Any], to: Sketch, node: Node, i: int) -> None:
    path = "resources."
    to.text(node, DCT.title, one.get("title"), path + "title", i)
    to.text(node, DCT.description, one.get("description"), path + "description", i)
    to.say(node, DCT["format"], one.get("format"), path + "format", i)
    to.say(node, DCAT.mediaType, one.get("mime"), path + "mime", i)
    to.say(node, DCAT.byteSize, one.get("filesize"), path + "filesize", i)
    _addresses(one, to, node, i)
    _dates(one, to, node, i)
    checksum = one.get("checksum")
    if isinstance(checksum, dict) and not is_empty(checksum.get("value")):
        made = to.blank()
        to.link(node, SPDX.checksum, made)
        to.say(made, SPDX.checksumValue, checksum["value"], path + "checksum.value", i)
        to.say(made, SPDX.algorithm, checksum.get("type"), path + "checksum.type", i)
    schema = one.get("schema")
    standard(schema if isinstance(schema, dict) else {"name": schema}, to, node, path + "schema.", i)
    for key in ("id", "type", "filetype", "internal", "metrics", "extras", "preview_url", "harvest", "published"):
        if not is_empty(one.get(key)) and not to.view.is_claimed(path + key):
            to.view.ignore(path + key, NOT_PUBLISHED)


def _addresses(one: Mapping[str, Any], to: Sketch, node: Node, i: int) -> None:
    """`url` is the file or the service; a file is got at by `latest`, which outlives its present address."""
    url, latest = one.get("url"), one.get("latest")
    file = one.get("filetype") == "file" or (one.get("type") != "api" and _is_file(url))
    if file and isinstance(latest, str) and is_public(latest):
        to.say(node, DCAT.accessURL, latest, "resources.latest", i)
    else:
        to.say(node, DCAT.accessURL, url, "resources.url", i)
        if not is_empty(latest):
            to.view.ignore("resources.latest", PERMANENT, item=i)
    if file:
        to.say(node, DCAT.downloadURL, url, "resources.url", i)


def _is_file(url: Any) -> bool:
    if not isinstance(url, str):
        return False
    path = url.split("?")[0]
    found = format_for(url=path).file_type if "." in path.rsplit("/", 1)[-1] else None
    return found is not None and found.code not in {"HTML", "WMS_SRVC", "WFS_SRVC", "PHP", "ASP", "JSP"}


def is_public(url: str) -> bool:
    """Whether an address leads to a host that everybody can reach, and not to a developer's machine."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".local", ".localhost", ".test", ".internal", ".lan"))


def _dates(one: Mapping[str, Any], to: Sketch, node: Node, i: int) -> None:
    harvest = one.get("harvest")
    harvest = harvest if isinstance(harvest, dict) else {}
    issued = [(f"harvest.{k}", harvest.get(k)) for k in ("issued_at", "created_at")]
    issued += [(k, one.get(k)) for k in ("created_at", "published", "created_at_internal")]
    changed = [("harvest.modified_at", harvest.get("modified_at"))]
    changed += [(k, one.get(k)) for k in ("last_modified", "modified", "last_modified_internal")]
    for predicate, given in ((DCT.issued, issued), (DCT.modified, changed)):
        stated = False
        for key, value in given:
            if stated and not is_empty(value):
                to.view.ignore(f"resources.{key}", wording.SUPERSEDED, item=i)
            stated = stated or to.say(node, predicate, value, f"resources.{key}", i)


def standard(schema: Mapping[str, Any], to: Sketch, node: Node, path: str, item: int | None) -> None:
    """The schema that data follow: its address, else its name in the national catalogue of schemas."""
    url, name, version = schema.get("url"), schema.get("name"), schema.get("version")
    if not is_empty(url) and isinstance(url, str):
        made = NamedNode(url) if is_public(url) and " " not in url else to.blank()
        if isinstance(made, NamedNode):
            to.link(node, DCT.conformsTo, made)
            to.claim(path + "url", item)
            to.say(made, DCT.title, name, path + "name", item)
            to.say(made, DCAT.version, version, path + "version", item)
            return
        to.say(node, DCT.conformsTo, url, path + "url", item)
    elif to.say(node, DCT.conformsTo, name, path + "name", item) and not is_empty(version):
        to.view.refuse(path + "version", _VERSION, item=item)


_VERSION = Text(
    "version du schéma\u00a0: son adresse ne la dit pas", "version of the schema: its address does not say it"
)
