# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress on the terminal: one line that is written over, or a line now and then in a log."""

import sys
import time
from contextlib import suppress
from typing import Protocol, TextIO

from .printing import tell


class Standing(Protocol):
    """How far something has come: frames done, how many there will be if that is known, how many lost."""

    @property
    def done(self) -> int: ...
    @property
    def expected(self) -> int | None: ...
    @property
    def lost(self) -> int: ...


EVERY_ON_TERMINAL = 0.1
"""Seconds between two lines of progress: as quick as one reads on a terminal,"""
EVERY_IN_LOG = 5.0
"""and few in a log."""


class ProgressLine:
    """Prints frames done, frames a second, time left and frames without a face."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._terminal = self._stream is not None and self._stream.isatty()
        self._start = time.monotonic()
        self._shown = -1e9
        self._last: Standing | None = None

    def __call__(self, progress: Standing) -> None:
        """Take note of progress, and show it if it is time to."""
        now = time.monotonic()
        self._last = progress
        if now - self._shown >= (EVERY_ON_TERMINAL if self._terminal else EVERY_IN_LOG):
            self._shown = now
            self._show(progress)

    def close(self) -> None:
        """Show the last state and end the line."""
        if self._last is not None:
            self._show(self._last)
            self._last = None
            if self._terminal:
                tell("", self._stream)

    def _show(self, progress: Standing) -> None:
        rate = progress.done / max(1e-6, time.monotonic() - self._start)
        expected = progress.expected
        parts = [f"{progress.done}/{expected}" if expected else f"{progress.done}", "frames"]
        parts.append(f"{rate:.0f} fps")
        if expected and expected > progress.done:
            parts.append(f"{_clock((expected - progress.done) / rate)} left")
        if progress.lost:
            parts.append(f"{progress.lost} without a face")
        line = "  ".join(parts)
        if self._terminal:
            _over(f"{line:<70}", self._stream)
        else:
            tell(line, self._stream)


class ShareLine:
    """Prints how much of something is done, in percent."""

    def __init__(self, what: str, stream: TextIO | None = None) -> None:
        self._what, self._stream = what, stream or sys.stderr
        self._terminal = self._stream is not None and self._stream.isatty()
        self._shown = time.monotonic()
        self._begun = False

    def __call__(self, share: float) -> None:
        """Take note of a share from 0 to 1, and show it if it is time to."""
        now = time.monotonic()
        self._begun = True
        if now - self._shown >= (EVERY_ON_TERMINAL if self._terminal else EVERY_IN_LOG):
            self._shown = now
            self._show(share)

    def close(self) -> None:
        """Show that it is done and end the line, once."""
        if self._terminal and self._begun:
            self._begun = False
            self._show(1.0)
            tell("", self._stream)

    def _show(self, share: float) -> None:
        line = f"{self._what} {share:.0%}"
        if self._terminal:
            _over(f"{line:<70}", self._stream)
        else:
            tell(line, self._stream)


def _over(line: str, stream: TextIO) -> None:
    """Write over the line that a terminal shows."""
    with suppress(OSError, ValueError):
        stream.write("\r")
    tell(line, stream, end="")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
