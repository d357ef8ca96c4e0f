"""Short names for what the facets of datasets are: publishers, themes, categories."""

from __future__ import annotations

import hashlib
import re

from catalog.identifiers import slugify
from vocab.terms import term

_FIT = re.compile(r"[\w.!~*'()-]+", re.ASCII)


def short_name(base: str, iri: str) -> str:
    """What to call this value in addresses: readable where the catalogue or a vocabulary has a short name for it."""
    known = term(iri)
    if known is not None and known.scheme in {"data-theme", "hvd-category"}:
        return known.code
    for prefix in (f"{base}agent/", f"{base}concept/"):
        name = iri.removeprefix(prefix).replace("/", ".")
        if iri.startswith(prefix) and _FIT.fullmatch(name):
            return name
    return f"{slugify(iri.rstrip('/#').rpartition('/')[2])}-{hashlib.sha256(iri.encode()).hexdigest()[:8]}"
