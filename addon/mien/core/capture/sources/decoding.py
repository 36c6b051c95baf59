# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the decoder has been at work on one picture: from within, it cannot be interrupted."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

_since: float | None = None


@contextmanager
def decoding() -> Iterator[None]:
    """Around each call that opens footage or takes one picture from it."""
    global _since
    _since = time.monotonic()
    try:
        yield
    finally:
        _since = None


def decoding_for() -> float:
    """Seconds since the call began that decodes now; 0 while none does. For another thread to ask."""
    since = _since
    return 0.0 if since is None else time.monotonic() - since
