"""A run on one screen, in words: sources, outcomes, what was set aside, findings, unknown words, what was published."""

from __future__ import annotations

from typing import Any

from catalog.model import Text
from harvest.summary import SourceSummary, Summary
from shapes.words import UNCHECKED

SHOWN = 8
"""Records set aside that the screen names; `--json` has more, the pages have all of the summary's."""

WORDS: dict[str, Text] = {
    "created": Text("créés", "created"),
    "updated": Text("modifiés", "updated"),
    "unchanged": Text("inchangés", "unchanged"),
    "withdrawn": Text("retirés", "withdrawn"),
    "held": Text("retenus en l’état", "held"),
    "merged": Text("publiés depuis une autre source", "published from another source"),
    "set aside": Text("écartés", "set aside"),
    "failed": Text("en échec", "failed"),
    "harvested": Text("moissonnée", "harvested"),
}
STATUS = {"held": Text("retenue", "held"), "failed": Text("en échec", "failed"), "harvested": WORDS["harvested"]}


def lines(summary: Summary, lang: str) -> list[str]:
    """The lines to show; `lang` is `fr` or `en`."""
    found = [
        Text(f"moissonnage {summary.run}, {summary.seconds:.1f} s", f"run {summary.run}, {summary.seconds:.1f} s").of(
            lang
        )
    ]
    for source in summary.sources:
        found += _source(source, lang)
    found += _values(summary, lang)
    counts = summary.counts
    violations, warnings = counts.get("violations", 0), counts.get("warnings", 0)
    found.append(
        Text(
            f"  constats sur les jeux de données\u00a0: {_count(violations, 'violation')}, "
            f"{_count(warnings, 'avertissement')}",
            f"  findings on datasets: {_count(violations, 'violation')}, {_count(warnings, 'warning')}",
        ).of(lang)
    )
    if summary.notes:
        found.append(f"  {UNCHECKED.of(lang)}:" if lang == "en" else f"  {UNCHECKED.of(lang)} :")
        found += [f"    {note.of(lang)}" for note in summary.notes]
    if summary.gate:
        found.append(_gate(summary.gate, lang))
    return [*found, _release(summary, lang)]


def _gate(gate: dict[str, Any], lang: str) -> str:
    names = ", ".join(gate["publishers"])
    return Text(
        f"  barrage [gate]\u00a0: {_count(gate['regressions'], 'constat')} de plus, "
        f"sur {gate['datasets']} jeux de données ({names})\u00a0; retenus\u00a0: {gate['held']}",
        f"  [gate]: {_count(gate['regressions'], 'new finding')} on {gate['datasets']} datasets ({names}); "
        f"held: {gate['held']}",
    ).of(lang)


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _outcomes(counts: dict[str, int], lang: str) -> str:
    return ", ".join(f"{number} {WORDS[name].of(lang)}" for name, number in counts.items() if number)


def _source(source: SourceSummary, lang: str) -> list[str]:
    head = Text(
        f"  {source.id} ({source.kind})\u00a0: {STATUS[source.status].fr}\u00a0; "
        f"{_count(source.seen, 'notice')}\u00a0; ",
        f"  {source.id} ({source.kind}): {STATUS[source.status].en}; {_count(source.seen, 'record')} seen; ",
    )
    found = [head.of(lang) + (_outcomes(source.outcomes, lang) or Text("rien", "nothing").of(lang))]
    if told := source.reason.of(lang):
        found.append(f"    {told} {source.hint.of(lang)}".rstrip())
    found += [f"    {note.of(lang)}" for note in (*source.notes, *source.redone)]
    for item in source.set_aside[:SHOWN]:
        colon = " : " if lang == "fr" else ": "
        found.append(f"    {WORDS[item['outcome']].of(lang)}{colon}{item['record']} – {item[lang]}")
    more = sum(source.outcomes[o] for o in ("set aside", "failed")) - SHOWN
    if more > 0:
        found.append(Text(f"    … et {more} de plus", f"    … and {more} more").of(lang))
    return found


def _values(summary: Summary, lang: str) -> list[str]:
    v = {name: summary.values.get(name, 0) for name in ("mapped", "unmapped", "ignored")}
    found = [
        Text(
            f"  valeurs du catalogue\u00a0: {v['mapped']} transposées, {v['unmapped']} sans correspondance, "
            f"{v['ignored']} ignorées par règle",
            f"  values in the catalogue: {v['mapped']} mapped, {v['unmapped']} unmapped, "
            f"{v['ignored']} ignored by rule",
        ).of(lang)
    ]
    for item in [w for w in summary.worklist if w["table"]][:5]:
        found.append(
            f"    [mapping] {item['table']}: {item['field']} «\u00a0{item['value'][:60]}\u00a0» ({item['records']})"
        )
    if any(w["table"] for w in summary.worklist):
        found.append(
            Text(
                "    une ligne `valeur,cible` dans la table nommée suffit\u00a0; "
                "la liste\u00a0: garonne harvest worklist",
                "    one line `value,target` in the table named clears it; the list: garonne harvest worklist",
            ).of(lang)
        )
    return found


def _release(summary: Summary, lang: str) -> str:
    events = _outcomes(summary.events, lang)
    datasets = summary.counts.get("dataset", 0)
    if summary.release:
        what = events or Text("la description du catalogue a changé", "the description of the catalogue changed").of(
            lang
        )
        return Text(
            f"édition {summary.release} publiée\u00a0: {datasets} jeux de données ({what})",
            f"published release {summary.release}: {datasets} datasets ({what})",
        ).of(lang)
    if summary.dry_run:
        return Text(
            f"essai à blanc\u00a0: rien n’est publié\u00a0; ce serait\u00a0: {events or 'rien de nouveau'}",
            f"dry run: nothing published; it would be {events or 'nothing new'}",
        ).of(lang)
    if summary.current:
        return Text(
            f"rien à publier\u00a0; l’édition {summary.current} reste en place",
            f"nothing to publish; release {summary.current} stays current",
        ).of(lang)
    return Text(
        "rien n’est publié\u00a0; il n’y a pas encore d’édition", "nothing published; there is no release yet"
    ).of(lang)
