"""The report as JUnit XML, which continuous integration servers read: one test a cause."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from shapes.report import Cause, Report
from shapes.words import where

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, lang: str) -> str:
    """A cause at or above the threshold is a failed test; a lighter one passes and is told in its output."""
    failed = sum(_fails(report, cause) for cause in report.causes)
    cases = [_case(report, cause, lang) for cause in report.causes]
    if not cases:
        cases = [
            f"<testcase classname={_attribute(name)} name={_attribute(title.of(lang))}/>"
            for name, title, _ in report.profiles
        ]
    suite = f'name="garonne validate" tests="{len(cases)}" failures="{failed}" errors="0" skipped="0"'
    body = "\n".join(cases)
    whole = f"<testsuites>\n<testsuite {suite}>\n{body}\n</testsuite>\n</testsuites>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{whole}\n'


def _fails(report: Report, cause: Cause) -> bool:
    return report.fails(cause.findings[0])


def _case(report: Report, cause: Cause, lang: str) -> str:
    name = f"classname={_attribute(cause.id)} name={_attribute(cause.rule.of(lang))}"
    lines = "\n".join(f"{where(f)} {f.found.of(lang)}" for f in cause.findings)
    told = f"{lines}\n{cause.repair.of(lang)}".strip()
    if _fails(report, cause):
        head = f"{len(cause.findings)} × {cause.rule.of(lang)}"
        kind = _attribute(cause.severity.value)
        return f"<testcase {name}><failure type={kind} message={_attribute(head)}>{_text(told)}</failure></testcase>"
    return f"<testcase {name}><system-out>{_text(told)}</system-out></testcase>"


def _text(text: str) -> str:
    return escape(_FORBIDDEN.sub("\ufffd", text))


def _attribute(text: str) -> str:
    return quoteattr(_FORBIDDEN.sub("\ufffd", text))
