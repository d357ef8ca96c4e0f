"""The mapping context of a source, from the settings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from catalog.settings import AgentSettings, Settings, SourceSettings
from harvest.mapping.context import Agent, Context
from vocab.alignment import read_mapping_csv


def context(settings: Settings, source: SourceSettings, now: datetime) -> Context:
    """Everything that the mapping of this source's records depends on; raises `UsageError` for a bad table."""

    def city(name: str) -> Mapping[str, str]:
        path: Path | None = getattr(settings.mapping, name)
        return read_mapping_csv(path) if path is not None else {}

    return Context(
        base=settings.catalog.base,
        source=source.id,
        portal=source.url.rstrip("/"),
        now=now,
        language=source.language or settings.catalog.languages[0],
        languages=tuple(lang for lang in settings.catalog.languages if lang in {"fr", "en"}) or ("fr",),
        timezone=source.timezone or settings.harvest.timezone,
        federated=source.federated,
        identifier=source.identity.identifier,
        defaults=source.defaults,
        agents=tuple(_agent(a) for a in settings.agents),
        exports=tuple(source.formats),
        themes=city("themes"),
        licences=city("licences"),
        frequencies=city("frequencies"),
        publishers=city("publishers"),
        places=city("places"),
        formats=city("formats"),
    )


def _agent(given: AgentSettings) -> Agent:
    return Agent(given.name, tuple(given.aliases), given.siret, given.type, given.parent, given.email, given.homepage)
