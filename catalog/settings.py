"""Settings: one table says name, type, default, help and environment name of each.

`garonne config show`, the documentation page and the error for an unknown key are all made from the dataclasses below.
Precedence: flag, then environment, then `garonne.toml`, then the default. Paths are relative to the settings file.
Settings are built once, by the command or the caller of `create_app`, and passed down; nothing reads them globally.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pyoxigraph import NamedNode

from catalog.errors import SettingsInvalid

FILE = "garonne.toml"


def setting(default: Any, help: str) -> Any:  # noqa: A002  the word the reader of a settings table expects
    """A setting with its default and the sentence that explains it."""
    if isinstance(default, list | dict):
        return field(default_factory=lambda: type(default)(default), metadata={"help": help})
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True)
class CatalogSettings:
    """[catalog]: who publishes, under which addresses."""

    base: str = setting("http://127.0.0.1:8080/", "Base IRI of everything the catalogue mints; ends in a slash.")
    title: dict[str, str] = setting({"fr": "Catalogue de données"}, "Title of the catalogue, by language.")
    description: dict[str, str] = setting(
        {"fr": "Les jeux de données de la collectivité, décrits selon DCAT-AP 3."}, "Description, by language."
    )
    publisher: dict[str, str] = setting(
        {"name": "Collectivité"}, "Publisher of the catalogue: name, type, homepage, email, siret."
    )
    languages: list[str] = setting(["fr"], "Languages of the catalogue, ISO 639-1; the first is the default.")
    licence: str = setting("", "Licence of the catalogue's own metadata: a code or an IRI of the EU table.")
    homepage: str = setting("", "Page of the catalogue for people.")


@dataclass(frozen=True)
class StoreSettings:
    """[store]: where the catalogue is kept."""

    engine: str = setting("oxigraph", "Triple store; `oxigraph` is the embedded one.")
    path: Path = setting(Path("var"), "Folder of the store, the releases and the bookkeeping.")
    keep: int = setting(10, "How many releases are kept; older ones are pruned at publication.")


@dataclass(frozen=True)
class HarvestSettings:
    """[harvest]: how sources are read."""

    timeout: float = setting(60.0, "Seconds without a byte after which a request is given up.")
    retries: int = setting(4, "How often a transient failure is tried again.")
    backoff: float = setting(1.0, "Seconds before the first new try; doubled each time.")
    max_wait: float = setting(120.0, "Longest wait, in seconds, that a Retry-After may ask for.")
    max_bytes: int = setting(2_000_000_000, "Largest response accepted, in bytes.")
    max_record: int = setting(5_000_000, "Largest single record accepted, in bytes.")
    batch: int = setting(500, "Datasets loaded into the store at a time.")
    timezone: str = setting("Europe/Paris", "Zone of dates that state none.")


@dataclass(frozen=True)
class ValidationSettings:
    """[validation]: what every changed dataset is checked against."""

    profiles: list[str] = setting(["dcat-ap-3"], "SHACL profiles run at each harvest; empty for none.")
    engine: str = setting("pyshacl", "SHACL engine.")


@dataclass(frozen=True)
class MappingSettings:
    """[mapping]: the city's own tables, CSV with the columns `value,target`; they extend the built-in ones."""

    themes: Path | None = setting(None, "City words to EU data themes.")
    licences: Path | None = setting(None, "Licence names to EU licences.")
    frequencies: Path | None = setting(None, "Frequencies to the EU table.")
    publishers: Path | None = setting(None, "Publisher names to names of the [[agent]] register.")
    places: Path | None = setting(None, "Place names to EU places, countries or INSEE codes.")
    formats: Path | None = setting(None, "Format names to EU file types.")


@dataclass(frozen=True)
class QuerySettings:
    """[query]: limits of one SPARQL query."""

    timeout: float = setting(30.0, "Seconds a query may run.")
    memory: int = setting(1024, "MiB of memory a query may use.")


@dataclass(frozen=True)
class ServeSettings:
    """[serve]: the HTTP service."""

    host: str = setting("127.0.0.1", "Address to listen on.")
    port: int = setting(8080, "Port to listen on; 0 picks a free one.")
    workers: int = setting(2, "Query worker processes.")
    queue: int = setting(32, "Queries that may wait for a worker; one more is answered 503.")


@dataclass(frozen=True)
class IdentitySettings:
    """[source.identity]: what aggregators already know a dataset by, kept byte for byte."""

    identifier: str = setting(
        "{url}/explore/dataset/{dataset_id}/",
        "Template of `dct:identifier`; knows {url}, {dataset_id}, {slug}, {base}.",
    )
    iri: str = setting("minted", "`minted`, or `source` to keep the source's own persistent IRI.")


@dataclass(frozen=True)
class GuardSettings:
    """[source.guard]: when a shrunken listing is not believed."""

    max_withdrawn: float = setting(0.10, "Share of the source's datasets that may vanish in one run…")
    min_withdrawn: int = setting(5, "…unless fewer than this many would.")


@dataclass(frozen=True)
class SourceSettings:
    """[[source]]: one portal, inventory or folder."""

    id: str = setting("", "Name of the source in this catalogue; letters, digits and hyphens.")
    kind: str = setting("", "Kind of source; `garonne sources list` shows those installed.")
    url: str = setting("", "Address of the portal, without the path of its API.")
    path: Path | None = setting(None, "File or folder, for sources that are read from disk.")
    schedule: str = setting("", "When to harvest, as in cron.")
    allow_private: bool = setting(False, "Whether the source may be at a private or loopback address.")
    federated: bool = setting(False, "Whether datasets that the portal itself took from elsewhere are taken.")
    formats: list[str] = setting([], "Export formats to offer beyond csv, json, geojson and shp.")
    timezone: str = setting("", "Zone of this source's dates that state none.")
    language: str = setting("", "Language of records that state none.")
    defaults: dict[str, str] = setting({}, "Values used only where a record says nothing, by property.")
    options: dict[str, Any] = setting({}, "Settings of the kind itself.")
    identity: IdentitySettings = field(default_factory=IdentitySettings)
    guard: GuardSettings = field(default_factory=GuardSettings)


@dataclass(frozen=True)
class AgentSettings:
    """[[agent]]: one publisher of the register; sources name them by free text."""

    name: str = setting("", "The name to publish.")
    aliases: list[str] = setting([], "Other spellings met in sources.")
    siret: str = setting("", "SIRET number, 14 digits.")
    type: str = setting("", "Publisher type: a code of the ADMS table, such as LocalAuthority.")
    parent: str = setting("", "Name of the body it belongs to.")
    email: str = setting("", "Address that people can write to.")
    homepage: str = setting("", "Web page.")


@dataclass(frozen=True)
class Settings:
    """All settings. `file` is where they were read, None for defaults alone."""

    catalog: CatalogSettings = field(default_factory=CatalogSettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    harvest: HarvestSettings = field(default_factory=HarvestSettings)
    validation: ValidationSettings = field(default_factory=ValidationSettings)
    mapping: MappingSettings = field(default_factory=MappingSettings)
    query: QuerySettings = field(default_factory=QuerySettings)
    serve: ServeSettings = field(default_factory=ServeSettings)
    sources: tuple[SourceSettings, ...] = ()
    agents: tuple[AgentSettings, ...] = ()
    file: Path | None = None

    def source(self, name: str) -> SourceSettings:
        """The source of this name; the error lists those there are."""
        for source in self.sources:
            if source.id == name:
                return source
        known = ", ".join(s.id for s in self.sources) or "none"
        raise SettingsInvalid(f"There is no source `{name}`.", hint=f"Configured: {known}.")


TABLES: dict[str, type] = {
    "catalog": CatalogSettings,
    "store": StoreSettings,
    "harvest": HarvestSettings,
    "validation": ValidationSettings,
    "mapping": MappingSettings,
    "query": QuerySettings,
    "serve": ServeSettings,
}
ARRAYS: dict[str, tuple[str, type]] = {"source": ("sources", SourceSettings), "agent": ("agents", AgentSettings)}


@dataclass(frozen=True)
class Row:
    """One line of the settings table, as shown to people. `env` is empty where the environment does not reach."""

    table: str
    name: str
    type: str
    default: Any
    help: str
    env: str


def rows() -> list[Row]:
    """The whole table, in the order of the documentation."""
    found = [r for table, cls in TABLES.items() for r in _rows(table, cls, env=True)]
    for table, (_, cls) in ARRAYS.items():
        found += _rows(table, cls, env=False)
    return found


def _rows(table: str, cls: type, *, env: bool) -> list[Row]:
    found: list[Row] = []
    hints = get_type_hints(cls)
    for f in dataclasses.fields(cls):
        if dataclasses.is_dataclass(hints[f.name]):
            found += _rows(f"{table}.{f.name}", hints[f.name], env=False)
            continue
        default = f.default_factory() if f.default_factory is not dataclasses.MISSING else f.default
        name = f"GARONNE_{table}_{f.name}".upper() if env else ""
        found.append(Row(table, f.name, _type_name(hints[f.name]), default, f.metadata["help"], name))
    return found


def _type_name(hint: Any) -> str:
    names = {str: "text", int: "integer", float: "number", bool: "boolean", Path: "path", Path | None: "path"}
    if hint in names:
        return names[hint]
    return "list of texts" if str(hint).startswith("list") else "table"


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
        for row in _rows(table, cls, env=True):
            if row.env in env:
                given[row.name] = _from_env(env[row.env], get_type_hints(cls)[row.name], row.env)
        parts[table] = _make(cls, given, table, folder)
    for table, (attribute, cls) in ARRAYS.items():
        items = data.get(table, [])
        if not isinstance(items, list):
            raise SettingsInvalid(f"[{table}] is repeated: write it as [[{table}]].")
        parts[attribute] = tuple(_make(cls, _table(item, table), table, folder) for item in items)
    settings = Settings(**parts, file=file)
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
    name = _type_name(hint)
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def _from_env(text: str, hint: Any, name: str) -> Any:
    try:
        if hint is int:
            return int(text)
        if hint is float:
            return float(text)
    except ValueError as e:
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
    if settings.store.engine != "oxigraph":
        raise SettingsInvalid(f"[store] engine `{settings.store.engine}` is not offered.", hint="Offered: oxigraph.")
    if not settings.catalog.languages:
        raise SettingsInvalid("[catalog] languages is empty: name at least one, such as `fr`.")
    for table in TABLES:
        _check_numbers(table, getattr(settings, table))
    _check_zone("[harvest] timezone", settings.harvest.timezone)
    seen: set[str] = set()
    for source in settings.sources:
        _check_source(source, seen)
        seen.add(source.id)
    if any(not agent.name for agent in settings.agents):
        raise SettingsInvalid("an [[agent]] has no `name`.")


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
    if source.identity.iri not in {"minted", "source"}:
        raise SettingsInvalid(f"source `{source.id}`: identity.iri is `minted` or `source`.")


def _check_zone(name: str, zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as e:
        raise SettingsInvalid(f"{name} `{zone}` is not known.", hint="Zones are named as in `Europe/Paris`.") from e


def _check_template(source: SourceSettings) -> None:
    template = source.identity.identifier
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
