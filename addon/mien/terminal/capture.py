# SPDX-License-Identifier: GPL-3.0-or-later
"""A capture that is waited for, with its progress and warnings on the terminal."""

from collections.abc import Callable
from pathlib import Path

from ..core.take.take import Take
from ..core.take.take_file import load_take
from ..worker.foreground import capture_in_child
from ..worker.job import Job, Status
from .printing import warn
from .progress import ProgressLine, ShareLine


def capture_takes(job: Job, should_stop: Callable[[], bool] | None = None) -> dict[Path, Take]:
    """Capture in a child process, with progress and warnings on the terminal.

    Returns:
        The takes by their files, the face seen most often first.

    Raises:
        MienError: nothing was captured.
    """
    captured, refined, painted = ProgressLine(), ShareLine("refining"), ShareLine("painting skin")

    def report(status: Status) -> None:
        if not status.captured:
            captured(status)
        elif status.painting < 0:
            captured.close()
            refined(status.refining)
        else:
            captured.close()
            refined.close()
            painted(status.painting)

    status = capture_in_child(job, report, should_stop)
    captured.close()
    refined.close()
    painted.close()
    for warning in status.message.splitlines():
        warn(f"warning: {warning}")
    takes = {Path(path): load_take(Path(path)) for path in status.takes}
    if job.refine and any(take.refined is None for take in takes.values()):
        stopped = should_stop is not None and should_stop()
        reason = "stopped" if stopped else "the face is small, turned away or hidden too often"
        warn(f"not refined: {reason}; the take is as it was captured.")
    return takes
