"""The report as JUnit XML, which continuous integration servers read: one test a cause.

A systematic cause that is set apart is a test that is skipped, with the reason. Against an earlier report only the
findings that the gate looks at make a test fail. What the shapes ask and was not checked is the suite's `system-err`.
"""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from shapes.report import Cause, Report, SetApart
from shapes.words import UNCHECKED, fields, where

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, lang: str) -> str:
    """A cause at or above the threshold is a failed test; a lighter one passes and is told in its output."""
    failed = sum(_fails(report, cause) for cause in report.causes)
    cases = [_case(report, cause, lang) for cause in report.causes]
    skipped = [_skipped(one, lang) for one in report.set_apart]
    if not cases:
        cases = [
            f"<testcase classname={_attribute(name)} name={_attribute(title.of(lang))}/>"
            for name, title, _ in report.profiles
        ]
    tests = f'tests="{len(cases) + len(skipped)}" failures="{failed}" errors="0" skipped="{len(skipped)}"'
    suite = f'name="garonne validate" {tests}'
    body = "\n".join([*cases, *skipped, *_unchecked(report, lang)])
    whole = f"<testsuites>\n<testsuite {suite}>\n{body}\n</testsuite>\n</testsuites>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{whole}\n'


def _unchecked(report: Report, lang: str) -> list[str]:
    if not report.notes:
        return []
    told = "\n".join([UNCHECKED.of(lang), *(note.of(lang) for note in report.notes)])
    return [f"<system-err>{_text(told)}</system-err>"]


def _fails(report: Report, cause: Cause) -> bool:
    return any(report.fails(f) for f in cause.findings)


def _skipped(one: SetApart, lang: str) -> str:
    name = f'classname="noise" name={_attribute(one.noise.id)}'
    told = f"{len(one.findings)} × {one.noise.reason.of(lang)} ({one.noise.reference})"
    return f"<testcase {name}><skipped message={_attribute(told)}/></testcase>"


def _case(report: Report, cause: Cause, lang: str) -> str:
    name = f"classname={_attribute(cause.id)} name={_attribute(cause.rule.of(lang))}"
    told = [f for f in cause.findings if report.fails(f)] or cause.findings
    lines = "\n".join(f"{where(f)} {f.found.of(lang)}" for f in told)
    whole = "\n".join(part for part in (lines, cause.repair.of(lang), fields(cause.findings[0], lang)) if part)
    if _fails(report, cause):
        head = f"{len(told)} × {cause.rule.of(lang)}"
        kind = _attribute(cause.severity.value)
        return f"<testcase {name}><failure type={kind} message={_attribute(head)}>{_text(whole)}</failure></testcase>"
    return f"<testcase {name}><system-out>{_text(whole)}</system-out></testcase>"


def _text(text: str) -> str:
    return escape(_FORBIDDEN.sub("\ufffd", text))


def _attribute(text: str) -> str:
    return quoteattr(_FORBIDDEN.sub("\ufffd", text))
