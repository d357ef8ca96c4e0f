"""The root of the error tree, in the lowest layer so that every layer can raise it.

The whole tree is drawn in `catalog.errors`.
"""

from __future__ import annotations

from vocab.text import Text


class GaronneError(Exception):
    """A failure that is explained to its reader.

    `message` is one sentence for people; `what` names the thing concerned (a source, a dataset, a file and line);
    `hint` says what to do next; `french` and `french_hint` say the same to those who read French, and are empty where
    nobody does. `exit_code` is what a command ends with, `status` what an HTTP answer carries,
    `title` the short name of the kind of error on the wire (RFC 9457).
    """

    exit_code = 3
    status = 500
    title = "Internal error"

    def __init__(
        self, message: str, *, what: str = "", hint: str = "", french: str = "", french_hint: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.what = what
        self.hint = hint
        self.french = french
        self.french_hint = french_hint

    @property
    def told(self) -> Text:
        """What it says, after what it is about, without the hint; English where it has no French words."""
        head = Text(f"{self.what}\u00a0: ", f"{self.what}: ") if self.what else Text("", "")
        return Text(head.fr + (self.french or self.message), head.en + self.message)

    def __str__(self) -> str:
        head = f"{self.what}: {self.message}" if self.what else self.message
        return f"{head} {self.hint}".strip()


class UsageError(GaronneError):
    """Wrong use: an unknown choice, a value that cannot be. The hint lists the valid ones."""

    exit_code = 2
    status = 400
    title = "Bad request"


class InputInvalid(GaronneError):
    """A document that was handed in cannot be read: not RDF, cut, too large, not there."""

    exit_code = 3
    status = 422
    title = "Unreadable input"


def unknown_choice(kind: str, given: str, offered: list[str] | tuple[str, ...]) -> UsageError:
    """The error for a name that is not offered; it lists what is and names the nearest."""
    import difflib

    near = difflib.get_close_matches(given, offered, n=1)
    hint = f"Did you mean `{near[0]}`? " if near else ""
    return UsageError(f"{kind} `{given}` is not offered.", hint=f"{hint}Offered: {', '.join(offered)}.")
