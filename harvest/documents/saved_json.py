"""Saved responses in JSON: the records in them, each with its exact text where the file has it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from catalog.errors import ResponseInvalid
from catalog.settings import HarvestSettings
from harvest import json_stream
from harvest.documents import json as json_document


def looks_like_json(head: bytes) -> bool:
    """Whether a document that begins so may be JSON."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[") and head[:1] != b"\0"


def values(file: Path, harvest: HarvestSettings, *, lists: tuple[str, ...]) -> Iterator[tuple[Any, str]]:
    """Value and text of every record in a file.

    A `.jsonl` file has one a line, a list one an element (read as a stream); an object is a page where one of its
    members called as in `lists` is a list (`result.results` names a member of a member), else one record.
    Raises `ResponseInvalid`.
    """
    if file.suffix == ".jsonl":
        with file.open("rb") as f:
            for number, line in enumerate(f, 1):
                if line.strip():
                    data = json_document.load(line, what=f"{file}, line {number}")
                    yield data, line.decode("utf-8-sig", "replace").strip()
        return
    with file.open("rb") as f:
        head = f.read(256)
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"[" and _is_utf8(head):
        with file.open("rb") as f:
            chunks = iter(lambda: f.read(1 << 18), b"")
            for text, data in json_stream.elements(chunks, what=str(file), limit=harvest.max_record):
                yield data, text
        return
    for data in _listed(_document(file, harvest), lists):
        yield data, json.dumps(data, ensure_ascii=False)


def _is_utf8(head: bytes) -> bool:
    return not head.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\0" not in head[:4]


def _document(file: Path, harvest: HarvestSettings) -> Any:
    if file.stat().st_size > harvest.max_bytes:
        raise ResponseInvalid(
            f"the file is larger than the {harvest.max_bytes:,} bytes allowed.",
            what=str(file),
            hint="Raise [harvest] max_bytes if it is right.",
        )
    return json_document.load(file.read_bytes(), what=str(file))


def _listed(document: Any, lists: tuple[str, ...]) -> list[Any]:
    """The records of a document: the members of its list, else itself."""
    if isinstance(document, list):
        return document
    for name in lists:
        found = document
        for part in name.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        if isinstance(found, list):
            return list(found)
    return [document]
