"""What a mapping depends on besides the record: the source's settings, the register of agents, the city's tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any

from harvest.mapping import rules
from harvest.mapping.checks import check
from vocab.alignment import key, split_targets
from vocab.terms import normalise

TABLES = ("themes", "licences", "frequencies", "publishers", "places", "formats")
"""The city's own tables."""


@dataclass(frozen=True, slots=True)
class Agent:
    """One body of the register. `type` is a code of the publisher-type table, `parent` the name of another body."""

    name: str
    aliases: tuple[str, ...] = ()
    siret: str = ""
    type: str = ""
    parent: str = ""
    email: str = ""
    homepage: str = ""


@dataclass(frozen=True, eq=False)  # compared by identity, so that look-ups can be remembered for it
class Context:
    """All that the outcome of a mapping depends on, except the record and its identity.

    `base` ends in a slash; `portal` has none at its end, and is empty where the records came without their portal.
    `languages` are those
    of the catalogue, for the texts that the mapping itself writes (French where it offers neither French nor English).
    `now` is when the run began, with its zone: dates after it are in the future. `exports` are export formats beyond
    csv, json, geojson and shp. The `[mapping]` tables (`themes` to `formats`) go from a source's word to a term (an
    IRI or a code; several are separated by `|`), as `vocab.alignment.read_mapping_csv` reads them. `export_suffix` is
    what download addresses carry after the format, `attachment_path` where files are: both byte for byte what
    aggregators hold today. `UsageError` for settings that no rule could use (`harvest.mapping.checks`).
    """

    base: str
    source: str
    portal: str
    now: datetime
    language: str = "fr"
    languages: tuple[str, ...] = ("fr",)
    timezone: str = "Europe/Paris"
    federated: bool = False
    identifier: str = ""
    defaults: Mapping[str, str] = field(default_factory=dict)
    agents: tuple[Agent, ...] = ()
    themes: Mapping[str, str] = field(default_factory=dict)
    licences: Mapping[str, str] = field(default_factory=dict)
    frequencies: Mapping[str, str] = field(default_factory=dict)
    publishers: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    formats: Mapping[str, str] = field(default_factory=dict)
    exports: tuple[str, ...] = ()
    export_suffix: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({"csv": "?use_labels=true", "xlsx": "?use_labels=true"})
    )
    attachment_path: str = "/api/v2/catalog/datasets/{dataset_id}/{kind}/{file_id}"

    def __post_init__(self) -> None:
        check(self)

    def fingerprint(self) -> str:
        """Changes with anything that can change what a record becomes, except the time.

        Five digests with hyphens between them: rules, vocabularies, agents, the city's tables, everything else.
        """
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        others = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in {"now", "agents", *TABLES}}
        parts = [asdict(a) for a in self.agents], {name: getattr(self, name) for name in TABLES}, others
        return "-".join((rules.rules(), rules.vocabularies(), *(rules.short(_plain(part)) for part in parts)))

    @cached_property
    def register(self) -> Mapping[str, Agent]:
        """The agents by normalised name and alias; the earlier entry keeps a spelling that two claim."""
        found: dict[str, Agent] = {}
        for agent in self.agents:
            for name in (agent.name, *agent.aliases):
                found.setdefault(normalise(name), agent)
        return found

    @cached_property
    def numbers(self) -> Mapping[str, Agent]:
        """The agents by SIRET; the earlier entry keeps a number that two claim."""
        return {"".join(agent.siret.split()): agent for agent in reversed(self.agents) if agent.siret.strip()}

    @cached_property
    def _tables(self) -> Mapping[str, Mapping[str, str]]:
        return {n: {key(k): v for k, v in getattr(self, n).items()} for n in TABLES}

    def city(self, table: str, text: str) -> tuple[str, ...] | None:
        """The targets that the city's own `[mapping]` table gives for `text`; `None` where it has no line for it.

        No target at all means that the city leaves the value without a term on purpose.
        """
        known = self._tables[table].get(key(text)) if getattr(self, table) else None
        return None if known is None else split_targets(known)


def _plain(values: Any) -> str:
    """The same text for the same values, whatever their order."""
    return json.dumps(values, sort_keys=True, ensure_ascii=False, default=dict)
