"""OpenDataSoft dataset records, of whichever API version, in one shape.

Explore v2.1 is the shape that everything after this module sees. v2.0 wraps the same in `{"links", "dataset"}`; v1 has
`datasetid`, flat `metas`, and the templates beside them as `basic_metas`, `interop_metas` and `extra_metas`. Nothing
is left out on the way: what has no place in the v2.1 shape keeps its own name, so that the ledger can account for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.errors import RecordInvalid

V1_TEMPLATES = ("basic_metas", "interop_metas", "extra_metas")
COPIES = "v1_metas"
"""Where the flat `metas` of a v1 record go that its templates repeat."""

_ATOMIC_TYPES = frozenset(
    [
        "Feature",
        "FeatureCollection",
        "GeometryCollection",
        "Point",
        "MultiPoint",
        "LineString",
        "MultiLineString",
        "Polygon",
        "MultiPolygon",
    ]
)


@dataclass(frozen=True, slots=True)
class OdsRecord:
    """One dataset record: `data` has the keys of v2.1, the templates in `metas`; `version` is the API it came from."""

    data: dict[str, Any]
    version: str

    @property
    def id(self) -> str:
        """The dataset's name at the portal."""
        return str(self.data["dataset_id"])

    @property
    def metas(self) -> dict[str, dict[str, Any]]:
        """The metadata templates by name: `default`, `dcat`, `inspire`, `custom`, …"""
        found: dict[str, dict[str, Any]] = self.data["metas"]
        return found


def is_empty(value: Any) -> bool:
    """Whether a value says nothing: null, an empty list or object, a blank text. `false` and `0` say something."""
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or (not value and isinstance(value, (list, dict)))


def is_geojson(value: Any) -> bool:
    """Whether this object is one value, a GeoJSON geometry or feature, and not a group of values."""
    if not isinstance(value, dict) or not ("coordinates" in value or "geometry" in value):
        return False
    kind = value.get("type")
    return isinstance(kind, str) and kind in _ATOMIC_TYPES


def normalise(data: Any) -> OdsRecord:
    """The record in the v2.1 shape. `RecordInvalid` says what the data is instead, where it is no dataset record."""
    if not isinstance(data, dict):
        raise RecordInvalid(
            f"The record is {_kind(data)}, not a JSON object.",
            french="La notice n’est pas un objet JSON, comme l’est un jeu de données OpenDataSoft.",
            hint="A dataset record of OpenDataSoft is an object.",
        )
    if isinstance(data.get("dataset"), dict):
        outer = {k: v for k, v in data.items() if k != "dataset"}
        return _from_v2({**outer, **data["dataset"]}, "v2.0")
    if "datasetid" in data:
        return _from_v1(data)
    return _from_v2(data, "v2.1")


def _kind(value: Any) -> str:
    names = {
        list: "a list",
        str: "a text",
        bool: "a truth value",
        int: "a number",
        float: "a number",
        type(None): "null",
    }
    return names.get(type(value), type(value).__name__)


def _from_v2(data: dict[str, Any], version: str) -> OdsRecord:
    name = data.get("dataset_id")
    metas = data.get("metas")
    if not isinstance(metas, dict):
        raise _not_a_dataset(data)
    if not isinstance(name, str) or not name.strip():
        raise RecordInvalid(
            "The record has no `dataset_id`.",
            french="La notice n’a pas de `dataset_id`\u00a0: sans identifiant, un jeu de données ne "
            "peut pas être publié.",
            hint="A dataset without an identifier cannot be published.",
        )
    loose = {k: v for k, v in metas.items() if not isinstance(v, dict) or is_geojson(v)}
    templates = {k: v for k, v in metas.items() if k not in loose}
    if loose:  # some exports flatten `default` into `metas`
        templates["default"] = {**loose, **templates.get("default", {})}
    return OdsRecord({**data, "metas": templates, "fields": _fields(data.get("fields"))}, version)


def _not_a_dataset(data: dict[str, Any]) -> RecordInvalid:
    name = data.get("dataset_id")
    what = name if isinstance(name, str) else ""
    if "asset_type" in data or "content_link" in data:
        return RecordInvalid(
            f"This is a portal asset (`{data.get('asset_type', 'page')}`), not a dataset.",
            french=f"C’est une page du portail (`{data.get('asset_type', 'page')}`), et non un jeu de données.",
            what=str(data.get("slug") or data.get("uid") or ""),
            hint="Harvest `catalog/datasets` or `catalog/exports/json`, not `catalog/assets`.",
        )
    if "dataset_id" in data and "title" in data:
        return RecordInvalid(
            "This is a row of chosen columns, not a whole dataset record: it has no `metas`.",
            french="C’est une ligne de colonnes choisies, et non une notice entière\u00a0: elle n’a pas de `metas`. "
            "Interrogez l’API sans `select`.",
            what=what,
            hint="Ask the API without `select`.",
        )
    if "dataset_id" in data:
        return RecordInvalid(
            "The record has no `metas`, so neither a title nor anything else that describes the dataset.",
            french="La notice n’a pas de `metas`\u00a0: ni titre, ni rien d’autre qui décrive le jeu de données. "
            "Vérifiez-le dans l’administration du portail.",
            what=what,
            hint="Look at the dataset in the portal's back office; the next harvest tries again.",
        )
    shown = ", ".join(f"`{k}`" for k in list(data)[:5]) or "no key at all"
    return RecordInvalid(
        f"This is no OpenDataSoft dataset record; it has {shown}.",
        french=f"Ce n’est pas une notice de jeu de données OpenDataSoft\u00a0; on y trouve\u00a0: {shown}.",
        hint="A dataset record has `dataset_id` (v1: `datasetid`) and `metas`.",
    )


def _from_v1(data: dict[str, Any]) -> OdsRecord:
    name = data["datasetid"]
    metas = data.get("metas")
    if not isinstance(name, str) or not name.strip():
        raise RecordInvalid(
            "The record has no `datasetid`.",
            french="La notice n’a pas de `datasetid`\u00a0: sans identifiant, un jeu de données ne "
            "peut pas être publié.",
            hint="A dataset without an identifier cannot be published.",
        )
    if not isinstance(metas, dict):
        raise _not_a_dataset({"dataset_id": name})
    templates, rest = _v1_templates(data)
    for key in ("visibility", "dataset_uid"):
        if key in metas and key not in data:
            rest[key] = metas[key]
    flat = {k: v for k, v in metas.items() if k not in rest or rest[k] is not v}
    copies = _lay_out(flat, templates)
    if copies:
        rest[COPIES] = copies
    return OdsRecord({"dataset_id": name, **rest, "metas": templates, "fields": _fields(data.get("fields"))}, "v1")


def _v1_templates(data: Mapping[str, Any]) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """The templates of a v1 record by name, and its other keys."""
    templates: dict[str, dict[str, Any]] = {}
    rest = {k: v for k, v in data.items() if k not in {"datasetid", "metas", "fields"}}
    for group in V1_TEMPLATES:
        if not isinstance(rest.get(group, {}), dict):
            continue
        for template, values in rest.pop(group, {}).items():
            if isinstance(values, dict):
                templates.setdefault(template, {}).update(values)
            else:
                rest.setdefault(group, {})[template] = values
    return templates, rest


def _lay_out(flat: Mapping[str, Any], templates: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Puts each flat value into `default` unless a template has it already; returns those that one has."""
    known = {key for template in ("default", "custom") for key in templates.get(template, {})}
    copies = {k: v for k, v in flat.items() if k in known}
    default = templates.setdefault("default", {})
    default.update({k: v for k, v in flat.items() if k not in known})
    return copies


def _fields(value: Any) -> Any:
    """The columns, with annotations as an object: v1 lists them as `{"name", "args"}`."""
    if not isinstance(value, list):
        return value
    return [
        {**field, "annotations": _annotations(field["annotations"])}
        if isinstance(field, dict) and isinstance(field.get("annotations"), list)
        else field
        for field in value
    ]


def _annotations(value: list[Any]) -> Any:
    if not all(isinstance(a, dict) and isinstance(a.get("name"), str) for a in value):
        return value
    found: dict[str, Any] = {}
    for one in value:
        args = one.get("args")
        found[one["name"]] = (args[0] if isinstance(args, list) and len(args) == 1 else args) if args else True
    return found
