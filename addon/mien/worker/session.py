# SPDX-License-Identifier: GPL-3.0-or-later
"""The parent's side: starts a child, reads how it stands, ends it. Never waits for it."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..core.modes import Faces, State
from ..core.take.journal import MAX_FACES, free_journal, numbered
from ..core.take.take import RECORD
from ..core.take.take_file import MAGIC, STRIDE
from .job import JOB, STATUS, THUMBNAIL, Job, Status, read_status, write_json

PACKAGE = Path(__file__).resolve().parents[1]
GRACE = 5.0
"""Seconds that a child has to finish its take once it was asked to."""
LOG = "log.txt"
MOST_SAID = 300
"""Letters of a child's last words that go into an error."""
PROGRAM = "from {package}.worker.child import main; main()"


class Session:
    """A capture that runs in a process of its own.

    Attributes:
        job: that it does; its paths are absolute.
        journal: of its take while it is captured.
    """

    def __init__(self, job: Job, python: str | None = None) -> None:
        """Start the child.

        Args:
            job: what to capture.
            python: interpreter to run it with; this process's own by default.
        """
        self.job = _absolute(job)
        self.journal = free_journal(Path(self.job.take))
        self._places = {take: (_stamp(take), free_journal(take)) for take in _takes_of(self.job)}
        self.folder = Path(tempfile.mkdtemp(prefix="mien-"))
        write_json(self.folder / JOB, self.job)
        self._log = (self.folder / LOG).open("wb")
        self._status = Status()
        self._thumbnail_time = 0.0
        self._asked: float | None = None
        program = PROGRAM.format(package=PACKAGE.name)
        # A child of a graphical program on Windows would open a console of its own.
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        if not job.live:
            flags |= getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0)
        self._child = subprocess.Popen(
            # -P and a folder of its own: a cv2.py beside the user's files must not be imported.
            [python or sys.executable, "-P", "-c", program, str(self.folder)],
            cwd=self.folder, stdin=subprocess.PIPE, stdout=self._log, stderr=self._log, creationflags=flags,
            env=_environment(job.threads),
        )  # fmt: skip

    def poll(self) -> Status:
        """How the capture stands; a child that died without a word has failed."""
        ended = self._child.poll() is not None  # asked first: its last status is then written
        self._status = read_status(self.folder / STATUS) or self._status
        if ended and not self._status.over:
            self._status = replace(self._status, state=State.FAILED, message=self._obituary())
        if self._asked is not None and time.monotonic() - self._asked > GRACE and not ended:
            self._child.kill()
        return self._status

    def _obituary(self) -> str:
        code = self._child.returncode
        left = self.left()
        if left is None and not self._status.started:
            said = self._last_words()
            return (
                f"The capture could not start (code {code}: {said}); what to do is said in Mien's "
                "documentation under Troubleshooting."
            )
        if left is None:
            return f"The capture ended unexpectedly (code {code}); nothing was captured."
        return f"The capture ended unexpectedly (code {code}); what was captured until then is in {left}."

    def _last_words(self) -> str:
        """The last line that the child printed: the reason, where it could not start."""
        try:
            lines = (self.folder / LOG).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            lines = []
        return next((line.strip() for line in reversed(lines) if line.strip()), "no word")[
            :MOST_SAID
        ]

    def left(self) -> Path | None:
        """Where what was captured is to be found, if anything was: in the journal or in the take."""
        journals = (journal for _, journal in self._places.values())
        takes = (
            take for take, (before, _) in self._places.items()
            if take.is_file() and _stamp(take) != before
        )  # fmt: skip
        return next((j for j in journals if self._rows(j)), None) or next(takes, None)

    def _rows(self, journal: Path) -> int:
        """Whole frames in a journal so far."""
        try:
            with journal.open("rb") as file:
                return max(0, _rows_in(file.fileno(), self._header(file)))
        except OSError:
            return 0

    def newest(self) -> NDArray[np.void] | None:
        """The newest frame's row of :data:`mien.core.take.take.take.RECORD`, or None."""
        try:
            with self.journal.open("rb") as file:
                header = self._header(file)
                count = _rows_in(file.fileno(), header)
                if count < 1:
                    return None
                file.seek(header + (count - 1) * STRIDE)
                return np.frombuffer(file.read(RECORD.itemsize), RECORD)[0]
        except (OSError, ValueError):
            return None

    @staticmethod
    def _header(file: object) -> int:
        start = file.read(len(MAGIC) + 4)  # type: ignore[attr-defined]
        return len(start) + int.from_bytes(start[len(MAGIC) :], "little")

    def thumbnail(self) -> NDArray[np.uint8] | None:
        """The newest thumbnail ``(h, w, 3)`` RGB from the top, or None if there is no newer one."""
        path = self.folder / THUMBNAIL
        try:
            moment = path.stat().st_mtime
            if moment <= self._thumbnail_time:
                return None
            data = path.read_bytes()
            width, height = np.frombuffer(data[:8], "<u4")
            image = np.frombuffer(data[8:], np.uint8).reshape(int(height), int(width), 3)
        except (OSError, ValueError):
            return None
        self._thumbnail_time = moment
        return image

    def stop(self) -> None:
        """Ask the child to finish its take with what it has."""
        if self._asked is None and self._child.poll() is None:
            self._asked = time.monotonic()
            with suppress(OSError):
                assert self._child.stdin is not None
                self._child.stdin.write(b".")
                self._child.stdin.flush()

    def _hang_up(self) -> None:
        try:
            if self._child.stdin:
                self._child.stdin.close()
        except OSError:
            pass

    def close(self) -> None:
        """End the child at once if it still runs, and remove its folder. The take stays."""
        self._hang_up()
        if self._child.poll() is None:
            self._child.kill()
        self._child.wait()
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _rows_in(descriptor: int, header: int) -> int:
    return (os.fstat(descriptor).st_size - header) // STRIDE


def _takes_of(job: Job) -> list[Path]:
    """Where a job may put its takes: the first person's may be given up while another's is kept."""
    take = Path(job.take)
    others = range(2, MAX_FACES + 1) if job.faces == Faces.ALL else ()
    return [take, *(numbered(take, number) for number in others)]


def _stamp(take: Path) -> tuple[int, int] | None:
    """What tells a take from an older one of its name."""
    try:
        found = take.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _absolute(job: Job) -> Job:
    """A job whose paths hold in the child's own folder too."""

    def whole(path: str) -> str:
        return str(Path(path).absolute()) if path else ""

    return replace(job, footage=whole(job.footage), take=whole(job.take), model=whole(job.model))


def _environment(threads: int) -> dict[str, str]:
    """With the package and the libraries that this process uses, whichever Python it is."""
    folders = []
    for name in ("numpy", "cv2", "onnxruntime", "scipy"):
        found = find_spec(name)  # not imported here: that is what the child is for
        if found is not None and found.origin:
            folders.append(str(Path(found.origin).parents[1]))
    folders.append(str(PACKAGE.parent))  # last, because other extensions lie there too
    kept = {k: v for k, v in os.environ.items() if k not in {"PYTHONHOME", "PYTHONSTARTUP"}}
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(folders)),
        "OMP_NUM_THREADS": str(threads),
    }
