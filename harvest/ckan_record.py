"""CKAN and DKAN packages in one shape: wrapped or bare, extras beside the fields or in a list of keys and values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from catalog.model import Record, Text
from harvest import identity
from harvest.documents.text import whole
from harvest.source import Rejected, canonical_hash
from vocab.terms import normalise

KIND = "ckan"
NOT_A_PACKAGE = Text(
    "ce n’est pas un jeu de données CKAN (il n’a ni «\u00a0title\u00a0» ni «\u00a0resources\u00a0» "
    "ni «\u00a0notes\u00a0»).",
    "it is no CKAN dataset (it has neither `title` nor `resources` nor `notes`).",
)
_OTHER = {
    "is_organization": Text(
        "c’est un groupe ou une organisation, et non un jeu de données.", "a group or organization, no dataset."
    ),
    "ckan_version": Text(
        "c’est l’état du serveur CKAN, et non un jeu de données.", "the state of the CKAN server, no dataset."
    ),
    "resource_id": Text("ce sont des lignes de données, et non des jeux de données.", "rows of data, no datasets."),
    "package_id": Text("c’est une ressource sans son jeu de données.", "a resource without its dataset."),
    "package_count": Text("c’est un groupe, et non un jeu de données.", "a group, no dataset."),
}
"""Other objects of CKAN, by a key that only they have."""


def packages(document: Any) -> Iterator[dict[str, Any] | Text]:
    """The packages in a response of CKAN's API, or why something in it is none.

    Known are package_search (`result.results`), package_show (`result`), current_package_list_with_resources, DKAN's
    lists in lists, group_show with its packages, plain lists, and packages by themselves.
    """
    if isinstance(document, dict) and document.get("success") is False:
        error = document.get("error")
        shown = error.get("message", error) if isinstance(error, dict) else error
        yield Text(f"CKAN a répondu par une erreur\u00a0: {shown}", f"CKAN answered with an error: {shown}")
        return
    if isinstance(document, dict) and "success" in document and "result" in document:
        document = document["result"]
    for name in ("results", "packages", "datasets"):
        if isinstance(document, dict) and isinstance(document.get(name), list) and "resources" not in document:
            document = document[name]
    if isinstance(document, list):
        for one in document:
            yield from one if isinstance(one, list) and all(isinstance(o, dict) for o in one) else [_checked(one)]
    else:
        yield _checked(document)


def _checked(data: Any) -> dict[str, Any] | Text:
    if not isinstance(data, dict):
        return Text("ce n’est pas un objet JSON.", "it is no JSON object.")
    if not any(key in data for key in ("resources", "notes", "notes_translated", "license_id")):
        for key, why in _OTHER.items():
            if key in data:
                return why
        if "title" not in data or not any(key in data for key in ("name", "id")):
            return NOT_A_PACKAGE
    if data.get("is_organization") or "package_count" in data:
        return _OTHER["package_count"]
    return data


def normalised(data: Mapping[str, Any]) -> dict[str, Any]:
    """The package with its extras, in whichever style they come, as `{"extras": {key: value}}`."""
    extras: dict[str, Any] = {}
    given = data.get("extras")
    if isinstance(given, dict):
        extras = dict(given)
    for one in given if isinstance(given, list) else ():
        if isinstance(one, dict) and isinstance(one.get("key"), str):
            extras[_known(one["key"], data)] = _unquoted(one.get("value"))
    return {**{k: v for k, v in data.items() if k != "extras"}, **({"extras": extras} if extras else {})}


_IN_WORDS = {
    "frequency": "frequencia de atualizacao, periodicidade, periodicidade de atualizacao, periodicidade atualizacao, "
    "frequencia atualizacao, frequence de mise a jour, frequence, update frequency, frecuencia de actualizacion, "
    "frequenza di aggiornamento, aktualisierungsintervall",
    "temporal": "cobertura temporal, couverture temporelle, temporal coverage, copertura temporale",
    "spatial_text": "cobertura geografica, couverture geographique, couverture spatiale, geographic coverage, "
    "cobertura espacial, copertura geografica",
    "contact_name": "contato, contact, contacto, responsavel",
    "documentation": "documentacao, documentation, documentacion",
}
"""What portals call well-known fields where people type the names of extras, in the words of their languages."""
_MEANT = {word.strip(): name for name, words in _IN_WORDS.items() for word in words.split(",")}


def _known(key: str, data: Mapping[str, Any]) -> str:
    """The name of the field that an extra's name in words means, where the package does not have that field itself."""
    meant = _MEANT.get(normalise(key), "")
    return meant if meant and meant not in data else key


def _unquoted(value: Any) -> Any:
    """A value without the quotation marks that old versions of CKAN stored around texts."""
    if isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"':
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def is_dkan(data: Mapping[str, Any]) -> bool:
    """Whether the package comes from DKAN, which writes its states with capitals and dates in words.

    Its `private` holds the state of the node: `true` and `Published` mean that it is public.
    """
    return data.get("type") == "Dataset" or data.get("state") == "Active" or data.get("private") == "Published"


def field(data: Mapping[str, Any], *names: str) -> tuple[Any, str]:
    """The first of these fields that says something, and its path; extras come after the package's own."""
    extras = data.get("extras") or {}
    for name in names:
        for path, where in ((name, data), (f"extras.{name}", extras)):
            value = where.get(name)
            if value not in (None, "", [], {}):
                return value, path
    return None, names[0]


def record_of(source: str, data: Any, text: str, *, portal: str = "") -> Record | Rejected:
    """The record of one package, under CKAN's own stable `id`."""
    if isinstance(data, Text):
        return Rejected("-", data)
    package = normalised(data)
    names = [v for v in (package.get("id"), package.get("name")) if isinstance(v, str) and v.strip()]
    given = _text(field(package, "identifier")[0]) or _text(field(package, "guid")[0])
    if not names and not given:
        return Rejected(f"?{canonical_hash(data)[:12]}", NOT_A_PACKAGE)
    id_ = names[0] if names else given
    own = _text(field(package, "uri")[0])
    page = f"{portal.rstrip('/')}/dataset/{id_}" if portal else ""
    copies = [_text(field(package, n)[0]) for n in ("source", "harvest_dataset_url", "original_uri", "same_as")]
    return Record(
        source,
        id_,
        text.encode("utf-8", "replace"),
        data,
        canonical_hash(data),
        _text(package.get("metadata_modified")) or None,
        iri=own if identity.persistent(own) else "",
        identifier=given or id_,
        name=_text(package.get("name")) or id_,
        claims=identity.claims([own, given, id_, page, *copies]),
        kind=KIND,
    )


def _text(value: Any) -> str:
    return whole(value).strip() if isinstance(value, str) else ""
