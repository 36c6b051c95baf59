# SPDX-License-Identifier: GPL-3.0-or-later
"""All that the commands print goes through here."""

import os
import sys
from contextlib import suppress
from typing import TextIO


def tell(text: str, stream: TextIO | None = None, end: str = "\n") -> None:
    """Print a text, whatever is in it and whoever reads it.

    Names and takes of others may hold escape codes that would command the terminal: they are shown as
    ``\\x1b``. So are letters that the terminal's encoding does not have. Nobody need read: a pipe that
    was closed, or a full disk behind it, ends no work.

    Args:
        text: lines to print.
        stream: where to; the standard output by default.
        end: what follows.
    """
    stream = stream or sys.stdout
    if stream is None:  # a graphical program on Windows has none
        return
    encoding = getattr(stream, "encoding", None) or "utf-8"
    shown = plain(text).encode(encoding, "backslashreplace").decode(encoding)
    try:
        stream.write(shown + end)
        stream.flush()
    except (OSError, ValueError):
        _give_up(stream)


def warn(text: str) -> None:
    """Print a line on the standard error."""
    tell(text, sys.stderr)


def plain(text: str) -> str:
    """A text without anything that a terminal would obey: control characters are spelt out."""
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)


def _give_up(stream: TextIO) -> None:
    """Let what is still printed go nowhere: Python would fail over it once more when it ends."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
