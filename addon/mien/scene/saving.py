# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing the open file: whole, or not at all."""

from contextlib import suppress
from pathlib import Path

import bpy

from ..core.errors import MienError
from ..core.outputs import identity
from ..core.writing import whole_file
from .typed import loose


def save_file(path: Path) -> None:
    """Write what is open to a ``.blend`` file; what was there before stays until all of it is written.

    Raises:
        MienError: it cannot be written.
    """
    for library in bpy.data.libraries:
        if identity(path) == identity(Path(bpy.path.abspath(library.filepath))):
            raise MienError(
                f"{path} is linked into this file and would be written over; choose another output."
            )
    with whole_file(path) as part:
        part.unlink()  # or Blender would keep it as a backup, NAME.blend1
        try:
            said = loose(bpy.ops.wm).save_as_mainfile(
                filepath=str(part), check_existing=False, copy=True, compress=True
            )
        except RuntimeError as error:
            with suppress(OSError):
                part.with_name(f"{part.name}@").unlink()
            raise MienError(
                f"{path} cannot be written ({str(error).strip()}); choose another folder."
            ) from error
        if said != {"FINISHED"}:
            raise MienError(f"{path} cannot be written; choose another folder.")
