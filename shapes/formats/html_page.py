"""The report as one HTML page that needs nothing else; everything from the data is escaped."""

from __future__ import annotations

from html import escape

from shapes.baseline import Past
from shapes.finding import Finding
from shapes.report import Cause, Report
from shapes.shapes_graph import path_in_words
from shapes.words import (
    FIXED,
    MORE,
    NEW,
    SEVERITIES,
    TITLE,
    UNCHECKED,
    VOCABULARIES,
    apart,
    changes,
    concerned,
    counts,
    fields,
    number,
    reference,
    summary,
    where,
)

EXAMPLES = 3
SHOWN = 200
"""Findings listed for one cause; the page says how many more there are."""

STYLE = """
:root { color-scheme: light dark; --violation: #b3261e; --warning: #8a5a00; --info: #2456a6; }
@media (prefers-color-scheme: dark) { :root { --violation: #ff8a80; --warning: #ffc766; --info: #8ab4ff; } }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.05rem; margin: 0; }
article { border-left: .3rem solid; padding: .2rem 0 .2rem 1rem; margin: 1.5rem 0; }
.violation { border-color: var(--violation); } .warning { border-color: var(--warning); }
.info { border-color: var(--info); }
.violation .severity { color: var(--violation); } .warning .severity { color: var(--warning); }
.info .severity { color: var(--info); }
.severity { font-weight: bold; } ul { padding-left: 1.2rem; } li { overflow-wrap: anywhere; }
code, footer { font-size: .85rem; } footer { margin-top: 3rem; overflow-wrap: anywhere; }
"""
"""The style that every page carries, between its two tags exactly so."""


def render(report: Report, lang: str) -> str:
    """The page; its language is declared, and it works without scripts."""
    body = "\n".join(_article(report, cause, lang) for cause in report.causes)
    return f"""<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(TITLE.of(lang))}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>{escape(TITLE.of(lang))}</h1>
<p class="sum">{escape(counts(report, lang))}</p>
{_compared(report, lang)}{body}
{_set_apart(report, lang)}{_unchecked(report, lang)}</main>
<footer>{escape(summary(report, lang))}{_fingerprints(report, lang)}</footer>
</body>
</html>
"""


def _fingerprints(report: Report, lang: str) -> str:
    """What the report rests on, each with its hash."""
    if report.provenance is None:
        return ""
    plain = report.provenance.plain()
    engine = plain["engine"]
    rows = [
        *((one["name"], one["sha256"]) for one in (*plain["data"], *plain["shapes"])),
        (VOCABULARIES.of(lang), plain["vocabularies"]["sha256"]),
        (f"{engine['name']} {engine['version']}", engine["sha256"]),
    ]
    return "".join(f"<br><code>{escape(name)} sha256:{digest}</code>" for name, digest in rows)


def _compared(report: Report, lang: str) -> str:
    """What an earlier report makes of this one."""
    if report.changes is None:
        return ""
    rows = "".join(
        f"<li>{escape(name or '–')}: +{number(new, lang)} ({number(rest, lang)})</li>"
        for name, new, rest in report.by_publisher
    )
    gone = "".join(f"<li>{escape(_place(past))} {escape(past.message.of(lang))}</li>" for past in report.changes.fixed)
    fixed = f"<details><summary>{escape(FIXED.of(lang))}</summary><ul>{gone}</ul></details>" if gone else ""
    return f"<p>{escape(changes(report, lang))}</p>\n{f'<ul>{rows}</ul>' if rows else ''}{fixed}\n"


def _place(past: Past) -> str:
    return past.focus[1:-1] if past.focus.startswith("<") else f"{past.dataset} ({past.focus})"


def _set_apart(report: Report, lang: str) -> str:
    """The systematic causes, each with its count, reason and reference."""
    if not report.noise:
        return ""
    rows = "\n".join(
        f"<li><strong>{number(len(one.findings), lang)}</strong> {escape(one.noise.reason.of(lang))}"
        f" <small>{escape(reference(one, lang))}</small></li>"
        for one in report.set_apart
    )
    return f"<section><h2>{escape(apart(report, lang))}</h2>\n<ul>\n{rows}\n</ul></section>\n"


def _unchecked(report: Report, lang: str) -> str:
    """What the shapes ask and was not checked."""
    rows = "\n".join(f"<li>{escape(note.of(lang))}</li>" for note in report.notes)
    return f"<section><h2>{escape(UNCHECKED.of(lang))}</h2>\n<ul>\n{rows}\n</ul></section>\n" if rows else ""


def _article(report: Report, cause: Cause, lang: str) -> str:
    count = len(cause.findings)
    one, many = SEVERITIES[cause.severity]
    label = f"{number(count, lang)} {(one if count == 1 else many).of(lang)}"
    kind = concerned(cause.shape).of(lang)
    parts = [escape(kind)] if kind else []
    parts += [f"<code>{escape(path_in_words(cause.path))}</code>"] if cause.path else []
    path = f"<p>{' · '.join(parts)}</p>" if parts else ""
    advice = [text for text in (cause.repair.of(lang), fields(cause.findings[0], lang)) if text]
    repair = "".join(f"<p>{escape(text)}</p>" for text in advice)
    return f"""<article class="{cause.severity.value}">
<h2><span class="severity">{escape(label)}</span> {escape(cause.rule.of(lang))}</h2>
{path}{repair}{_items(report, cause, lang)}
</article>"""


def _items(report: Report, cause: Cause, lang: str) -> str:
    """Three examples, and the others behind one word."""
    items = [_item(report, f, lang) for f in cause.findings[:SHOWN]]
    first, rest = "\n".join(items[:EXAMPLES]), "\n".join(items[EXAMPLES:])
    if not rest:
        return f"<ul>\n{first}\n</ul>"
    told = MORE.of(lang).format(number(len(cause.findings) - EXAMPLES, lang))
    unlisted = len(cause.findings) - SHOWN
    more = f"<p>{escape(MORE.of(lang).format(number(unlisted, lang)))}</p>" if unlisted > 0 else ""
    return f"<ul>\n{first}\n</ul><details><summary>{escape(told)}</summary><ul>\n{rest}\n</ul>{more}</details>"


def _item(report: Report, finding: Finding, lang: str) -> str:
    place = escape(where(finding))
    if finding.focus.startswith(("<http://", "<https://")):
        place = f'<a href="{escape(finding.focus[1:-1])}" rel="noreferrer">{place}</a>'
    mark = f"<mark>{escape(NEW.of(lang))}</mark> " if report.state(finding) == "new" else ""
    return f"<li>{mark}{place} {escape(finding.found.of(lang))}</li>"
