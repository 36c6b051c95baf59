# SPDX-License-Identifier: GPL-3.0-or-later
"""Motion that the child has solved, handed to the parent, whose window need not wait for it then."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import TakeError
from ..core.reading import read_arrays
from ..core.solve.motion import Motion
from ..core.take.take import MAX_FRAMES, RECORD
from ..core.writing import save_arrays

NUMBERS = {"width": int, "height": int, "fps": float}


def motion_path(folder: Path, number: int) -> Path:
    """Where the motion of a job's take lies, by the take's number."""
    return folder / f"motion_{number}.npz"


def save_motion(motion: Motion, path: Path) -> None:
    """Write a motion for the parent."""
    save_arrays(path, {f.name: np.asarray(getattr(motion, f.name)) for f in fields(Motion)})


def load_motion(path: Path) -> Motion:
    """Read what :func:`save_motion` wrote.

    Raises:
        TakeError: it is not there or not whole.
    """
    try:
        values: dict[str, Any] = read_arrays(
            path, [f.name for f in fields(Motion)], MAX_FRAMES * RECORD.itemsize
        )
        numbers = {name: values.pop(name).item() for name in NUMBERS}
        if any(array.dtype.kind != "f" for array in values.values()):
            raise ValueError("it holds no numbers")
        values |= {name: NUMBERS[name](number) for name, number in numbers.items()}
        return Motion(**values)
    except (OSError, ValueError, TypeError, OverflowError) as error:
        raise TakeError(f"The capture left no motion ({error}); capture again.") from error
