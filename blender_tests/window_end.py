# SPDX-License-Identifier: GPL-3.0-or-later
"""The last step in a window: quitting while a capture runs, which must end the child too."""

import bpy
from window_hands import LARGE, Steps, choose, fresh, results, room, until, use


def quitting_ends_the_child() -> Steps:
    """The child's process number is left in the results for whoever looks after Blender has gone."""
    yield from fresh()
    running = room("window.state.capture_session")
    choose(LARGE)
    use(bpy.ops.mien.capture)
    yield from until(lambda: running.status().done > 10)
    results["child"] = str(running.session().folder)


STEPS = (quitting_ends_the_child,)
