# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing the open file: whole, or not at all."""

from pathlib import Path

import bpy

from ..core.errors import MienError


def save_file(path: Path) -> None:
    """Write what is open to a ``.blend`` file; what was there before stays until all of it is written.

    Raises:
        MienError: it cannot be written.
    """
    part = path.absolute().with_name(f"{path.stem}.new.blend")
    try:
        bpy.ops.wm.save_as_mainfile(filepath=str(part), check_existing=False, copy=True)
        part.replace(path.absolute())
    except (RuntimeError, OSError) as error:
        part.unlink(missing_ok=True)
        raise MienError(f"{path} cannot be written ({error}); choose another folder.") from error
