"""Settings of a mapping that cannot work are refused before the first record, not passed over in silence."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from catalog.errors import UsageError, unknown_choice
from harvest.mapping.addresses import address, emails
from harvest.mapping.formats import EXPORTS
from harvest.mapping.gazetteer import place_of_target
from vocab.frequencies import frequency
from vocab.licences import licence
from vocab.terms import normalise, table
from vocab.themes import themes

if TYPE_CHECKING:
    from harvest.mapping.context import Agent, Context

DEFAULTS = (
    "access_rights",
    "contact_email",
    "contact_name",
    "frequency",
    "language",
    "licence",
    "publisher",
    "spatial",
    "theme",
)
"""The properties that `[source.defaults]` may fill."""


def check(context: Context) -> None:
    """`UsageError` for the first setting that no rule could use; it names the setting and says what it may be."""
    for name, value in (("base", context.base), ("portal", context.portal)):
        try:
            NamedNode(value or "https://example.org/")
        except ValueError as error:
            raise UsageError(f"`{value}` is no address: {error}.", what=name) from error
    for name in context.exports:
        if name not in EXPORTS:
            raise unknown_choice("Export format", name, tuple(EXPORTS))
    for name, value in context.defaults.items():
        _check_default(context, name, value)
    names = {normalise(name) for agent in context.agents for name in (agent.name, *agent.aliases)}
    for agent in context.agents:
        _check_agent(agent, names)


def _check_default(context: Context, name: str, value: str) -> None:
    known: dict[str, Callable[[], object]] = {
        "access_rights": lambda: table("access-right").find(value),
        "contact_email": lambda: emails(value),
        "frequency": lambda: frequency(value, extra=context.frequencies).term,
        "language": lambda: table("language").find(value),
        "licence": lambda: licence(value, extra=context.licences).term,
        "spatial": lambda: place_of_target(value, value),
        "theme": lambda: themes(value, extra=context.themes).terms,
    }
    if name not in DEFAULTS:
        raise unknown_choice("Default", name, DEFAULTS)
    if value and name in known and not known[name]():
        raise UsageError(
            f"`{value}` cannot be used.",
            what=f"[source.defaults] {name}",
            hint="Give a code or an IRI of the EU vocabulary, or a valid e-mail address for `contact_email`.",
        )


def _check_agent(agent: Agent, names: set[str]) -> None:
    what = f"[[agent]] {agent.name}"
    if not agent.name.strip():
        raise UsageError("An agent has no name.", what="[[agent]]")
    if agent.type and table("publisher-type").find(agent.type) is None:
        raise unknown_choice("Publisher type", agent.type, [one.code for one in table("publisher-type")])
    if agent.parent and normalise(agent.parent) not in names:
        raise UsageError(
            f"Its parent `{agent.parent}` is not in the register.", what=what, hint="Add it as an [[agent]]."
        )
    if agent.email and not emails(agent.email):
        raise UsageError(f"`{agent.email}` is no e-mail address.", what=what)
    if agent.homepage and address(agent.homepage) is None:
        raise UsageError(f"`{agent.homepage}` is no web address.", what=what)
