"""What a long run says while it runs: one line rewritten on a terminal, a line every so often elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from vocab.text import Text

_HEAD = Text("{}\u00a0: {}", "{}: {}")
_SEEN = Text("jeux de données vus", "datasets seen")
_MAPPED = Text("convertis", "mapped")
_FINDINGS = Text("constats", "findings")
_LEFT = Text("encore {}", "{} left")


class Progress:
    """Counts of the source being harvested, in `lang` (`fr` or `en`). Everything goes to `stream`, standard error by
    default.
    """

    def __init__(
        self, *, stream: TextIO | None = None, quiet: bool = False, every: float | None = None, lang: str = "en"
    ) -> None:
        self.lang = lang
        self.stream = stream or sys.stderr
        self.quiet = quiet
        self.terminal = self.stream.isatty()
        self.every = every if every is not None else (0.2 if self.terminal else 10.0)
        self.source = ""
        self.total: int | None = None
        self.seen = 0
        self.mapped: int | None = None
        self.findings: int | None = None
        self.began = self.shown = time.monotonic()

    def start(self, source: str) -> None:
        """A new source begins."""
        self.source, self.total = source, None
        self.seen, self.mapped, self.findings = 0, None, None
        self.began = self.shown = time.monotonic()

    def tick(
        self, *, seen: int, mapped: int | None = None, findings: int | None = None, total: int | None = None
    ) -> None:
        """The counts so far; shown when it is time."""
        self.seen, self.mapped, self.findings, self.total = seen, mapped, findings, total
        if not self.quiet and time.monotonic() - self.shown >= self.every:
            self.shown = time.monotonic()
            self._show(self.line())

    def line(self) -> str:
        """The counts in one line: datasets seen, then mapped and findings where there are such, rate, time left."""
        seconds = max(time.monotonic() - self.began, 1e-6)
        rate = self.seen / seconds
        of = f"/{self.total}" if self.total else ""
        left = _duration((self.total - self.seen) / rate) if self.total and rate and self.seen else ""
        counted = ((self.mapped, _MAPPED), (self.findings, _FINDINGS))
        parts = [f"{self.seen}{of} {_SEEN.of(self.lang)}"]
        parts += [f"{n} {word.of(self.lang)}" for n, word in counted if n is not None]
        parts += [f"{rate:.0f}/s", *([_LEFT.of(self.lang).format(left)] if left else [])]
        return _HEAD.of(self.lang).format(self.source, ", ".join(parts))

    def say(self, text: Text) -> None:
        """A sentence of its own, such as why the run is waiting."""
        if not self.quiet:
            self._clear()
            told = text.of(self.lang)
            shown = _HEAD.of(self.lang).format(self.source, told) if self.source else told
            print(shown, file=self.stream, flush=True)

    def end(self) -> None:
        """The source is done: the last counts stay on screen."""
        if not self.quiet:
            self._clear()
            print(self.line(), file=self.stream, flush=True)

    def _show(self, line: str) -> None:
        if self.terminal:
            print(f"\r\x1b[K{line}", end="", file=self.stream, flush=True)
        else:
            print(line, file=self.stream, flush=True)

    def _clear(self) -> None:
        if self.terminal:
            print("\r\x1b[K", end="", file=self.stream)


def _duration(seconds: float) -> str:
    whole = int(max(seconds, 0))
    return f"{whole} s" if whole < 100 else f"{whole // 60} min {whole % 60:02d} s"
