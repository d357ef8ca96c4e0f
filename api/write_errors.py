"""What a write that is refused or fails means to its client, in both languages."""

from __future__ import annotations

import logging
from typing import Any

from api.errors import BadRequest, EngineFailed, Forbidden, NotWritten, OutOfMemory, TimedOut, TooBusy
from api.syntax import function_refused, syntax_error
from catalog.update import ALL, DEFAULT, NAMED, VARIABLE
from vocab.errors import GaronneError
from vocab.text import Text

log = logging.getLogger("garonne.writing")


def lesser(has: str, needs: str) -> Forbidden:
    """The error for a token of a lesser scope."""
    return Forbidden(
        Text(
            f"Ce jeton permet «\u00a0{has}\u00a0»\u00a0; ceci demande «\u00a0{needs}\u00a0».",
            f"This token may `{has}`; this needs `{needs}`.",
        ),
        Text(
            f"L’exploitant en fait un par «\u00a0garonne tokens create NOM --scope {needs}\u00a0».",
            f"The operator makes one with `garonne tokens create NAME --scope {needs}`.",
        ),
    )


def elsewhere() -> Forbidden:
    """The error for a write without a token that a page of another site has a browser send."""
    return Forbidden(
        Text(
            "Cette écriture vient d’une page d’un autre site ; sans jeton, elle est refusée.",
            "This write comes from a page of another site; without a token it is refused.",
        ),
        Text("Faites un jeton et envoyez-le.", "Make a token and send it."),
    )


def refused(kind: str, message: str, job: dict[str, Any]) -> GaronneError:
    """The error for a job that the writer refused or failed: `kind` and `message` as in `api.writer`."""
    if kind == "syntax":
        return syntax_error(message, job["text"])
    if kind == "target":
        return _not_writable(message)
    if kind == "locked":
        return _locked()
    if kind == "memory":
        return out_of_memory(0)
    if kind in _TOLD:
        text, advice = _TOLD[kind]
        said = Text(advice.fr.format(message[:200]), advice.en.format(message[:200]))
        return BadRequest(text, said)
    function = function_refused(message)
    if function is not None:
        return function
    log.warning("a write failed: %s: %s", kind, message)
    return NotWritten(
        Text(
            "Cette écriture n’a pas pu être faite\u00a0; rien n’a changé.",
            "This write could not be done; nothing changed.",
        ),
        Text(f"Il est dit\u00a0: {message[:200]}", f"It is said: {message[:200]}"),
    )


_TOLD: dict[str, tuple[Text, Text]] = {
    "conflict": (
        Text(
            "Le jeu de données est donné deux fois\u00a0: using-graph-uri, et USING ou WITH dans la mise à jour.",
            "The data set is given twice: by using-graph-uri, and by USING or WITH in the update.",
        ),
        Text("Gardez l’un des deux.", "Keep one of the two."),
    ),
    "document": (
        Text("Le document n’est pas du RDF valide.", "The document is not valid RDF."),
        Text("L’analyseur dit\u00a0: {}", "The parser says: {}"),
    ),
    "graph": (
        Text("Un nom de graphe n’est pas une IRI absolue.", "A graph name is not an absolute IRI."),
        Text("Il est dit\u00a0: {}", "It is said: {}"),
    ),
    "network": (
        Text("LOAD n’est pas fait ici\u00a0: rien n’est téléchargé.", "LOAD is not done here: nothing is fetched."),
        Text("Envoyez le document par PUT ou POST à /graphs.", "Send the document by PUT or POST to /graphs."),
    ),
}


def _not_writable(target: str) -> Forbidden:
    told = {
        DEFAULT: Text("le graphe par défaut", "the default graph"),
        NAMED: Text("tous les graphes nommés", "all named graphs"),
        ALL: Text("tous les graphes", "all graphs"),
        VARIABLE: Text("un graphe que désigne une variable", "a graph that a variable stands for"),
    }.get(target, Text(f"<{target}>", f"<{target}>"))
    return Forbidden(
        Text(f"Cette écriture toucherait {told.fr}.", f"This write would touch {told.en}."),
        Text(
            "On n’écrit que dans les graphes locaux, nommés un par un\u00a0: {base}graph/local/…",
            "Only local graphs may be written, named one by one: {base}graph/local/…",
        ),
    )


def _locked() -> TooBusy:
    return TooBusy(
        Text("Un moissonnage écrit en ce moment\u00a0; rien n’a changé.", "A harvest is writing now; nothing changed."),
        Text("Réessayez quand il sera terminé.", "Try again when it has ended."),
    )


def copied() -> Forbidden:
    """What is served here is an exported copy."""
    return Forbidden(
        Text(
            "Ce service donne une copie du catalogue, qui ne change pas.",
            "This service gives a copy of the catalogue, which does not change.",
        ),
        Text("Écrivez au service d’origine.", "Write to the service that it was copied from."),
    )


def too_busy() -> TooBusy:
    """Too many writes wait."""
    return TooBusy(
        Text("Trop d’écritures attendent déjà.", "Too many writes are waiting already."),
        Text("Réessayez dans quelques secondes.", "Try again in a few seconds."),
    )


def timed_out(seconds: float) -> TimedOut:
    """The write took too long."""
    return TimedOut(
        Text(
            f"L’écriture a été arrêtée après {seconds:g} s\u00a0; rien n’a changé.",
            f"The write was stopped after {seconds:g} s; nothing changed.",
        ),
        Text("Écrivez en plusieurs fois.", "Write in several parts."),
    )


def out_of_memory(mebibytes: int) -> OutOfMemory:
    """The write took too much memory; 0 MiB where the limit is not known."""
    more = Text(f" ({mebibytes} Mio)", f" ({mebibytes} MiB)") if mebibytes else Text("", "")
    return OutOfMemory(
        Text(
            f"L’écriture demandait plus de mémoire que permis{more.fr}\u00a0; rien n’a changé.",
            f"The write needed more memory than it may use{more.en}; nothing changed.",
        ),
        Text("Écrivez en plusieurs fois.", "Write in several parts."),
    )


def crashed() -> EngineFailed:
    """The writer ended without an answer."""
    return EngineFailed(
        Text("Le moteur s’est arrêté sur cette écriture\u00a0; rien n’a changé.", "The engine crashed on this write."),
        Text("Simplifiez-la, ou écrivez en plusieurs fois.", "Simplify it, or write in several parts."),
    )
