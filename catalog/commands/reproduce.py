"""`garonne validate --reproduce`: a report made again from what it names, and compared with what it said.

Nothing is fetched: a document that came from an address or from the standard input has to be given as a file, and is
recognised by its hash.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from pyoxigraph import Triple

from catalog.commands.documents import documents_at, release, together
from catalog.commands.support import file_profile, profile_named, say, settings_of
from catalog.errors import InputInvalid
from shapes.baseline import Baseline, baseline
from shapes.engine import engine
from shapes.profiles import Profile
from shapes.provenance import Source, engine_identity
from shapes.report import Report
from shapes.text import Text
from shapes.validation import validated


def reproduce(ctx: click.Context, place: str, files: Sequence[str], limit: int, lang: str) -> int:
    """The exit code: 0 when the same findings were made again, 1 when others were.

    `files` stand for documents that are no longer where they were. Raises `InputInvalid` where data, shapes or
    vocabularies are not those of the report.
    """
    earlier = baseline(place)
    origin: dict[str, Any] = earlier.document.get("provenance") or {}
    try:
        data, shapes, name = origin["data"], origin["shapes"], origin["engine"]["name"]
        sources, triples = _data(ctx, data, files, limit, lang)
        profiles = [_profile(ctx, place, one) for one in shapes]
        judge = engine(name)
        if (now := engine_identity(name)) != origin["engine"]:
            say(_OTHER_ENGINE.of(lang).format(_told(origin["engine"]), _told(now)))
        noise = origin["options"]["noise"]
        vocabularies = origin["vocabularies"]["sha256"]
    except (KeyError, TypeError, AttributeError):
        raise InputInvalid("the report does not name what it rests on.", what=place, hint=_HINT) from None
    report = validated(triples, sources, profiles, judge, noise=noise)
    if report.provenance is not None and report.provenance.vocabularies != vocabularies:
        raise InputInvalid(
            "the vocabularies of this version of Garonne are not those of the report.", what=place, hint=_VERSION
        )
    return _verdict(earlier, report, lang)


_HINT = "Make a new report with `--format json`."
_VERSION = "Install the version of Garonne that the report names."
_OTHER_ENGINE = Text(
    "Le rapport vient d’un autre moteur\u00a0: {}; ici {}.", "Another engine made the report: {}; here {}."
)


def _told(identity: dict[str, Any]) -> str:
    return f"{identity['name']} {identity['version']} ({str(identity['sha256'])[:12]})"


def _data(
    ctx: click.Context, data: Sequence[dict[str, Any]], files: Sequence[str], limit: int, lang: str
) -> tuple[tuple[Source, ...], tuple[Triple, ...]]:
    """The documents of the report, in its order, each where it was or among `files`."""
    released = re.fullmatch(r"release (\d+)", data[0]["name"]) if len(data) == 1 else None
    if released and not files:
        sources, triples = release(settings_of(ctx), int(released[1]))
        _same(data[0], sources[0].sha256)
        return sources, triples
    given = {_hash(file): file for file in files}
    places = [given.get(one["sha256"]) or _there(one) for one in data]
    sources, triples = together(documents_at(places, limit, lang))
    for one, source in zip(data, sources, strict=True):
        _same(one, source.sha256)
    return tuple(Source(one["name"], s.sha256, s.size) for one, s in zip(data, sources, strict=True)), triples


def _hash(file: str) -> str:
    try:
        with Path(file).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputInvalid(f"the file cannot be read: {error.strerror}.", what=file) from None


def _there(one: dict[str, Any]) -> str:
    name = str(one["name"])
    if not Path(name).is_file():
        raise InputInvalid(
            "this document of the report is not here, and nothing is fetched.",
            what=name,
            hint=f"Give its file as FILE; it is the one whose SHA-256 is {one['sha256']}.",
        )
    return name


def _same(one: dict[str, Any], found: str) -> None:
    if one["sha256"] != found:
        raise InputInvalid(
            f"it has changed since the report: its SHA-256 is {found[:16]}…, not {str(one['sha256'])[:16]}….",
            what=str(one["name"]),
            hint="Give the file as it was, or make a new report.",
        )


def _profile(ctx: click.Context, report: str, one: dict[str, Any]) -> Profile:
    found = file_profile(ctx, one["file"]) if one["file"] else profile_named(ctx, one["name"])
    if found.fingerprint != one["sha256"]:
        hint = "Give back the file as it was." if one["file"] else _VERSION
        raise InputInvalid(f"the shapes `{one['name']}` are not those of the report.", what=report, hint=hint)
    return found


def _verdict(earlier: Baseline, report: Report, lang: str) -> int:
    before = sorted((past.key, past.apart) for past in earlier.findings)
    now = sorted([*((f.key, False) for f in report.findings), *((f.key, True) for f, _ in report.noise)])
    if before == now:
        told = Text("Reproduit\u00a0: les mêmes {} constats.", "Reproduced: the same {} findings.")
        click.echo(told.of(lang).format(len(now)))
        return 0
    more, less = Counter(now) - Counter(before), Counter(before) - Counter(now)
    told = Text("Non reproduit\u00a0: {} constats de plus, {} de moins.", "Not reproduced: {} findings more, {} fewer.")
    click.echo(told.of(lang).format(more.total(), less.total()))
    return 1
