"""Numbers as sources write them: sizes in bytes, resolutions in metres."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

_SIZE = re.compile(
    r"(?P<number>\d[\d \u00a0\u202f.,']*)\s*(?P<unit>[kmgt]?)(?P<bi>i?)(?:o|b|octets?|bytes?)?\.?\Z", re.IGNORECASE
)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_DISTANCE = re.compile(r"(?P<number>\d+(?:[.,]\d+)?)\s*(?P<unit>m|mètres?|metres?|meters?|km|cm)?\Z", re.IGNORECASE)


def byte_size(value: str) -> int | None:
    """The bytes that are meant: `12`, `12.0`, `1 234`, `3,5 Mo`, `12KB`; a kilobyte has 1,024. `None` for no size."""
    found = _SIZE.match(value.strip())
    if found is None:
        return None
    number = _decimal(found["number"])
    if number is None:
        return None
    size = number * 1024 ** _POWERS[found["unit"].lower()]
    return int(size) if size == int(size) or found["unit"] else None


def _decimal(text: str) -> Decimal | None:
    bare = re.sub(r"[ \u00a0\u202f']", "", text)
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", bare):  # thousands
        bare = re.sub(r"[.,]", "", bare)
    try:
        return Decimal(bare.replace(",", "."))
    except InvalidOperation:
        return None


def metres(value: str) -> str | None:
    """The decimal number of metres in `10 m`, `1,5 km`; `None` for anything else."""
    found = _DISTANCE.match(value.strip())
    if found is None:
        return None
    scale = {"k": Decimal(1000), "c": Decimal("0.01")}.get((found["unit"] or "m")[0].lower(), Decimal(1))
    shown = f"{Decimal(found['number'].replace(',', '.')) * scale:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown
