"""What a request asks (OAI-PMH 2.0, sections 3.1.1, 3.3 and 4): a verb and its arguments, each at most once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from api.oai.errors import Code, ProtocolError, bad_argument
from vocab.text import Text

_LIST = ("from", "until", "set", "metadataPrefix", "resumptionToken")
ALLOWED: dict[str, tuple[str, ...]] = {
    "GetRecord": ("identifier", "metadataPrefix"),
    "Identify": (),
    "ListIdentifiers": _LIST,
    "ListMetadataFormats": ("identifier",),
    "ListRecords": _LIST,
    "ListSets": ("resumptionToken",),
}
"""The arguments of each verb, beside `verb` itself."""
_REQUIRED = {
    "GetRecord": ("identifier", "metadataPrefix"),
    "ListIdentifiers": ("metadataPrefix",),
    "ListRecords": ("metadataPrefix",),
}
TOKEN = "resumptionToken"  # noqa: S105  a word of the protocol
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SECOND = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)
_PREFIX = re.compile(r"[\w.!~*'()-]+", re.ASCII)
_SET = re.compile(r"[\w.!~*'()-]+(?::[\w.!~*'()-]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asked:
    """A legal request: its verb and arguments, as given. `start` and `end` are those of `from` and `until`, UTC."""

    verb: str
    given: Mapping[str, str] = field(default_factory=dict)
    start: datetime | None = None
    end: datetime | None = None

    def get(self, name: str) -> str:
        """An argument; empty when it is not given."""
        return self.given.get(name, "")


def read(pairs: Iterable[tuple[str, str]]) -> Asked:
    """The request that these names and values make. Raises `ProtocolError` for one that is not legal."""
    pairs = list(pairs)
    verb = _verb([value for name, value in pairs if name == "verb"])
    given: dict[str, str] = {}
    for name, value in pairs:
        if name == "verb":
            continue
        if name not in ALLOWED[verb]:
            listed = ", ".join(ALLOWED[verb])
            raise bad_argument(
                f"{verb} n’a pas d’argument « {name[:50]} »\u00a0; "
                + (f"il a\u00a0: {listed}." if listed else "il n’en a aucun."),
                f"{verb} has no argument `{name[:50]}`; " + (f"it has: {listed}." if listed else "it has none."),
            )
        if name in given:
            raise bad_argument(f"L’argument « {name} » est répété.", f"The argument `{name}` is repeated.")
        if not value:
            raise bad_argument(f"L’argument « {name} » est vide.", f"The argument `{name}` is empty.")
        given[name] = value
    _complete(verb, given)
    return Asked(verb, given, *_bounds(given))


def _verb(found: list[str]) -> str:
    listed = ", ".join(ALLOWED)
    if len(found) == 1 and found[0] in ALLOWED:
        return found[0]
    if not found:
        text = Text("Il manque l’argument «\u00a0verb\u00a0»", "The argument `verb` is missing")
    elif len(found) > 1:
        text = Text("L’argument «\u00a0verb\u00a0» est répété", "The argument `verb` is repeated")
    else:
        text = Text(
            f"«\u00a0{found[0][:50]}\u00a0» n’est pas un verbe du protocole",
            f"`{found[0][:50]}` is no verb of the protocol",
        )
    raise ProtocolError(
        Code.BAD_VERB, Text(f"{text.fr}\u00a0; au choix\u00a0: {listed}.", f"{text.en}; there are: {listed}.")
    )


def _complete(verb: str, given: Mapping[str, str]) -> None:
    if TOKEN in given:
        if len(given) > 1:
            raise bad_argument(
                "resumptionToken remplace tous les autres arguments.", "resumptionToken takes the place of all others."
            )
        return
    missing = [name for name in _REQUIRED.get(verb, ()) if name not in given]
    if missing:
        listed = ", ".join(missing)
        raise bad_argument(f"{verb} demande aussi\u00a0: {listed}.", f"{verb} also needs: {listed}.")
    if not _PREFIX.fullmatch(given.get("metadataPrefix", "-")):
        raise bad_argument(
            f"« {given['metadataPrefix'][:50]} » ne peut être le nom d’un format.",
            f"`{given['metadataPrefix'][:50]}` cannot name a format.",
        )
    if "set" in given and not _SET.fullmatch(given["set"]):
        raise bad_argument(
            f"« {given['set'][:50]} » ne peut être le nom d’un ensemble.", f"`{given['set'][:50]}` cannot name a set."
        )


def _bounds(given: Mapping[str, str]) -> tuple[datetime | None, datetime | None]:
    """The moments that `from` and `until` name: a day as `until` is the whole of it (section 3.3.1)."""
    start, end = given.get("from", ""), given.get("until", "")
    if start and end and len(start) != len(end):
        raise bad_argument(
            "from et until n’ont pas la même précision\u00a0: donnez deux jours, ou deux instants.",
            "from and until differ in granularity: give two days, or two moments.",
        )
    first = _moment("from", start) if start else None
    last = _moment("until", end) if end else None
    if last is not None and _DAY.fullmatch(end):
        last += timedelta(days=1, seconds=-1)
    if first and last and first > last:
        raise bad_argument(f"from ({start}) est après until ({end}).", f"from ({start}) is after until ({end}).")
    return first, last


def _moment(name: str, given: str) -> datetime:
    try:
        if _DAY.fullmatch(given) or _SECOND.fullmatch(given):
            return datetime.fromisoformat(given).replace(tzinfo=UTC)
    except ValueError:
        pass  # a day that is in no calendar
    raise bad_argument(
        f"{name} est un jour (2026-01-31) ou un instant en UTC (2026-01-31T12:00:00Z)\u00a0; "
        f"ceci n’en est pas un\u00a0: « {given[:50]} ».",
        f"{name} is a day (2026-01-31) or a moment in UTC (2026-01-31T12:00:00Z); this is neither: `{given[:50]}`.",
    )
