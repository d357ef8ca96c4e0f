"""Settings: read from `garonne.toml` and the environment, checked, and passed down.

Precedence: flag, then environment, then `garonne.toml`, then the default. Paths are relative to the settings file.
Settings are built once, by the command or the caller of `create_app`; nothing reads them globally. What there is to
set stands in `catalog.settings_table`.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import tomllib
from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pyoxigraph import NamedNode

from catalog.calendar import Calendar
from catalog.errors import SettingsInvalid
from catalog.settings_table import (
    ARRAYS,
    CHOICES,
    FILE,
    TABLES,
    AgentSettings,
    CatalogSettings,
    GuardSettings,
    HarvestSettings,
    IdentitySettings,
    LogSettings,
    MappingSettings,
    NotifySettings,
    QuerySettings,
    ScheduleSettings,
    ServeSettings,
    Settings,
    SourceSettings,
    StoreSettings,
    ValidationSettings,
    WriteSettings,
    rows_of,
    type_name,
)

__all__ = [
    "FILE",
    "AgentSettings",
    "CatalogSettings",
    "GuardSettings",
    "HarvestSettings",
    "IdentitySettings",
    "LogSettings",
    "MappingSettings",
    "NotifySettings",
    "QuerySettings",
    "ScheduleSettings",
    "ServeSettings",
    "Settings",
    "SourceSettings",
    "StoreSettings",
    "ValidationSettings",
    "WriteSettings",
    "build",
    "load",
]


def load(path: Path | None = None, *, env: Mapping[str, str] | None = None) -> Settings:
    """The settings of this file, else of `garonne.toml` in the current folder, else the defaults.

    `env` replaces the process's environment. Raises `SettingsInvalid`, naming the key and the nearest valid one.
    """
    if path is None and Path(FILE).exists():
        path = Path(FILE)
    data: dict[str, Any] = {}
    if path is not None:
        data = _read(path)
    folder = path.resolve().parent if path is not None else Path.cwd()
    return build(data, folder=folder, env=os.environ if env is None else env, file=path)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as e:
        raise SettingsInvalid(
            "there is no such settings file.", what=str(path), hint="`garonne init` makes one."
        ) from e
    except OSError as e:
        raise SettingsInvalid(f"the settings file cannot be read: {e.strerror}.", what=str(path)) from e
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise SettingsInvalid(f"not valid TOML: {e}.", what=str(path)) from e


def build(data: dict[str, Any], *, folder: Path, env: Mapping[str, str], file: Path | None = None) -> Settings:
    """The settings that this parsed document and this environment make; paths are relative to `folder`."""
    _refuse_unknown(data, [*TABLES, *ARRAYS], "the settings file")
    parts: dict[str, Any] = {}
    for table, cls in TABLES.items():
        given = dict(_table(data.get(table, {}), table))
        for row in rows_of(table, cls, env=True):
            if row.env in env:
                given[row.name] = _from_env(env[row.env], get_type_hints(cls)[row.name], row.env)
        parts[table] = _make(cls, given, table, folder)
    for table, (attribute, cls) in ARRAYS.items():
        items = data.get(table, [])
        if not isinstance(items, list):
            raise SettingsInvalid(f"[{table}] is repeated: write it as [[{table}]].")
        parts[attribute] = tuple(_make(cls, _table(item, table), table, folder) for item in items)
    named = frozenset(f"{table}.{key}" for table in TABLES for key in data.get(table, {}))
    settings = Settings(**parts, file=file, given=named)
    _check(settings)
    return settings


def _table(value: Any, table: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SettingsInvalid(f"[{table}] must be a table.")
    return value


def _refuse_unknown(given: Mapping[str, Any], known: list[str], where: str) -> None:
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"known: {', '.join(known)}."
            raise SettingsInvalid(f"unknown key `{key}` in {where};", hint=hint)


def _make(cls: type, given: dict[str, Any], table: str, folder: Path) -> Any:
    hints = get_type_hints(cls)
    names = [f.name for f in dataclasses.fields(cls)]
    _refuse_unknown(given, names, f"[{table}]")
    values: dict[str, Any] = {}
    for name, value in given.items():
        hint = hints[name]
        if dataclasses.is_dataclass(hint):
            values[name] = _make(hint, _table(value, f"{table}.{name}"), f"{table}.{name}", folder)  # type: ignore[arg-type]  # a dataclass type, by the test above
        else:
            values[name] = _value(value, hint, f"[{table}] {name}", folder)
    if hints.get("path") is Path and "path" not in values:
        values["path"] = folder / StoreSettings.path
    return cls(**values)


def _value(value: Any, hint: Any, name: str, folder: Path) -> Any:
    if hint in (Path, Path | None):
        if isinstance(value, str):
            return folder / value
    elif hint is float:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    elif hint is bool or hint is int or hint is str:
        if type(value) is hint:
            return value
    elif str(hint).startswith("list") and isinstance(value, list) and all(isinstance(v, str) for v in value):
        return list(value)
    elif (
        str(hint).startswith("dict")
        and isinstance(value, dict)
        and ("Any" in str(hint) or all(isinstance(v, str) for v in value.values()))
    ):
        return dict(value)
    raise SettingsInvalid(f"{name} must be {_article(hint)}; it is {value!r}.")


def _article(hint: Any) -> str:
    name = type_name(hint)
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def _from_env(text: str, hint: Any, name: str) -> Any:
    try:
        if hint is int:
            return int(text)
        if hint is float:
            return float(text)
        if hint is bool:
            return {"true": True, "false": False}[text.strip().lower()]
    except (ValueError, KeyError) as e:
        raise SettingsInvalid(f"{name} must be {_article(hint)}; it is `{text}`.") from e
    if str(hint).startswith("list"):
        return [part.strip() for part in text.split(",") if part.strip()]
    if str(hint).startswith("dict"):
        parts = [part.partition("=") for part in text.split(";") if part.strip()]
        if not all(sign for _, sign, _ in parts):
            raise SettingsInvalid(f"{name} is written `key=value;key=value`; it is `{text}`.")
        return {key.strip(): value.strip() for key, _, value in parts}
    return text


def _check(settings: Settings) -> None:
    if not _is_base(settings.catalog.base):
        raise SettingsInvalid(
            f"[catalog] base must be an http(s) address that ends in a slash; it is `{settings.catalog.base}`."
        )
    for (table, key), offered in CHOICES.items():
        if (value := getattr(getattr(settings, table), key)) not in offered:
            raise SettingsInvalid(f"[{table}] {key} `{value}` is not offered.", hint=f"Offered: {', '.join(offered)}.")
    if settings.store.engine == "sparql":
        _check_engine(settings.store)
    _check_notify(settings.notify, settings.given)
    if not settings.catalog.languages:
        raise SettingsInvalid("[catalog] languages is empty: name at least one, such as `fr`.")
    if settings.catalog.spatial and not _is_iri(settings.catalog.place):
        raise SettingsInvalid(
            f"[catalog] spatial `{settings.catalog.spatial}` is neither an IRI nor a code of the EU tables of"
            " countries and places.",
            hint="For France: `FRA`.",
        )
    for table in TABLES:
        _check_numbers(table, getattr(settings, table))
    _check_zone("[harvest] timezone", settings.harvest.timezone)
    seen: set[str] = set()
    for source in settings.sources:
        _check_source(source, seen)
        seen.add(source.id)
    if any(not agent.name for agent in settings.agents):
        raise SettingsInvalid("an [[agent]] has no `name`.")


def _is_iri(text: str) -> bool:
    try:
        return urlsplit(text).scheme in {"http", "https"} and bool(NamedNode(text))
    except ValueError:
        return False


def _check_engine(store: StoreSettings) -> None:
    """Whether a remote engine has the addresses it is spoken to at, and no secret in them."""
    for name in ("query", "update", "graphs"):
        parts = urlsplit(getattr(store, name))
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise SettingsInvalid(
                f"[store] {name} must be the http(s) address of the engine's {name}.",
                hint="engine `sparql` needs query, update and graphs; docs/scaling.md shows them for several engines.",
            )
        if "@" in parts.netloc:
            raise SettingsInvalid(
                f"[store] {name} has a password in its address.",
                hint="Set user, and GARONNE_STORE_PASSWORD or password_file.",
            )


def _check_notify(notify: NotifySettings, given: frozenset[str]) -> None:
    """Whether everybody who is to be told can be, and no secret stands in the file."""
    for name in ("mail_password", "webhook_secret"):
        if f"notify.{name}" in given:
            raise SettingsInvalid(
                f"[notify] {name} must not stand in the settings file.",
                hint=f"Set it in the environment, as GARONNE_NOTIFY_{name.upper()}.",
            )
    if unknown := sorted(set(notify.on) - {"held", "failed", "stale", "store"}):
        raise SettingsInvalid(
            f"[notify] on `{unknown[0]}` is not offered.", hint="Offered: held, failed, stale, store."
        )
    for name, addresses in (("mail_from", [notify.mail_from] if notify.mail_host else []), ("mail_to", notify.mail_to)):
        for wrong in (a for a in addresses if not _is_mail(a)):
            raise SettingsInvalid(f"[notify] {name}: {wrong!r} is no mail address.", hint="As in catalogue@ville.fr.")
    if notify.publishers and not notify.mail_host:
        raise SettingsInvalid("[notify] publishers needs mail_host: publishers are written to by mail.")
    parts = urlsplit(notify.webhook)
    if notify.webhook and (parts.scheme not in {"http", "https"} or not parts.netloc):
        raise SettingsInvalid(f"[notify] webhook must be an http(s) address; it is `{notify.webhook}`.")


def _is_mail(text: str) -> bool:
    """Whether it is one address, or a name with one, on one line."""
    _, address = parseaddr(text)
    local, _, host = address.rpartition("@")
    return bool(local and host) and text.isprintable() and not set(address) & set(" ,;:<>")


def _is_base(text: str) -> bool:
    try:
        base, _ = urlsplit(text), NamedNode(text)
    except ValueError:
        return False
    return (
        base.scheme in {"http", "https"}
        and bool(base.hostname)
        and text.endswith("/")
        and not (base.query or base.fragment)
    )


def _check_numbers(table: str, values: Any) -> None:
    for f in dataclasses.fields(values):
        value = getattr(values, f.name)
        if isinstance(value, int | float) and not 0 <= value < float("inf"):
            raise SettingsInvalid(f"[{table}] {f.name} must be a number from 0 on; it is {value}.")


def _check_source(source: SourceSettings, seen: set[str]) -> None:
    if not source.id or not all(c.isascii() and (c.isalnum() or c == "-") for c in source.id):
        raise SettingsInvalid(f"a [[source]] needs an `id` of letters, digits and hyphens; it is `{source.id}`.")
    if source.id in seen:
        raise SettingsInvalid(f"two sources are called `{source.id}`.")
    if not source.kind:
        raise SettingsInvalid(f"source `{source.id}` has no `kind`.")
    if source.url and urlsplit(source.url).scheme not in {"http", "https"}:
        raise SettingsInvalid(f"source `{source.id}`: url must begin with http:// or https://; it is `{source.url}`.")
    _check_numbers("source.guard", source.guard)
    _check_template(source)
    _check_zone(f"source `{source.id}`: timezone", source.timezone or "UTC")
    if source.schedule:
        try:
            Calendar(source.schedule, "UTC")
        except ValueError as e:
            raise SettingsInvalid(
                f"source `{source.id}`: schedule `{source.schedule}` is not as in cron: {e}.",
                hint="Minute, hour, day, month, weekday: `0 3 * * *` is every night at three.",
            ) from e
    if source.role not in {"producer", "aggregator"}:
        raise SettingsInvalid(f"source `{source.id}`: role is `producer` or `aggregator`; it is `{source.role}`.")
    if source.identity.iri not in {"minted", "source"}:
        raise SettingsInvalid(f"source `{source.id}`: identity.iri is `minted` or `source`.")


def _check_zone(name: str, zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as e:
        raise SettingsInvalid(f"{name} `{zone}` is not known.", hint="Zones are named as in `Europe/Paris`.") from e


def _check_template(source: SourceSettings) -> None:
    template = source.identity.identifier
    if not template:
        return
    try:
        one, other = (template.format(url="", dataset_id=n, slug=n, base="") for n in ("a", "b"))
    except (LookupError, ValueError, AttributeError) as e:
        raise SettingsInvalid(
            f"source `{source.id}`: identity.identifier cannot be filled in ({e}).",
            hint="It knows {url}, {dataset_id}, {slug} and {base}.",
        ) from e
    if one == other:
        raise SettingsInvalid(
            f"source `{source.id}`: identity.identifier gives all datasets the same identifier.",
            hint="Use {dataset_id} or {slug} in it.",
        )
