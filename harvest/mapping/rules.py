"""Which rules and which vocabularies a mapping is made by: digests of the program's own files.

They change with an upgrade that touches any of them, so that no record keeps what an older rule made of it.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import harvest
import vocab

LENGTH = 12
"""Hexadecimal digits of a digest: enough to tell versions apart."""
_VOCABULARIES, _RULES = (Path(package.__file__ or "").parent for package in (vocab, harvest))


@cache
def rules() -> str:
    """A digest of the rules of mapping and repair, and of the code of the vocabularies."""
    return _digest(_files(_RULES, ("*.py", "*.csv")) + _files(_VOCABULARIES, ("*.py",)))


@cache
def vocabularies() -> str:
    """A digest of the tables of terms and alignments."""
    return _digest(_files(_VOCABULARIES, ("*.csv",)))


def short(text: str) -> str:
    """A digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]


def _files(folder: Path, patterns: tuple[str, ...]) -> list[Path]:
    return sorted(f for pattern in patterns for f in folder.rglob(pattern) if f.parent.name != "commands")


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:LENGTH]
