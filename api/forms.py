"""The body of a form, read: `multipart/form-data` (RFC 7578) and `application/x-www-form-urlencoded`.

Cut by searches for bytes, so that hostile bodies cost no more than their length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl

from api.errors import BadRequest
from vocab.text import Text

MULTIPART = "multipart/form-data"
URLENCODED = "application/x-www-form-urlencoded"
PARTS = 50
"""Fields that a form may have."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: `file` is the name of the file that was chosen, empty for a plain value."""

    name: str
    value: bytes
    file: str = ""
    type: str = ""


def fields(body: bytes, content_type: str) -> list[Field]:
    """The fields in their order. Raises `BadRequest` for what is no form."""
    if content_type.partition(";")[0].strip().lower() == URLENCODED:
        try:
            pairs = parse_qsl(
                body.decode(), keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=PARTS
            )
        except ValueError:
            raise _broken() from None
        return [Field(name, value.encode("utf-8", "surrogatepass")) for name, value in pairs]
    return list(_parts(body, content_type))


def _parts(body: bytes, content_type: str) -> Iterator[Field]:
    given = re.search(r'boundary="?([^";,]{1,70})"?', content_type, re.IGNORECASE)
    if given is None:
        raise _broken()
    mark = b"\r\n--" + given[1].strip().encode("latin-1", "replace")
    pieces = (b"\r\n" + body).split(mark, PARTS + 1)
    if len(pieces) < 2 or len(pieces) > PARTS + 1 or not pieces[-1].startswith(b"--"):
        raise _broken()
    for piece in pieces[1:-1]:
        head, separator, value = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if not separator or len(head) > 4096:
            raise _broken()
        yield _field(head.decode("utf-8", "replace"), value)


def _field(head: str, value: bytes) -> Field:
    name = re.search(r'(?:^|[;\s])name="([^"\r\n]*)"', head, re.IGNORECASE)
    file = re.search(r'\bfilename="([^"\r\n]*)"', head, re.IGNORECASE)
    kind = re.search(r"^content-type:\s*([^\r\n;]*)", head, re.IGNORECASE | re.MULTILINE)
    if name is None:
        raise _broken()
    return Field(name[1], value, file[1] if file else "", kind[1].strip().lower() if kind else "")


def _broken() -> BadRequest:
    return BadRequest(
        Text("Ce formulaire ne peut pas être lu.", "This form cannot be read."),
        Text(
            f"Envoyez {MULTIPART} ou {URLENCODED}, entier, en UTF-8, de {PARTS} champs au plus.",
            f"Send {MULTIPART} or {URLENCODED}, whole, in UTF-8, with at most {PARTS} fields.",
        ),
    )
