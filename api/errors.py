"""What can go wrong between a client and a door; the branch of the error tree (`catalog.errors`) that only HTTP has.

Bilingual                    any error whose sentence is written in French and in English
├── BadRequest         400   a parameter that cannot be
├── Unauthorized       401   a write without a token, or with one that is not known
├── Forbidden          403   a write to a graph that is not to be written
├── MethodNotAllowed   405   lists the methods
├── NotAcceptable      406   lists the media types
├── TooSlow            408   the body did not come within the time that it has
├── BodyTooLarge       413
├── UnsupportedType    415   lists the media types
├── RangeRefused       416   a part that there is not, or several at a time
├── Unreadable         422   a document that is no RDF, or whose address gives none
├── NotPublished       503   there is no release yet, or it is empty
│   └── NotReady             what is asked for is being made
├── Missing            404   also a NotFound
├── Withdrawn          410   also a Gone
├── QueryRefused       400   also a QueryInvalid: syntax, SERVICE, update
├── NotWritten         500   a write that could not be done
├── TimedOut           504   also a QueryTimeout
├── OutOfMemory        507   also a QueryMemory
├── EngineFailed       500   also a QueryFailed: the engine crashed or gave up
├── EngineAway         503   also a StoreError: the engine elsewhere does not answer
└── TooBusy            503   also a Busy
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from catalog.errors import Busy, Gone, NotFound, QueryFailed, QueryInvalid, QueryMemory, QueryTimeout, StoreError
from catalog.model import Text
from vocab.errors import GaronneError, UsageError

NOTHING = Text("", "")


class Bilingual(GaronneError):
    """An error with its sentence and its advice in both languages; `message` and `hint` are the English ones."""

    def __init__(self, text: Text, advice: Text = NOTHING, *, what: str = "", **more: Any) -> None:
        super().__init__(text.en, what=what, hint=advice.en, **more)
        self.text = text
        self.advice = advice


class BadRequest(Bilingual, UsageError):
    """A parameter of the request has a value that cannot be."""


class Unauthorized(Bilingual):
    """A write whose token is missing or unknown (RFC 9110, 15.5.2)."""

    status = 401
    title = "Token needed"

    def __init__(self, *, configured: bool, given: bool) -> None:
        text = Text("Écrire demande un jeton.", "Writing needs a token.")
        if given:
            text = Text("Ce jeton n’est pas, ou plus, valable ici.", "This token is not valid here, or no longer.")
        advice = Text(
            "Envoyez-le dans l’en-tête Authorization\u00a0: Bearer JETON.",
            "Send it in the header Authorization: Bearer TOKEN.",
        )
        if not configured:
            advice = Text(
                "Aucun jeton n’est valable ici\u00a0: personne ne peut écrire. L’exploitant en fait un par "
                "«\u00a0garonne tokens create\u00a0».",
                "No token is valid here: nobody may write. The operator makes one with `garonne tokens create`.",
            )
        super().__init__(text, advice)


class Forbidden(Bilingual):
    """A write to what is not to be written over HTTP."""

    status = 403
    title = "Not to be written"


class NotWritten(Bilingual):
    """A write that failed and changed nothing."""

    status = 500
    title = "Not written"


def not_offered(kind: Text, given: str, offered: Sequence[str]) -> BadRequest:
    """The error for a value of a parameter that is none of those that can be; it lists these."""
    listed = ", ".join(offered)
    return BadRequest(
        Text(f"{kind.fr} `{given}` n’est pas proposé.", f"{kind.en} `{given}` is not offered."),
        Text(f"Au choix\u00a0: {listed}.", f"Offered: {listed}."),
    )


class MethodNotAllowed(Bilingual):
    """This address does not answer this method; `allowed` go into the `Allow` header (RFC 9110, 15.5.6)."""

    status = 405
    title = "Method not allowed"

    def __init__(self, method: str, allowed: Sequence[str]) -> None:
        listed = ", ".join(allowed)
        super().__init__(
            Text(
                f"Cette adresse ne répond pas à la méthode {method}.", f"This address does not answer method {method}."
            ),
            Text(f"Méthodes acceptées\u00a0: {listed}.", f"Methods: {listed}."),
        )
        self.allowed = tuple(allowed)


class NotAcceptable(Bilingual):
    """None of the media types asked for is offered here; the advice lists those that are."""

    status = 406
    title = "Not acceptable"

    def __init__(self, asked: str, offered: Sequence[str]) -> None:
        listed = ", ".join(offered)
        super().__init__(
            Text(
                f"Aucun des formats demandés («\u00a0{asked}\u00a0») n’est proposé ici.",
                f"None of the formats asked for (`{asked}`) is offered here.",
            ),
            Text(f"Formats proposés\u00a0: {listed}.", f"Offered: {listed}."),
        )
        self.offered = tuple(offered)


class TooSlow(Bilingual):
    """The request's body did not come within the time that it has."""

    status = 408
    title = "Request too slow"


class Unreadable(Bilingual):
    """The document to check cannot be had or cannot be read."""

    status = 422
    title = "Unreadable content"


class RangeRefused(Bilingual):
    """The part of a file that is asked for is not there, or is several; `size` is the file's (RFC 9110, 15.5.17)."""

    status = 416
    title = "Range not satisfiable"

    def __init__(self, size: int, *, several: bool = False) -> None:
        text = Text(f"Le fichier se termine à l’octet {size - 1}.", f"The file ends at byte {size - 1}.")
        advice = Text("Demandez une partie plus proche du début.", "Ask for a part nearer to its beginning.")
        if several:
            text = Text("La demande nomme plusieurs parties.", "The request names several parts.")
            advice = Text("Demandez une partie à la fois.", "Ask for one range at a time.")
        super().__init__(text, advice)
        self.size = size


class BodyTooLarge(Bilingual):
    """The request's body exceeds what is read."""

    status = 413
    title = "Request too large"


class UnsupportedType(Bilingual):
    """A body of this media type is not read here."""

    status = 415
    title = "Unsupported media type"

    def __init__(self, given: str, accepted: Sequence[str]) -> None:
        listed = ", ".join(accepted)
        super().__init__(
            Text(
                f"Un corps de type «\u00a0{given or 'inconnu'}\u00a0» n’est pas lu ici.",
                f"A body of type `{given or 'unknown'}` is not read here.",
            ),
            Text(f"Types acceptés\u00a0: {listed}.", f"Accepted: {listed}."),
        )
        self.accepted = tuple(accepted)


class NotPublished(Bilingual, StoreError):
    """There is nothing to answer from: no release was published, or it holds no dataset."""

    title = "Nothing published"
    retry_after = 60


class NotReady(NotPublished):
    """What is asked for is being made; `retry_after` is in seconds."""

    title = "Not ready yet"

    def __init__(self, text: Text, advice: Text = NOTHING, *, retry_after: int) -> None:
        super().__init__(text, advice)
        self.retry_after = retry_after


class Missing(Bilingual, NotFound):
    """Nothing of that name in this release; `nearest` are addresses of what reads like it."""

    nearest: Sequence[str] = ()


class Withdrawn(Bilingual, Gone):
    """It was published once and was withdrawn.

    `called` is what it was called, `withdrawn` when it went (ISO 8601), `release` the first without it, `describing`
    the latest kept release that still describes it; empty or 0 where that is not known.
    """

    def __init__(
        self,
        text: Text,
        advice: Text = NOTHING,
        *,
        called: str = "",
        withdrawn: str = "",
        release: int = 0,
        describing: int = 0,
    ) -> None:
        super().__init__(text, advice)
        self.called = called
        self.withdrawn = withdrawn
        self.release = release
        self.describing = describing


class QueryRefused(Bilingual, QueryInvalid):
    """The query cannot be answered as written.

    Where it does not parse, `token` is what stands at the place, `expected` what should, `prefixes` what to declare.
    """

    token = ""
    expected = NOTHING
    prefixes: Mapping[str, str] = MappingProxyType({})


class TimedOut(Bilingual, QueryTimeout):
    """The query was stopped at its time limit. `slow` says which parts of it take long, and what to try."""

    slow: tuple[Text, ...] = ()


class OutOfMemory(Bilingual, QueryMemory):
    """The query was stopped at its memory limit. `slow` is as of `TimedOut`."""

    slow: tuple[Text, ...] = ()


class EngineFailed(Bilingual, QueryFailed):
    """The engine gave up or its process ended."""


class EngineAway(Bilingual, StoreError):
    """The engine of the catalogue, which is elsewhere, does not answer."""


class TooBusy(Bilingual, Busy):
    """Every worker is busy and the queue is full."""


class OverBudget(Bilingual):
    """The client has used up its share of query time or failures; `retry_after` is in seconds (RFC 6585, section 4)."""

    status = 429
    title = "Too many requests"

    def __init__(self, text: Text, advice: Text = NOTHING, *, retry_after: int) -> None:
        super().__init__(text, advice)
        self.retry_after = retry_after


QUERY = Text("La requête", "The query")
CHECK = Text("La vérification", "The check")


def timed_out(what: Text, seconds: float, advice: Text) -> TimedOut:
    """The error of a query or a check that ran too long."""
    return TimedOut(
        Text(
            f"{what.fr} a été arrêtée après {seconds:g} s, la durée permise.",
            f"{what.en} was stopped after {seconds:g} s, its time limit.",
        ),
        advice,
    )


def out_of_memory(what: Text, mebibytes: int, advice: Text) -> OutOfMemory:
    """The error of a query or a check that took too much memory."""
    return OutOfMemory(
        Text(
            f"{what.fr} a été arrêtée\u00a0: elle demandait plus de {mebibytes} Mio de mémoire.",
            f"{what.en} was stopped: it needed more than {mebibytes} MiB of memory.",
        ),
        advice,
    )
