"""The error tree.

    GaronneError                 exit 3, HTTP 500
    ├── UsageError               exit 2, 400   an unknown choice, an impossible value
    │   ├── SettingsInvalid      exit 2        garonne.toml or the environment
    │   └── QueryInvalid         exit 2, 400   SPARQL that does not parse, with its position
    ├── InputInvalid             exit 3, 422   a document handed in cannot be read
    ├── NotFound                 exit 3, 404   no such dataset, release, file, page
    │   └── Gone                 exit 3, 410   there was one, and it was withdrawn
    ├── SourceError              exit 3, 502   a source could not be harvested
    │   ├── SourceUnavailable    (transient)   unreachable, timed out, 5xx, 429: tried again
    │   ├── SourceRefused        (permanent)   404, 401, a private address, a redirect to elsewhere
    │   └── ResponseInvalid      (permanent)   HTML for JSON, a cut or oversized body
    ├── RecordInvalid            (permanent)   one record cannot be mapped: it is set aside, the run goes on
    ├── StoreError               exit 3, 503
    │   ├── StoreLocked          somebody else is writing, and who
    │   ├── StoreDamaged         the store or the bookkeeping cannot be read
    │   ├── StoreFull            no space left, or read-only
    │   └── StoreSealed          HTTP 403   an exported copy, which does not change
    ├── QueryFailed              exit 3, 500   the engine gave up
    │   ├── QueryTimeout         exit 3, 504
    │   └── QueryMemory          exit 3, 507
    ├── SandboxUnavailable       exit 3, 500   this system cannot keep a query off the network
    └── Busy                     exit 3, 503   all workers are busy; carries `retry_after`

What is *transient* is tried again by `catalog.web`; what is *permanent* is not.
"""

from __future__ import annotations

from vocab.errors import GaronneError, InputInvalid, UsageError, unknown_choice

__all__ = [
    "Busy",
    "GaronneError",
    "Gone",
    "InputInvalid",
    "NotFound",
    "QueryFailed",
    "QueryInvalid",
    "QueryMemory",
    "QueryTimeout",
    "RecordInvalid",
    "ResponseInvalid",
    "SandboxUnavailable",
    "SettingsInvalid",
    "SourceError",
    "SourceRefused",
    "SourceUnavailable",
    "StoreDamaged",
    "StoreError",
    "StoreFull",
    "StoreLocked",
    "StoreSealed",
    "UsageError",
    "unknown_choice",
]


class SettingsInvalid(UsageError):
    """A setting is unknown, missing, or of the wrong type."""

    title = "Invalid settings"


class QueryInvalid(UsageError):
    """A SPARQL query that does not parse; `line` and `column` are 1-based, 0 when unknown."""

    title = "Invalid query"

    def __init__(self, message: str, *, line: int = 0, column: int = 0, what: str = "", hint: str = "") -> None:
        super().__init__(message, what=what, hint=hint)
        self.line = line
        self.column = column


class NotFound(GaronneError):
    """Nothing of that name."""

    status = 404
    title = "Not found"


class Gone(NotFound):
    """It existed and was withdrawn."""

    status = 410
    title = "Withdrawn"


class SourceError(GaronneError):
    """A source could not be harvested."""

    status = 502
    title = "Source error"


class SourceUnavailable(SourceError):
    """Transient: the same request may succeed later. `retry_after` is in seconds, as the server asked."""

    def __init__(self, message: str, *, retry_after: float | None = None, **more: str) -> None:
        super().__init__(message, **more)
        self.retry_after = retry_after


class SourceRefused(SourceError):
    """Permanent: asking again changes nothing."""


class ResponseInvalid(SourceError):
    """The answer is not what such a source gives: HTML for JSON, a cut body, too many bytes."""


class RecordInvalid(GaronneError):
    """One record cannot be mapped. It is set aside with this reason; its last good version stays published.

    `french` says the same, with what to do about it, to metadata managers: they read it in the pages.
    """

    exit_code = 1
    status = 422
    title = "Record set aside"

    def __init__(self, message: str, *, french: str, what: str = "", hint: str = "") -> None:
        super().__init__(message, what=what, hint=hint, french=french)


class StoreError(GaronneError):
    """The store cannot be used."""

    status = 503
    title = "Store unavailable"


class StoreLocked(StoreError):
    """Another process is writing; the message says which."""


class StoreDamaged(StoreError):
    """The store or its bookkeeping cannot be read."""


class StoreFull(StoreError):
    """The disk is full or read-only."""


class StoreSealed(StoreError):
    """The store is an exported copy of a release, which does not change."""

    status = 403


class QueryFailed(GaronneError):
    """The query engine stopped on this query."""

    title = "Query failed"


class QueryTimeout(QueryFailed):
    """The query ran longer than the limit and was stopped."""

    status = 504
    title = "Query timed out"


class QueryMemory(QueryFailed):
    """The query needed more memory than the limit and was stopped."""

    status = 507
    title = "Query out of memory"


class SandboxUnavailable(GaronneError):
    """This system cannot confine the process that evaluates a query: no seccomp, or the kernel refuses the filter."""

    title = "No sandbox"


class Busy(GaronneError):
    """Every worker is busy and the queue is full; ask again after `retry_after` seconds."""

    status = 503
    title = "Busy"

    def __init__(self, message: str, *, what: str = "", hint: str = "", retry_after: int = 5) -> None:
        super().__init__(message, what=what, hint=hint)
        self.retry_after = retry_after
