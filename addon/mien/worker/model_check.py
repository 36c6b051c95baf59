# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at a network of the user's in a child process, with limits: a small file can ask for much."""

import tempfile
import time
from pathlib import Path

from ..core.errors import ModelError
from ..core.modes import Faces, State
from .job import Job
from .session import Session

PATIENCE = 20.0
"""Seconds; those that ship are loaded in one."""


def check_model(path: Path, patience: float = PATIENCE) -> None:
    """Make sure that a file is a regressor that can be used.

    Raises:
        ModelError: it is none, or takes too long or too much memory to load.
    """
    nothing = Path(tempfile.gettempdir()) / "none.npz"  # no take is written
    try:
        session = Session(Job("", str(nothing), model=str(path.absolute()), faces=Faces.CHECK))
    except OSError as error:
        raise ModelError(f"{path} cannot be looked at ({error.strerror}); try it again.") from error
    end = time.monotonic() + patience
    try:
        while not (status := session.poll()).over:
            if time.monotonic() > end:
                raise ModelError(f"{path} takes too long to load; choose another file.")
            time.sleep(0.05)
    finally:
        session.close()
    if status.state == State.FAILED:
        raise ModelError(status.message)
