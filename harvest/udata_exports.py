"""udata's exports of its catalogue as CSV (`datasets.csv`, `dataservices.csv`…), in the shape of its API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from catalog.model import Text
from harvest.documents.tables import Row
from harvest.source import Rejected

_LISTS = frozenset(("tags", "spatial.zones", "badges", "resources_formats", "datasets"))
_TELLING = frozenset(("base_api_url", "topic", "business_number_id", "filetype"))
"""Columns that tell what the rows are, filled or not."""
_FLAGS = {"True": True, "False": False}


def is_export(head: bytes) -> bool:
    """Whether a table that begins so is one of udata's exports, or a short list of its datasets."""
    line, _, rest = head.removeprefix(b"\xef\xbb\xbf").partition(b"\n")
    columns = {c.strip().strip(b'"') for c in line.strip().replace(b";", b",").split(b",")}
    if b"id" not in columns:
        return False
    if b"slug" in columns and any(c.startswith(b"metric.") for c in columns):
        return True
    return b"dataset.id" in columns or ({b"title", b"url", b"organization"} <= columns and b"/datasets/" in rest)


def objects(rows: Iterator[Row], *, what: str) -> Iterator[dict[str, Any] | Rejected]:
    """Each row as the object that it exports; a row of another width is rejected."""
    header: list[str] = []
    for row in rows:
        if not any(cell.strip() for cell in row.cells):
            continue
        if not header:
            header = [cell.strip() for cell in row.cells]
        elif len(row.cells) != len(header):
            yield Rejected(
                f"{what}:{row.line}",
                Text(
                    f"ligne {row.line}\u00a0: {len(row.cells)} cellules au lieu de {len(header)}.",
                    f"line {row.line}: {len(row.cells)} cells instead of {len(header)}.",
                ),
            )
        else:
            cells = zip(header, row.cells, strict=True)
            yield _object({k: v for k, v in cells if v.strip() or k in _TELLING})


def _object(row: Mapping[str, str]) -> dict[str, Any]:
    """`harvest.uri` is a member of `harvest`; the organization's name and number belong to it; `url` is the page."""
    found: dict[str, Any] = {}
    for key, cell in row.items():
        value: Any = _FLAGS.get(cell, cell)
        if key in _LISTS:
            value = [part.strip() for part in cell.split(",") if part.strip()]
        if key == "dataset.id":
            found[key] = value
        elif key == "url" and "remote_url" not in row:
            found["page"] = value
        elif key in ("organization", "organization_id"):
            found.setdefault("organization", {})["name" if key == "organization" else "id"] = value
        elif key in ("owner", "owner_id"):
            found.setdefault("owner", {})["name" if key == "owner" else "id"] = value
        elif "." in key:
            above, _, inner = key.partition(".")
            found.setdefault("metrics" if above == "metric" else above, {})[inner] = value
        else:
            found[key] = value
    return {k: v for k, v in found.items() if v is not False or k == "private"}
