# SPDX-License-Identifier: GPL-3.0-or-later
"""Motion that the child has solved, handed to the parent, whose window need not wait for it then."""

from dataclasses import fields
from pathlib import Path

import numpy as np

from ..core.errors import TakeError
from ..core.solve.motion import Motion

NUMBERS = ("width", "height", "fps")


def motion_path(folder: Path, number: int) -> Path:
    """Where the motion of a job's take lies, by the take's number."""
    return folder / f"motion_{number}.npz"


def save_motion(motion: Motion, path: Path) -> None:
    """Write a motion for the parent."""
    np.savez(path, **{f.name: np.asarray(getattr(motion, f.name)) for f in fields(Motion)})


def load_motion(path: Path) -> Motion:
    """Read what :func:`save_motion` wrote.

    Raises:
        TakeError: it is not there or not whole.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            values = {f.name: file[f.name] for f in fields(Motion)}
    except (OSError, KeyError, ValueError) as error:
        raise TakeError(f"The capture left no motion ({error}); capture again.") from error
    return Motion(**{n: v.item() if n in NUMBERS else v for n, v in values.items()})
