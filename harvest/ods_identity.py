"""Who an OpenDataSoft record is, in any of the three shapes of its API, before anything else is read of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from catalog.model import Text

NO_OBJECT = Text("ce n'est pas un objet JSON.", "it is no JSON object.")
NO_IDENTIFIER = Text(
    "il n'a pas d'identifiant (`dataset_id`)\u00a0: ce n'est pas une fiche de jeu de données OpenDataSoft.",
    "it has no identifier (`dataset_id`): this is no OpenDataSoft dataset record.",
)


@dataclass(frozen=True, slots=True)
class Found:
    """The portal's identifier, the one that survives a rename (v2 only), and the date of the last change as given."""

    id: str
    uid: str | None
    modified: str | None


def identify(data: Any) -> Found | Text:
    """The identity that a v2.1, v2.0 or v1 record states, or why it is none."""
    inner = data.get("dataset", data) if isinstance(data, dict) else data
    if not isinstance(inner, dict):
        return NO_OBJECT
    name = inner.get("dataset_id", inner.get("datasetid"))
    if not isinstance(name, str) or not name.strip() or not _is_text(name):
        return NO_IDENTIFIER
    uid = inner.get("dataset_uid")
    metas = inner.get("metas")
    default = metas.get("default", metas) if isinstance(metas, dict) else {}
    modified = default.get("modified") if isinstance(default, dict) else None
    return Found(
        name.strip(),
        uid if isinstance(uid, str) and uid and _is_text(uid) else None,
        modified if isinstance(modified, str) else None,
    )


def _is_text(value: str) -> bool:
    """Whether it is Unicode throughout: JSON can also write half a surrogate pair, which no file or IRI can hold."""
    return value.isascii() or _SURROGATE.search(value) is None


_SURROGATE = re.compile("[\ud800-\udfff]")
