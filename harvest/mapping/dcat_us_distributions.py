"""The distributions of a DCAT-US dataset, and its licence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from catalog.model import Text
from harvest.graph.model import Node
from harvest.graph.sketch import Sketch
from harvest.mapping import wording
from harvest.ods_record import is_empty
from harvest.repair.iris import web
from vocab.namespaces import ADMS, DCAT, DCATAP, DCT, FOAF, SPDX

UNSTATED = Text("la source dit que la licence n’est pas connue", "the source says that the licence is not known")
NO_ADDRESS = Text(
    "distribution sans adresse d’accès ni de téléchargement",
    "distribution with neither an access nor a download address",
)
_UNKNOWN = ("project-open-data.cio.gov/unknown-license", "none", "null", "notspecified", "not specified", "{{license}}")


def licence(data: Mapping[str, Any], to: Sketch) -> None:
    """`license`: an address, a sentence, HTML; in DCAT-US 3 also an object."""
    _licence(data.get("license"), to, to.root, "license", None)


def _licence(value: Any, to: Sketch, node: Node, path: str, item: int | None) -> None:
    given, inner = value, path
    if isinstance(value, list):
        given = next((one for one in value if not is_empty(one)), None)
    if isinstance(given, dict):
        part = next(
            (k for k in ("@id", "url", "title", "label", "prefLabel", "name") if not is_empty(given.get(k))), ""
        )
        given, inner = given.get(part), f"{path}.{part}"
    if not isinstance(given, str) or is_empty(given):
        return
    if given.strip().rstrip("/").lower().removeprefix("https://").removeprefix("http://") in _UNKNOWN:
        if item is None:
            to.view.ignore(inner, UNSTATED)
        else:
            to.view.ignore(inner, UNSTATED, item=item)
        return
    to.say(node, DCT.license, given, inner, item)


_ONE = (
    (DCT["format"], "format"),
    (DCAT.mediaType, "mediaType"),
    (DCAT.compressFormat, "compressFormat"),
    (DCAT.packageFormat, "packageFormat"),
    (DCAT.byteSize, "byteSize"),
    (DCT.issued, "issued"),
    (DCT.modified, "modified"),
    (DCT.conformsTo, "conformsTo"),
    (FOAF.page, "describedBy"),
    (FOAF.page, "page"),
    (DCT.language, "language"),
    (DCT.accessRights, "accessRights"),
    (ADMS.status, "status"),
    (DCATAP.availability, "availability"),
    (DCAT.temporalResolution, "temporalResolution"),
    (DCAT.spatialResolutionInMeters, "spatialResolutionInMeters"),
)


def distributions(data: Mapping[str, Any], to: Sketch) -> None:
    """`distribution`: one or several, in lists within lists too; one without any address is refused."""
    for i, one in _nested(data.get("distribution")):
        item = i if isinstance(data.get("distribution"), list) else None
        if not isinstance(one, dict):
            if isinstance(one, str) and web(one).iris:
                to.say(to.root, DCAT.distribution, one, "distribution", item)
            else:
                to.view.refuse("distribution", wording.WRONG_TYPE, item=item)
            continue
        addresses = [k for k in ("accessURL", "downloadURL", "url") if _addresses(one.get(k))]
        service = one.get("accessService")
        if not addresses and not (isinstance(service, dict) and _addresses(service.get("endpointURL"))):
            to.view.refuse("distribution", NO_ADDRESS, item=item)
            continue
        _distribution(one, to, item)
        if is_empty(one.get("license")):
            for value in to.graph.values(to.root, DCT.license):
                to.link(_last(to), DCT.license, value)


def _last(to: Sketch) -> Node:
    return to.graph.values(to.root, DCAT.distribution)[-1]  # type: ignore[return-value]  # made by _distribution


def _nested(value: Any) -> Iterator[tuple[int, Any]]:
    """The distributions, each with its place in the outermost list."""
    for i, one in enumerate(value if isinstance(value, list) else [value]):
        inner = one
        while isinstance(inner, list) and len(inner) == 1:
            inner = inner[0]
        for each in inner if isinstance(inner, list) else [inner]:
            if not is_empty(each):
                yield i, each


def _addresses(value: Any) -> bool:
    given = value.get("@id") if isinstance(value, dict) else value
    return any(isinstance(one, str) and bool(web(one).iris) for one in (given if isinstance(given, list) else [given]))


def _distribution(one: Mapping[str, Any], to: Sketch, item: int | None) -> None:
    node, path = to.blank(), "distribution."
    to.link(to.root, DCAT.distribution, node)
    to.typed(node, DCAT.Distribution)
    to.text(node, DCT.title, _word(one.get("title")), path + "title", item)
    to.text(node, DCT.description, _word(one.get("description")), path + "description", item)
    for predicate, key in ((DCAT.accessURL, "accessURL"), (DCAT.downloadURL, "downloadURL"), (DCAT.accessURL, "url")):
        if key != "url" or is_empty(one.get("accessURL")):
            to.say(node, predicate, _word(one.get(key)), path + key, item)
    for predicate, key in _ONE:
        for value in one[key] if isinstance(one.get(key), list) else [one.get(key)]:
            to.say(node, predicate, _word(value), path + key, item)
    to.text(node, DCT.rights, _word(one.get("rights")), path + "rights", item)
    _licence(one.get("license"), to, node, path + "license", item)
    checksum = one.get("checksum")
    if isinstance(checksum, dict) and not is_empty(checksum.get("checksumValue")):
        made = to.blank()
        to.link(node, SPDX.checksum, made)
        to.say(made, SPDX.checksumValue, _word(checksum["checksumValue"]), path + "checksum.checksumValue", item)
        to.say(made, SPDX.algorithm, _word(checksum.get("algorithm")), path + "checksum.algorithm", item)
    service = one.get("accessService")
    for given in service if isinstance(service, list) else [service]:
        if isinstance(given, dict) and _addresses(given.get("endpointURL")):
            made = to.blank()
            to.link(node, DCAT.accessService, made)
            to.typed(made, DCAT.DataService)
            to.text(made, DCT.title, _word(given.get("title")), path + "accessService.title", item)
            to.say(made, DCAT.endpointURL, _word(given["endpointURL"]), path + "accessService.endpointURL", item)
            if is_empty(one.get("accessURL")) and is_empty(one.get("downloadURL")):
                to.say(node, DCAT.accessURL, _word(given["endpointURL"]), path + "accessService.endpointURL", item)


def _word(value: Any) -> Any:
    """What an object of DCAT-US 3 says by its IRI, its value or its label."""
    if isinstance(value, dict):
        keys = ("@id", "@value", "prefLabel", "title", "accessURL", "notation", "label")
        return next((value[k] for k in keys if not is_empty(value.get(k))), None)
    return value
