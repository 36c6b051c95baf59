# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames decoded in a thread of their own, a few ahead of whoever works on them."""

import threading
from collections.abc import Iterator
from queue import SimpleQueue

from .frames import Frame

AHEAD = 3
"""Frames that wait at most: the decoder gives some at once and then none for a while."""


def read_ahead(frames: Iterator[Frame]) -> Iterator[Frame]:
    """The same frames, and what going on to them raises, while the next ones are being made.

    The decoder and the network both let go of Python's lock, so that each has a core of its own. Whoever stops
    early closes this generator (leaving a ``for`` loop does so); the thread ends with the frame that it is at.

    Args:
        frames: to be gone through in the thread, from its first to its last.
    """
    room = threading.Semaphore(AHEAD)
    made: SimpleQueue[Frame | BaseException | None] = SimpleQueue()
    stopped = threading.Event()

    def make() -> None:
        try:
            while room.acquire() and not stopped.is_set():
                made.put(frame := next(frames, None))
                if frame is None:
                    return
        except BaseException as error:  # it belongs to whoever waits for the frame
            made.put(error)

    thread = threading.Thread(target=make, name="decoder", daemon=True)
    thread.start()
    try:
        while (frame := made.get()) is not None:
            if isinstance(frame, BaseException):
                raise frame
            room.release()
            yield frame
    finally:
        stopped.set()
        room.release()
        thread.join()
