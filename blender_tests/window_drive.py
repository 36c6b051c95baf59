# SPDX-License-Identifier: GPL-3.0-or-later
"""Run inside a Blender window: takes the steps of ``window_steps.py`` one after the other.

``blender --enable-event-simulate --python window_drive.py -- FOLDER CLIP LARGE``: the folder gets
``results.json`` and the screenshots; ``CLIP`` is a video with a face, ``LARGE`` one of 1080 lines.
"""

import json
import sys
import time
import traceback
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
from window_hands import FOLDER, Steps, results
from window_steps import STEPS

LIMIT = 180.0
_plan = iter(STEPS)
_step: tuple[str, Steps] | None = None
_begun = time.monotonic()


def drive() -> float | None:
    """Go on with the present step, or begin the next; the last one closes Blender."""
    global _step, _begun
    if _step is None:
        following = next(_plan, None)
        if following is None:
            (FOLDER / "results.json").write_text(json.dumps(results, indent=1))
            bpy.ops.wm.quit_blender()
            return None
        _step, _begun = (following.__name__, following()), time.monotonic()
    name, step = _step
    try:
        assert time.monotonic() - _begun < LIMIT, "took too long"
        return next(step)
    except StopIteration:
        results["passed"].append(name)
    except Exception:
        results["failed"].append({"step": name, "why": traceback.format_exc()})
    _step = None
    (FOLDER / "results.json").write_text(json.dumps(results, indent=1))
    return 0.1


bpy.context.preferences.view.show_splash = False
bpy.app.timers.register(drive, first_interval=2.0, persistent=True)
