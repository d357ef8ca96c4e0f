"""What the mapping's tests share: a record around some fields, its mapping, and questions about the result."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from pyoxigraph import Triple

from catalog.model import Entry, Fate, Identity, Mapped, Record
from harvest.mapping.context import Context
from harvest.mapping.opendatasoft import map_record

BASE = "https://catalogue.example.org/"
PORTAL = "https://donnees.example.org"
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def context(**changes: Any) -> Context:
    return Context(**{"base": BASE, "source": "ville", "portal": PORTAL, "now": NOW, **changes})


def identity(name: str = "arbres") -> Identity:
    return Identity(name, f"{BASE}dataset/{name}", f"{BASE}record/{name}", f"{PORTAL}/explore/dataset/{name}/")


def record(data: Any, name: str = "arbres") -> Record:
    payload = json.dumps(data).encode()
    return Record("ville", name, payload, data, hashlib.sha256(payload).hexdigest())


def dataset(metas: dict[str, dict[str, Any]] | None = None, **top: Any) -> dict[str, Any]:
    """A whole v2.1 record of a dataset called « Arbres », with these fields in its templates and at its top."""
    templates = {"default": {"title": "Arbres", "metadata_languages": ["fr"]}}
    for template, values in (metas or {}).items():
        templates.setdefault(template, {}).update(values)
    return {"dataset_id": "arbres", "has_records": False, **top, "metas": templates}


class Result:
    """A mapped record; terms are compared as N-Triples writes them, with prefixes left out of local names."""

    def __init__(self, mapped: Mapped) -> None:
        self.mapped = mapped
        self.triples: tuple[Triple, ...] = mapped.dataset.triples

    def objects(self, predicate: str, subject: str | None = None) -> list[str]:
        """Objects of the predicate ending so; `subject` is a path below the dataset, `None` for the dataset."""
        wanted = f"{BASE}dataset/arbres" + (f"/{subject}" if subject else "")
        return sorted(
            str(t.object)
            for t in self.triples
            if str(t.subject) == f"<{wanted}>" and local(t.predicate.value) == predicate
        )

    def entry(self, field: str, value: str | None = None) -> Entry:
        (found,) = [e for e in self.mapped.ledger.entries if e.field == field and value in (None, e.value)]
        return found

    def fate(self, field: str, value: str | None = None) -> Fate:
        return self.entry(field, value).fate

    def other(self, path: str) -> str:
        """The canonical description of what the dataset names, by its path below the base."""
        (found,) = [o for o in self.mapped.others if o.iri == BASE + path]
        return found.canonical.decode()


def local(iri: str) -> str:
    return iri.replace("#", "/").rsplit("/", 1)[-1]


def mapped(
    metas: dict[str, dict[str, Any]] | None = None, *, settings: dict[str, Any] | None = None, **top: Any
) -> Result:
    return Result(map_record(record(dataset(metas, **top)), identity(), context(**(settings or {}))))
