# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operators share that build a head at their end, piece by piece so that the window draws."""

from collections.abc import Iterator

from bpy.types import Context

from ...core.errors import MienError
from ..state import capture_session
from ..state.translation import translate
from ..state.typed import Result, answer


class IncrementalBuildMixin:
    """Part of a modal operator: takes the next piece at every tick, then ends the child and reports."""

    _building: Iterator[None] | None = None

    def _finished(self, context: Context) -> Result:
        """What is done and said when the head stands."""
        raise NotImplementedError

    def _go_on(self, context: Context) -> Result:
        """Take the next piece. Blender's input waits meanwhile: an undo would pull the scene away."""
        assert self._building is not None
        try:
            next(self._building)
            return {"RUNNING_MODAL"}
        except StopIteration:
            pass
        except MienError as error:
            capture_session.end()
            answer(self).report({"ERROR"}, translate(str(error)))
            return {"CANCELLED"}
        capture_session.end()
        return self._finished(context)
