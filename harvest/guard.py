"""Whether a listing that lost datasets is believed: DESIGN.md, promise 2."""

from __future__ import annotations

from catalog.settings import GuardSettings
from vocab.text import Text

HINT = Text(
    "Si la perte est juste, laissez-la passer une fois\u00a0: max_withdrawn = 1.0 sous [source.guard] de cette source, "
    "moissonnez, puis ôtez la ligne.",
    "If the loss is right, let it through once: set max_withdrawn = 1.0 under [source.guard] of this source, harvest, "
    "and take the line out again.",
)


def verdict(guard: GuardSettings, *, live: int, seen: int, missing: int) -> Text | None:
    """None when the listing is believed, else the sentence that says why the source is held.

    `live` counts the datasets that the source has published, `seen` the records that came, `missing` the live ones
    that did not. A listing is held when it is empty, or when more than `max_withdrawn` of the live datasets and at
    least `min_withdrawn` of them would vanish.
    """
    if seen == 0:
        return Text(
            "la source ne liste aucun jeu de données" + (f"\u00a0; {live} sont publiés." if live else "."),
            "the source lists no dataset at all" + (f"; {live} are published." if live else "."),
        )
    if missing >= guard.min_withdrawn and missing > guard.max_withdrawn * live:
        return Text(
            f"{missing} des {live} jeux de données publiés ne sont plus listés ({missing / live:.0%})\u00a0; "
            f"la garde en permet {guard.max_withdrawn:.0%}.",
            f"{missing} of {live} published datasets are no longer listed ({missing / live:.0%}); "
            f"the guard allows {guard.max_withdrawn:.0%}.",
        )
    return None
