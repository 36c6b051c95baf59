# SPDX-License-Identifier: GPL-3.0-or-later
"""A capture in a child process that is waited for: what the commands and the batch do.

The network runs in the child, never here: inside Blender on Windows ONNX Runtime cannot be relied on
to load beside the C++ runtime that Blender has loaded, and footage that crashes its decoder then ends
a child and not what waits for it.
"""

import time
from collections.abc import Callable

from ..core.errors import MienError, SourceError
from ..core.modes import State
from .job import Job, Status
from .session import Session

TICK = 0.05
"""Seconds between two looks at the child."""


def capture_in_child(
    job: Job,
    report: Callable[[Status], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Status:
    """Do a capture in a child process and wait for it.

    Args:
        job: what to capture.
        report: called with how it stands, some times a second.
        should_stop: asked as often; what was captured until then becomes the take.

    Returns:
        How it ended.

    Raises:
        MienError: it failed; the message says why.
    """
    try:
        session = Session(job)
    except OSError as error:
        raise MienError(
            f"The capture cannot be started ({error.strerror}); try it again."
        ) from error
    try:
        while not (status := session.poll()).over:
            if report is not None and status.done:
                report(status)
            if should_stop is not None and should_stop():
                session.stop()
            time.sleep(TICK)
    finally:
        session.close()
    if report is not None and status.done:
        report(status)
    if status.state == State.FAILED:
        raise SourceError(status.message)
    return status
