"""What a long run says while it runs."""

from __future__ import annotations

import io
import re
import time

from harvest.progress import Progress
from vocab.text import Text


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


def work(progress: Progress, total: int | None = 4) -> None:
    progress.start("ods")
    for n in range(1, 4):
        progress.tick(seen=n, mapped=n - 1, findings=2 * n, total=total)
    progress.say(Text("en attente", "waiting"))
    progress.end()


def test_a_line_every_so_often() -> None:
    stream = io.StringIO()
    work(Progress(stream=stream, every=0.0))
    lines = stream.getvalue().splitlines()
    assert len(lines) == 5
    assert re.fullmatch(r"ods: 1/4 datasets seen, 0 mapped, 2 findings, \d+/s, 0 s left", lines[0])
    assert lines[3] == "ods: waiting"
    assert lines[4].startswith("ods: 3/4 datasets seen, 2 mapped, 6 findings")
    assert "\x1b" not in stream.getvalue()


def test_french_where_that_is_spoken() -> None:
    stream = io.StringIO()
    progress = Progress(stream=stream, every=0.0, lang="fr")
    work(progress)
    progress.say(Text("le portail ne répond pas.", "the portal does not answer."))
    lines = stream.getvalue().splitlines()
    told = r"ods\u00a0: 1/4 jeux de données vus, 0 convertis, 2 constats, \d+/s, encore 0 s"
    assert re.fullmatch(told, lines[0])
    assert lines[-1] == "ods\u00a0: le portail ne répond pas."


def test_no_time_left_where_the_total_is_unknown() -> None:
    stream = io.StringIO()
    work(Progress(stream=stream, every=0.0), total=None)
    assert "left" not in stream.getvalue()
    assert "ods: 1 datasets seen" in stream.getvalue()


def test_few_lines_by_default() -> None:
    stream = io.StringIO()
    work(Progress(stream=stream))
    assert len(stream.getvalue().splitlines()) == 2


def test_one_line_is_rewritten_on_a_terminal() -> None:
    stream = Terminal()
    work(Progress(stream=stream, every=0.0))
    assert stream.getvalue().count("\r\x1b[K") == 5
    assert stream.getvalue().endswith("/s, 0 s left\n")
    assert stream.getvalue().count("\n") == 2


def test_quiet_says_nothing() -> None:
    stream = io.StringIO()
    work(Progress(stream=stream, quiet=True, every=0.0))
    assert stream.getvalue() == ""


def test_time_left_is_from_the_rate() -> None:
    progress = Progress(stream=io.StringIO(), quiet=True)
    progress.start("x")
    progress.began = time.monotonic() - 10
    progress.tick(seen=10, mapped=10, findings=0, total=1000)
    assert re.search(r"1/s, 16 min [23]\d s left", progress.line())
