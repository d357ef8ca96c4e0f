"""Parameters that several operations have."""

from __future__ import annotations

from api.openapi.model import Parameter, Schema

NUMBER: Schema = {"type": "integer", "minimum": 1, "maximum": 999_999}
LANG = Parameter("lang", "Language of the page, before `Accept-Language`.", {"type": "string", "enum": ["fr", "en"]})
RELEASE = Parameter("release", "The number of a kept release; without it, the current one.", NUMBER)
PAGE = Parameter("page", "The page, from 1.", NUMBER)
ACCEPT = Parameter("Accept", "The media types that are liked, where the address does not decide.", place="header")
IF_NONE_MATCH = Parameter(
    "If-None-Match", "The `ETag` of the copy that you have: 304 where it still is.", place="header"
)
PUBLISHER = Parameter("publisher", "The slug of a publisher, as in `/publisher/{slug}`.")


def slug(example: str, about: str, name: str = "slug") -> Parameter:
    """A part of the path that names something."""
    return Parameter(name, about, {"type": "string", "minLength": 1, "examples": [example]}, "path")


def choice(name: str, about: str, offered: tuple[str, ...], place: str = "query") -> Parameter:
    """A parameter that is one of a few."""
    return Parameter(name, about, {"type": "string", "enum": list(offered)}, place)
