"""The profiles of one installation: those installed with packages, and files of shapes registered beside the catalogue.

A registered profile is a folder of exact copies and a manifest with their SHA-256. It is written whole or not at all,
and a copy that was changed since is refused.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shapes import profiles
from shapes.profiles import Profile
from shapes.read import Document, content, parsed
from vocab.errors import InputInvalid, UsageError, unknown_choice
from vocab.text import Text

FOLDER = "shapes"
"""Where registered profiles are, in the folder of the store."""
MANIFEST = "profile.json"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?")


@dataclass(frozen=True)
class Copy:
    """A file as it was registered: its name here, where it came from, what its relative IRIs are relative to.

    `imported` says that it was taken because another file imports it.
    """

    file: str
    origin: str
    base: str
    sha256: str
    imported: bool = False


@dataclass(frozen=True)
class Registered:
    """A registered profile: its files, when it was added (ISO 8601), and the imports that were not read."""

    name: str
    title: Text
    added: str
    copies: tuple[Copy, ...]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Given:
    """A file to register."""

    origin: str
    base: str
    body: bytes
    suffix: str
    imported: bool = False


@dataclass(frozen=True)
class KeptProfile(Profile):
    """A registered profile as engines take it; its files are what they were when they were registered."""

    copies: tuple[Copy, ...] = field(default=(), kw_only=True)

    @property
    def addresses(self) -> tuple[str, ...]:
        """See `Profile.addresses`."""
        return tuple(address for copy in self.copies for address in (copy.base, copy.origin))

    def _read(self, place: str) -> Document:
        copy = next(one for one in self.copies if one.file == Path(place).name)
        body = content(place)
        if hashlib.sha256(body).hexdigest() != copy.sha256:
            raise InputInvalid(
                "this file was changed since it was registered.",
                what=place,
                hint=f"Register it again: `garonne shapes add {self.name} FILE… --replace`.",
                french="ce fichier a changé depuis qu’il a été enregistré.",
                french_hint="Que l’exploitant du catalogue l’enregistre à nouveau.",
            )
        blank = f"s{copy.sha256[:8]}"
        return parsed(body, name=place, suffix=Path(place).suffix, base=copy.base, blank=blank)


class Registry:
    """The profiles that can be asked for by name. `folder` holds the registered ones, and need not be there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def beside(cls, store: Path) -> Registry:
        """The registry of the catalogue whose store is in this folder."""
        return cls(store / FOLDER)

    def profile(self, name: str) -> Profile:
        """The profile of this name, installed or registered; `UsageError` lists what there is."""
        if name in profiles.names():
            return profiles.profile(name)
        found = self._found(name)
        places = tuple(str(self.folder / name / copy.file) for copy in found.copies)
        return KeptProfile(name, found.title, places, copies=found.copies)

    def names(self) -> tuple[str, ...]:
        """The names of all profiles."""
        return tuple(sorted({*profiles.names(), *self.registered()}))

    def titles(self) -> dict[str, Text]:
        """The titles of all profiles by name; one whose manifest is damaged is left out."""
        found = {}
        for name in self.names():
            with suppress(InputInvalid):
                found[name] = self.profile(name).title
        return found

    def registered(self) -> tuple[str, ...]:
        """The names of the registered profiles."""
        return tuple(
            sorted(one.parent.name for one in self.folder.glob(f"*/{MANIFEST}") if _NAME.fullmatch(one.parent.name))
        )

    def get(self, name: str) -> Registered:
        """What is registered under this name; `UsageError` lists what is."""
        if name not in self.registered():
            raise unknown_choice("Registered profile", name, self.registered() or ("none",))
        return self._found(name)

    def _found(self, name: str) -> Registered:
        if name not in self.registered():
            raise unknown_choice("Profile", name, self.names())
        place = self.folder / name / MANIFEST
        try:
            return _from_plain(json.loads(place.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputInvalid(
                f"the manifest of this profile cannot be read: {error}.",
                what=str(place),
                hint=f"`garonne shapes remove {name}`, and add it again.",
                french="le manifeste de ce profil ne peut pas être lu.",
                french_hint="Que l’exploitant du catalogue l’enregistre à nouveau.",
            ) from None

    def check_name(self, name: str, *, replace: bool) -> None:
        """Raises `UsageError` for a name that cannot be registered."""
        if not _NAME.fullmatch(name):
            raise UsageError(
                f"`{name}` cannot be the name of a profile.", hint="Lower-case letters, digits, hyphens and dots only."
            )
        if name in profiles.names():
            raise UsageError(f"`{name}` is an installed profile.", hint="Choose another name.")
        if name in self.registered() and not replace:
            raise UsageError(f"`{name}` is registered already.", hint="--replace puts these files in its place.")

    def add(
        self, name: str, title: Text, given: Sequence[Given], *, missing: Sequence[str] = (), replace: bool = False
    ) -> Registered:
        """Registers files under a name, whole or not at all."""
        self.check_name(name, replace=replace)
        copies = tuple(_copy(number, one) for number, one in enumerate(given, 1))
        made = Registered(name, title, datetime.now(UTC).isoformat(timespec="seconds"), copies, tuple(missing))
        self.folder.mkdir(parents=True, exist_ok=True)
        pending = Path(tempfile.mkdtemp(prefix=".new-", dir=self.folder))
        try:
            for one, copy in zip(given, copies, strict=True):
                (pending / copy.file).write_bytes(one.body)
            (pending / MANIFEST).write_text(json.dumps(_plain(made), ensure_ascii=False, indent=2), encoding="utf-8")
            pending.chmod(0o755)  # `mkdtemp` makes folders that nobody else reads; the service may be somebody else
            if name in self.registered():
                self.remove(name)
            pending.rename(self.folder / name)
        finally:
            shutil.rmtree(pending, ignore_errors=True)
        return made

    def remove(self, name: str) -> None:
        """Forgets a registered profile; `UsageError` for an installed or unknown one."""
        if name in profiles.names():
            raise UsageError(f"`{name}` is an installed profile.", hint="Uninstall the package that brings it.")
        if name not in self.registered():
            raise unknown_choice("Registered profile", name, self.registered() or ("none",))
        gone = self.folder / f".old-{name}"
        shutil.rmtree(gone, ignore_errors=True)
        (self.folder / name).rename(gone)
        shutil.rmtree(gone)


def _copy(number: int, given: Given) -> Copy:
    stem = re.sub(r"[^A-Za-z0-9-]+", "-", Path(given.origin.rstrip("/#")).stem).strip("-") or "shapes"
    file = f"{number:02}-{stem[:60]}{given.suffix}"
    return Copy(file, given.origin, given.base, hashlib.sha256(given.body).hexdigest(), given.imported)


def _plain(one: Registered) -> dict[str, Any]:
    return {**asdict(one), "title": {"fr": one.title.fr, "en": one.title.en}}


def _from_plain(plain: dict[str, Any]) -> Registered:
    title = Text(plain["title"]["fr"], plain["title"]["en"])
    copies = tuple(Copy(**copy) for copy in plain["copies"])
    if any(Path(copy.file).name != copy.file for copy in copies):
        raise ValueError("a file is outside of its folder")
    return Registered(plain["name"], title, plain["added"], copies, tuple(plain["missing"]))
