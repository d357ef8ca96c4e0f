"""The settings table: name, type, default and help of every setting, by concern.

`garonne config show`, the documentation page and the error for an unknown key are all made from these dataclasses.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

from catalog.errors import SettingsInvalid
from shapes.profiles import DEFAULTS
from vocab import terms

FILE = "garonne.toml"


def setting(default: Any, help: str, *, secret: bool = False) -> Any:  # noqa: A002  the word readers expect
    """A setting with its default and the sentence that explains it; the value of a secret one is never printed."""
    metadata = {"help": help, "secret": secret}
    if isinstance(default, list | dict):
        return field(default_factory=lambda: type(default)(default), repr=not secret, metadata=metadata)
    return field(default=default, repr=not secret, metadata=metadata)


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
    spatial: str = setting(
        "", "Where the catalogue is about: an IRI, or a code of the EU tables of countries and places (`FRA`)."
    )

    @property
    def place(self) -> str:
        """The IRI that `spatial` names; as it is written where it is no code of the tables."""
        found = terms.table("country").find(self.spatial) or terms.table("place").find(self.spatial)
        return found.iri if found is not None else self.spatial


@dataclass(frozen=True)
class StoreSettings:
    """[store]: where the catalogue is kept."""

    engine: str = setting(
        "oxigraph", "What answers queries: the embedded `oxigraph`, or `sparql`, any SPARQL 1.1 engine elsewhere."
    )
    path: Path = setting(Path("var"), "Folder of the store, the releases and the bookkeeping.")
    keep: int = setting(10, "How many releases are kept; older ones are pruned at publication.")
    runs: int = setting(
        2000,
        "How many harvest runs are remembered, beside those that kept releases tell of, and the first and the last of"
        " each source; 0 for all.",
    )
    query: str = setting("", "Address of the engine's SPARQL queries (`sparql` only, as all that follow).")
    update: str = setting("", "Address of its SPARQL updates.")
    graphs: str = setting("", "Address of its graph store (SPARQL 1.1 Graph Store HTTP Protocol).")
    user: str = setting("", "Name to give it; empty for none.")
    password: str = setting("", "Password or token to give it; best by the environment or a file.", secret=True)
    password_file: Path | None = setting(None, "File that holds the password or token.")
    auth: str = setting("basic", "How they are given: `basic`, `digest` (Virtuoso) or `bearer`.")
    patience: float = setting(600.0, "Seconds without an answer after which a step of a publication is given up.")


@dataclass(frozen=True)
class HarvestSettings:
    """[harvest]: how sources are read."""

    timeout: float = setting(60.0, "Seconds without a byte after which a request is given up.")
    retries: int = setting(4, "How often a transient failure is tried again.")
    backoff: float = setting(1.0, "Seconds before the first new try; doubled each time.")
    patience: float = setting(
        1800.0, "Longest wait, in seconds, for one answer in all, a byte now and then; our own work does not count."
    )
    max_wait: float = setting(120.0, "Longest wait, in seconds, that a Retry-After may ask for.")
    max_bytes: int = setting(2_000_000_000, "Largest response accepted, in bytes.")
    max_record: int = setting(5_000_000, "Largest single record accepted, in bytes.")
    batch: int = setting(500, "Datasets loaded into the store at a time.")
    whole_every: float = setting(
        7.0,
        "Days after which a source is read whole even where it says that nothing changed, or could be asked for changes"
        " alone; 0 for every time.",
    )
    timezone: str = setting("Europe/Paris", "Zone of dates that state none.")


@dataclass(frozen=True)
class ScheduleSettings:
    """[schedule]: how the sources that have a `schedule` are harvested without anybody asking."""

    enabled: bool = setting(True, "Whether `garonne serve` runs the scheduler.")
    jitter: float = setting(60.0, "A turn begins up to so many seconds late, so that not everybody asks at once.")
    retry: float = setting(300.0, "Seconds until a failed turn is tried again; doubled at each failure.")
    retry_most: float = setting(21600.0, "Longest such wait, in seconds; the next due turn comes first where earlier.")
    limit: float = setting(21600.0, "Seconds after which a turn that has not ended is stopped.")


@dataclass(frozen=True)
class ValidationSettings:
    """[validation]: what every changed dataset is checked against."""

    profiles: list[str] = setting(list(DEFAULTS), "SHACL profiles run at each harvest; empty for none.")
    engine: str = setting("garonne", "SHACL engine: `garonne`, or the reference `pyshacl`.")
    noise: str = setting(
        "apart", "What no repair of the data removes: `apart` (counted by itself), or `show`n as faults."
    )


@dataclass(frozen=True)
class GateSettings:
    """[gate]: what a harvest holds back when it would make the metadata worse; nothing unless you say so."""

    hold: str = setting(
        "nothing",
        "Held when a dataset has findings that it had not: `nothing`, these `datasets`, all changes of their "
        "`publishers`, or the `release`.",
    )
    fail_on: str = setting("violation", "The lightest finding that counts: `violation` or `warning`.")
    publishers: list[str] = setting([], "Names or IRIs of the publishers that the gate looks at; empty for all.")


@dataclass(frozen=True)
class CheckSettings:
    """[check]: what `/validate` may take, which checks documents that anybody sends."""

    timeout: float = setting(30.0, "Seconds after which a check is stopped.")
    memory: int = setting(768, "MiB of memory after which a check is stopped.")
    max_bytes: int = setting(20_000_000, "Largest document, in bytes; a larger one is answered 413.")
    at_once: int = setting(2, "Checks that run at a time.")
    queue: int = setting(8, "Checks that may wait; one more is answered 503.")
    allow_private: bool = setting(False, "Whether an address to check may be on a private or loopback address.")


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
    max_bytes: int = setting(2_000_000, "Largest request with a query, in bytes; a larger one is answered 413.")
    budget: float = setting(60.0, "Seconds of processor time that a client has in a minute; it may save up twice that.")
    cache: int = setting(256, "MiB of disk for answers that are kept to be given again; 0 keeps none.")
    errors: int = setting(30, "Stopped or crashed queries that a client has in a minute; it may save up twice that.")
    requests: int = setting(
        60_000, "Requests to /sparql and /graphs that it has in a minute; it may save up twice that. 0: no limit."
    )
    at_once: int = setting(96, "Those that it may have open at once. 0: no limit.")
    rewriting: bool = setting(True, "Whether slow queries may be put to the engine in another form of the same answer.")
    standing: bool = setting(True, "Whether each release is asked for its statistics and the named queries.")


@dataclass(frozen=True)
class WriteSettings:
    """[write]: SPARQL Update and the graph store protocol."""

    tokens: list[str] = setting(
        [],
        "Tokens that may write, beside those of `garonne tokens`; each may be given as `sha256:` and its digest.",
        secret=True,
    )
    timeout: float = setting(60.0, "Seconds after which a write is stopped; nothing of it remains then.")
    max_bytes: int = setting(50_000_000, "Largest body of a write, in bytes; a larger one is answered 413.")


@dataclass(frozen=True)
class ServeSettings:
    """[serve]: the HTTP service."""

    host: str = setting("127.0.0.1", "Address to listen on.")
    port: int = setting(8080, "Port to listen on; 0 picks a free one.")
    workers: int = setting(2, "Query worker processes.")
    queue: int = setting(128, "Queries that may wait for a worker; one more is answered 503.")
    long: int = setting(0, "Queries of more than 200 ms that go on at a time; 0 for one less than there are cores.")
    long_queue: int = setting(8, "Queries of more than 200 ms that may wait, paused; one more is answered 503.")
    pages: int = setting(256, "MiB of disk for rendered pages of the feeds; 0 keeps none.")
    checksums: bool = setting(
        False,
        "Whether the feeds give checksums of files; data.gouv.fr rejects a dataset that has one as DCAT-AP has it.",
    )
    metrics: str = setting(
        "local", "Who may read /metrics: `local` requests from this machine that no proxy passed on, `open`, or `off`."
    )
    dumps: bool = setting(True, "Whether dumps of each release are made, beside its other files.")
    work: float = setting(
        120.0, "Seconds of work on pages, feeds and checks that a client has in a minute; it may save up twice that."
    )
    requests: int = setting(12_000, "Requests that it has in a minute; it may save up twice that. 0: no limit.")
    at_once: int = setting(32, "Requests that it may have open at once. 0: no limit.")
    trusted_proxies: list[str] = setting(
        [], "Addresses or networks whose X-Forwarded-For is believed when clients are told apart."
    )


@dataclass(frozen=True)
class LogSettings:
    """[log]: what the service and the scheduler tell of themselves, on standard error."""

    format: str = setting("text", "`text`: lines for people; `json`: an object a line.")
    level: str = setting("info", "The least that is logged: debug, info, warning or error.")
    access: bool = setting(False, "Whether each request is logged.")
    traces: str = setting("", "Address of an OpenTelemetry collector (OTLP over HTTP); needs `garonne[traces]`.")


@dataclass(frozen=True)
class NotifySettings:
    """[notify]: who is told without asking, by mail or by a posted document; nobody unless you say so."""

    on: list[str] = setting(
        ["held", "failed", "stale", "store"],
        "What the operator is told of: sources `held`, `failed` or `stale`; a `store` whose disk or bookkeeping fails.",
    )
    stale: float = setting(48.0, "Hours without a successful harvest after which a source is stale.")
    remind: float = setting(7.0, "Days after which what still lasts is told again.")
    mail_host: str = setting("", "SMTP server; empty for no mail.")
    mail_port: int = setting(587, "Its port.")
    mail_security: str = setting("starttls", "How it is spoken to: `starttls`, `tls` from the first byte, or `none`.")
    mail_ca: Path | None = setting(None, "Certificates to trust it by (PEM); those of the system otherwise.")
    mail_user: str = setting("", "Name to log in with; empty for none.")
    mail_password: str = setting("", "Password; by the environment alone.", secret=True)
    mail_from: str = setting("", "Who writes: an address, or a name and an address in angle brackets.")
    mail_to: list[str] = setting([], "Addresses of the operators.")
    webhook: str = setting("", "Address that messages are posted to as JSON; it may be private. Empty for none.")
    webhook_secret: str = setting(
        "", "Secret of the HMAC-SHA256 in `X-Garonne-Signature`; by the environment alone.", secret=True
    )
    timeout: float = setting(20.0, "Seconds without an answer after which sending is given up.")
    publishers: bool = setting(
        False, "Whether each [[agent]] with an `email` is written to, once a day at most, when there is new to repair."
    )


@dataclass(frozen=True)
class IdentitySettings:
    """[source.identity]: what aggregators already know a dataset by, kept byte for byte."""

    identifier: str = setting(
        "",
        "Template of `dct:identifier`; knows {url}, {dataset_id}, {slug}, {base}. By default the source's own.",
    )
    iri: str = setting(
        "source", "`source` keeps the source's own persistent IRIs, `minted` gives every dataset a new one."
    )


@dataclass(frozen=True)
class GuardSettings:
    """[source.guard]: when a listing is not believed, and the source held at its last good records."""

    max_withdrawn: float = setting(
        0.10, "Share of the source's datasets that may vanish, or be told to be copies of others, in one run…"
    )
    min_withdrawn: int = setting(5, "…unless fewer than this many would.")
    max_changed: float = setting(
        0.25,
        "Share of them that may change their name, lose half of their download addresses or more, or lose one property"
        " (licence, publisher…) in one run; and share of the records that may repeat an identifier…",
    )
    min_changed: int = setting(5, "…unless fewer than this many would.")
    max_taken: float = setting(
        0.10,
        "Share of another source's datasets that this one, when it is not new, may take over in one run by naming them"
        " as its own…",
    )
    min_taken: int = setting(5, "…unless fewer than this many would.")
    grace_runs: int = setting(
        10, "After how many incomplete listings in a row that lack a dataset it is withdrawn; 0 for never…"
    )
    grace_days: float = setting(30.0, "…and not before so many days after the first of them.")


@dataclass(frozen=True)
class SourceSettings:
    """[[source]]: one portal, inventory or folder."""

    id: str = setting("", "Name of the source in this catalogue; letters, digits and hyphens.")
    kind: str = setting("", "Kind of source; `garonne sources list` shows those installed.")
    url: str = setting("", "Address of the portal, without the path of its API.")
    path: Path | None = setting(None, "File or folder, for sources that are read from disk.")
    schedule: str = setting("", "When to harvest, as in cron: `0 3 * * *`, or `@daily`; empty for never by itself.")
    role: str = setting(
        "producer", "`producer`, or `aggregator`: of a dataset that both have, the producer's description is published."
    )
    allow_private: bool = setting(False, "Whether the source may be at a private or loopback address.")
    federated: bool = setting(False, "Whether datasets that the portal itself took from elsewhere are taken.")
    formats: list[str] = setting([], "Export formats to offer beyond csv, json, geojson and shp.")
    timezone: str = setting("", "Zone of this source's dates that state none.")
    language: str = setting("", "Language of records that state none.")
    defaults: dict[str, str] = setting({}, "Values used only where a record says nothing, by property.")
    titles: dict[str, str] = setting({}, "Titles of tables and files, by their names (kind `table`).")
    titles_file: Path | None = setting(None, "The same as a CSV with the columns name,title,description.")
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
    """All settings. `file` is where they were read, None for defaults alone; `given` is what it sets (`table.key`)."""

    catalog: CatalogSettings = field(default_factory=CatalogSettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    harvest: HarvestSettings = field(default_factory=HarvestSettings)
    schedule: ScheduleSettings = field(default_factory=ScheduleSettings)
    validation: ValidationSettings = field(default_factory=ValidationSettings)
    gate: GateSettings = field(default_factory=GateSettings)
    check: CheckSettings = field(default_factory=CheckSettings)
    mapping: MappingSettings = field(default_factory=MappingSettings)
    query: QuerySettings = field(default_factory=QuerySettings)
    serve: ServeSettings = field(default_factory=ServeSettings)
    write: WriteSettings = field(default_factory=WriteSettings)
    log: LogSettings = field(default_factory=LogSettings)
    notify: NotifySettings = field(default_factory=NotifySettings)
    sources: tuple[SourceSettings, ...] = ()
    agents: tuple[AgentSettings, ...] = ()
    file: Path | None = None
    given: frozenset[str] = frozenset()

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
    "schedule": ScheduleSettings,
    "validation": ValidationSettings,
    "gate": GateSettings,
    "check": CheckSettings,
    "mapping": MappingSettings,
    "query": QuerySettings,
    "serve": ServeSettings,
    "write": WriteSettings,
    "log": LogSettings,
    "notify": NotifySettings,
}
CHOICES: dict[tuple[str, str], tuple[str, ...]] = {
    ("store", "engine"): ("oxigraph", "sparql"),
    ("store", "auth"): ("basic", "digest", "bearer"),
    ("validation", "noise"): ("apart", "show"),
    ("gate", "hold"): ("nothing", "datasets", "publishers", "release"),
    ("gate", "fail_on"): ("violation", "warning"),
    ("serve", "metrics"): ("local", "open", "off"),
    ("notify", "mail_security"): ("starttls", "tls", "none"),
    ("log", "format"): ("text", "json"),
    ("log", "level"): ("debug", "info", "warning", "error"),
}
"""The values that a key of a table may have."""
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
    secret: bool = False


def rows() -> list[Row]:
    """The whole table, in the order of the documentation."""
    found = [r for table, cls in TABLES.items() for r in rows_of(table, cls, env=True)]
    for table, (_, cls) in ARRAYS.items():
        found += rows_of(table, cls, env=False)
    return found


def rows_of(table: str, cls: type, *, env: bool) -> list[Row]:
    found: list[Row] = []
    hints = get_type_hints(cls)
    for f in dataclasses.fields(cls):
        if dataclasses.is_dataclass(hints[f.name]):
            found += rows_of(f"{table}.{f.name}", hints[f.name], env=False)
            continue
        default = f.default_factory() if f.default_factory is not dataclasses.MISSING else f.default
        name = f"GARONNE_{table}_{f.name}".upper() if env else ""
        found.append(
            Row(table, f.name, type_name(hints[f.name]), default, f.metadata["help"], name, f.metadata["secret"])
        )
    return found


def type_name(hint: Any) -> str:
    names = {str: "text", int: "integer", float: "number", bool: "boolean", Path: "path", Path | None: "path"}
    if hint in names:
        return names[hint]
    return "list of texts" if str(hint).startswith("list") else "table"
