"""What goes wrong between a client and an action, in the shape that CKAN gives it."""

from __future__ import annotations

from vocab.text import Text


class ActionError(Exception):
    """An action that fails. `kind` is CKAN's own name of the error; `field` the parameter that is wrong, if one is."""

    def __init__(self, status: int, kind: str, text: Text, field: str = "") -> None:
        super().__init__(text.en)
        self.status = status
        self.kind = kind
        self.text = text
        self.field = field


def not_found(what: Text) -> ActionError:
    """Nothing of that name."""
    return ActionError(404, "Not Found Error", what)


def invalid(field: str, text: Text) -> ActionError:
    """A parameter that cannot be."""
    return ActionError(409, "Validation Error", text, field)


def bad_query(text: Text) -> ActionError:
    """A search that cannot be understood, or that asks for what is not offered here."""
    return ActionError(400, "Search Query Error", text)
