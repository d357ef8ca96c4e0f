"""Whether a listing that lost datasets is believed: DESIGN.md, promise 2."""

from __future__ import annotations

from catalog.settings import GuardSettings

HINT = (
    "If the loss is right, let it through once: set max_withdrawn = 1.0 under [source.guard] of this source, harvest, "
    "and take the line out again."
)


def verdict(guard: GuardSettings, *, live: int, seen: int, missing: int) -> str | None:
    """None when the listing is believed, else the sentence that says why the source is held.

    `live` counts the datasets that the source has published, `seen` the records that came, `missing` the live ones
    that did not. A listing is held when it is empty, or when more than `max_withdrawn` of the live datasets and at
    least `min_withdrawn` of them would vanish.
    """
    if seen == 0:
        return "the source lists no dataset at all" + (f"; {live} are published." if live else ".")
    if missing >= guard.min_withdrawn and missing > guard.max_withdrawn * live:
        return (
            f"{missing} of {live} published datasets are no longer listed ({missing / live:.0%}); "
            f"the guard allows {guard.max_withdrawn:.0%}."
        )
    return None
