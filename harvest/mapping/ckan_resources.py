"""The resources of a CKAN package as distributions, with the licence that holds for them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pyoxigraph import NamedNode

from catalog.model import Text
from harvest.graph.model import Node
from harvest.graph.sketch import Sketch, several
from harvest.graph.work import digest
from harvest.mapping import wording
from harvest.ods_record import is_empty
from vocab.formats import format_for
from vocab.namespaces import ADMS, DCAT, DCATAP, DCT, FOAF, SPDX

NO_LICENCE_STATED = Text("CKAN dit que la licence n’est pas précisée", "CKAN says that no licence is stated")
_UNSTATED = frozenset(("notspecified", "not-specified", "none", "", "other-closed-unknown"))


def in_utc(value: Any) -> Any:
    """CKAN's own time stamps are in UTC and say no zone."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?", value.strip()):
        return value.strip() + "Z"
    return value


# ── licence ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def licence(package: Mapping[str, Any], to: Sketch) -> None:
    """`license_id`, `license_title` and `license_url` → the licence of the dataset and of its distributions."""
    given = [(key, package.get(f"license_{key}")) for key in ("id", "title", "url")]
    stated = [(key, value) for key, value in given if isinstance(value, str) and value.strip()]
    if not stated and isinstance(package.get("license"), str):
        to.say(to.root, DCT.license, package["license"], "license")
        return
    if str(package.get("license_id") or "x").strip().lower() in _UNSTATED:
        for key, _ in stated:
            to.view.ignore(f"license_{key}", NO_LICENCE_STATED)
        return
    if stated:
        _licence_node(to, to.root, stated)


_LICENCE = {"id": DCT.identifier, "title": DCT.title, "url": FOAF.page}


def _licence_node(to: Sketch, node: Node, stated: list[tuple[str, str]]) -> None:
    made = to.blank()
    to.link(node, DCT.license, made)
    for key, value in stated:
        to.say(made, _LICENCE[key], value, f"license_{key}")


# ── resources ────────────────────────────────────────────────────────────────────────────────────────────────────────

_ONE: tuple[tuple[NamedNode, tuple[str, ...]], ...] = (
    (DCT["format"], ("format",)),
    (DCAT.mediaType, ("mimetype", "mimetype_inner")),
    (DCAT.compressFormat, ("compress_format",)),
    (DCAT.packageFormat, ("package_format",)),
    (DCAT.byteSize, ("size",)),
    (ADMS.status, ("status",)),
    (DCATAP.availability, ("availability",)),
    (DCAT.temporalResolution, ("temporal_resolution",)),
    (DCAT.spatialResolutionInMeters, ("spatial_resolution_in_meters",)),
)
_MANY: tuple[tuple[NamedNode, str], ...] = (
    (DCT.language, "language"),
    (FOAF.page, "documentation"),
    (DCT.conformsTo, "conforms_to"),
    (DCATAP.applicableLegislation, "applicable_legislation"),
)
_INTERNAL = [
    "package_id",
    "position",
    "revision_id",
    "revision_timestamp",
    "state",
    "cache_last_updated",
    "cache_url",
    "webstore_last_updated",
    "webstore_url",
    "datastore_active",
    "datastore_contains_all_records_of_source_file",
    "resource_group_id",
    "tracking_summary",
    "url_type",
    "resource_type",
    "on_same_domain",
    "ckan_url",
    "original_url",
    "task_created",
    "set_url_type",
    "ignore_hash",
    "has_views",
    "resource_locator_function",
    "resource_locator_protocol",
    "metadata_modified",
    "id",
    "uri",
    "format_original",
]


def resources(package: Mapping[str, Any], to: Sketch) -> None:
    """Each resource → a distribution below the dataset, keyed by the resource's own identifier."""
    listed = package.get("resources")
    if not isinstance(listed, list):
        if listed is not None:
            to.view.refuse("resources", wording.WRONG_TYPE)
        return
    licence_given = any(not is_empty(package.get(k)) for k in ("license_id", "license_title", "license_url"))
    for i, one in enumerate(listed):
        if not isinstance(one, dict):
            to.view.refuse("resources", wording.WRONG_TYPE, item=i)
            continue
        key = one.get("id") if isinstance(one.get("id"), str) and one.get("id") else ""
        node = to.below("distribution", key or digest(str(one.get("url")), str(one.get("name"))))
        to.link(to.root, DCAT.distribution, node)
        to.typed(node, DCAT.Distribution)
        _resource(one, to, node, i)
        if is_empty(one.get("license")) and licence_given:
            _repeat_licence(to, node)


def _repeat_licence(to: Sketch, node: Node) -> None:
    for value in to.graph.values(to.root, DCT.license):
        to.link(node, DCT.license, value)


def _resource(one: Mapping[str, Any], to: Sketch, node: Node, i: int) -> None:
    path = "resources."
    for predicate, name in ((DCT.title, "name"), (DCT.description, "description")):
        translated = one.get(f"{name}_translated")
        if isinstance(translated, dict):
            to.text(node, predicate, translated, f"{path}{name}_translated", i)
            to.view.ignore(f"{path}{name}", wording.REPEATED, item=i)
        else:
            to.text(node, predicate, one.get(name), path + name, i)
    for predicate, keys in _ONE:
        key = next((k for k in keys if not is_empty(one.get(k))), keys[0])
        to.say(node, predicate, one.get(key), path + key, i)
    for predicate, key in _MANY:
        to.say(node, predicate, several(one.get(key)), path + key, i)
    _addresses(one, to, node, i)
    _dates(one, to, node, i)
    _rights(one, to, node, i)
    _checksum(one, to, node, i)
    _services(one, to, node, i)
    for key in _INTERNAL:
        if key in one and not to.view.is_claimed(path + key):
            to.view.ignore(path + key, _BOOKKEEPING)


_BOOKKEEPING = Text("réglage ou compteur interne de CKAN", "internal setting or counter of CKAN")


def _addresses(one: Mapping[str, Any], to: Sketch, node: Node, i: int) -> None:
    """`url` is where the data are got at; it is a download where CKAN stores the file, or it ends as a file does."""
    access = "access_url" if not is_empty(one.get("access_url")) else "url"
    url = one.get(access)
    to.say(node, DCAT.accessURL, url, f"resources.{access}", i)
    download = one.get("download_url")
    if not to.say(node, DCAT.downloadURL, download, "resources.download_url", i) and _is_file(one, url):
        to.say(node, DCAT.downloadURL, url, f"resources.{access}", i)
    if access == "access_url" and not is_empty(one.get("url")):
        to.view.ignore("resources.url", wording.REPEATED, item=i)


def _is_file(one: Mapping[str, Any], url: Any) -> bool:
    if not isinstance(url, str) or not url.strip():
        return False
    if one.get("url_type") == "upload" or one.get("resource_type") in {"file", "file.upload"}:
        return True
    ending = url.split("?")[0].rsplit("/", 1)[-1]
    found = format_for(url=url.split("?")[0]).file_type if "." in ending else None
    return found is not None and found.code not in {"HTML", "WMS_SRVC", "WFS_SRVC", "PHP", "ASP", "JSP"}


def _dates(one: Mapping[str, Any], to: Sketch, node: Node, i: int) -> None:
    for predicate, stated, own in ((DCT.issued, "issued", "created"), (DCT.modified, "modified", "last_modified")):
        if not to.say(node, predicate, one.get(stated), f"resources.{stated}", i):
            to.say(node, predicate, in_utc(one.get(own)), f"resources.{own}", i)


def _rights(one: Mapping[str, Any], to: Sketch, node: Node, i: int) -> None:
    to.say(node, DCT.license, one.get("license"), "resources.license", i)
    to.text(node, DCT.rights, one.get("rights"), "resources.rights", i)


_ALGORITHMS = re.compile(r"(?P<algorithm>md5|sha-?1|sha-?256|sha-?512)[:-](?P<value>[0-9a-fA-F]+)\Z", re.IGNORECASE)
UNKNOWN_ALGORITHM = Text("somme de contrôle sans algorithme", "checksum without an algorithm")


def _checksum(one: Mapping[str, Any], to: Sketch, node: Node, i: int) -> None:
    value, algorithm = one.get("hash"), one.get("hash_algorithm")
    if not isinstance(value, str) or not value.strip():
        return
    if is_empty(algorithm) and (found := _ALGORITHMS.match(value.strip())):
        algorithm, value = found["algorithm"], found["value"]
    if is_empty(algorithm):
        to.view.refuse("resources.hash", UNKNOWN_ALGORITHM, item=i)
        return
    made = to.blank()
    to.link(node, SPDX.checksum, made)
    to.say(made, SPDX.checksumValue, value, "resources.hash", i)
    to.say(made, SPDX.algorithm, algorithm, "resources.hash_algorithm", i)
    if is_empty(one.get("hash_algorithm")):
        to.claim("resources.hash", i)


_SERVICE: tuple[tuple[NamedNode, str], ...] = (
    (DCT.title, "title"),
    (DCT.description, "description"),
    (DCAT.endpointURL, "endpoint_url"),
    (DCAT.endpointDescription, "endpoint_description"),
    (DCAT.servesDataset, "serves_dataset"),
    (DCT.license, "license"),
    (DCT.accessRights, "access_rights"),
    (DCATAP.availability, "availability"),
)


def _services(one: Mapping[str, Any], to: Sketch, node: Node, i: int) -> None:
    """`access_services`, a list of objects or its JSON."""
    given = one.get("access_services")
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            to.view.refuse("resources.access_services", wording.WRONG_TYPE, item=i)
            return
    for service in given if isinstance(given, list) else ():
        if not isinstance(service, dict):
            continue
        uri = service.get("uri")
        made = NamedNode(uri) if isinstance(uri, str) and re.match(r"https?://\S+\Z", uri) else to.blank()
        to.link(node, DCAT.accessService, made)
        to.typed(made, DCAT.DataService)
        for predicate, key in _SERVICE:
            to.say(made, predicate, service.get(key), "resources.access_services", i)
