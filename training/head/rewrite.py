# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing a head that was changed over the file that it came from."""

from pathlib import Path

import numpy as np
from mien.core.model.head import ATTRIBUTES, Head, load_head
from mien.core.writing import save_arrays


def rewrite(path: Path, head: Head) -> Head:
    """Write a head over its file, every array in the type that it has there, and where its landmarks lie.

    Returns:
        The head as it is read again, under the name that it has now.
    """
    with np.load(path, allow_pickle=False) as file:
        arrays = {
            name: getattr(head, ATTRIBUTES.get(name, name)).astype(file[name].dtype)
            for name in file.files
        }
    arrays["landmark_offsets"] = head.landmark_offsets.astype(np.float32)
    save_arrays(path, arrays)
    return load_head(path)
