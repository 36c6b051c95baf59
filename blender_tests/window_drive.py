# SPDX-License-Identifier: GPL-3.0-or-later
"""Run inside a Blender window: takes the steps of ``window_*.py`` one after the other.

``blender --enable-event-simulate --python window_drive.py -- FOLDER CLIP [STEP ...]``: the folder
gets ``results.json`` and the screenshots; ``CLIP`` is a video with a face, beside which lie
``large.mp4`` of 1080 lines, ``pair.mp4`` with two faces, ``gap.mp4`` in which the face is gone
for a while, and ``long.mp4`` of half a minute. All steps are taken if none is named. The last one
quits while a capture runs.
"""

import json
import sys
import time
import traceback
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import window_capture
import window_clicks
import window_end
import window_faces
import window_live
import window_review
import window_rules
from window_hands import FOLDER, Steps, results

LIMIT = 180.0
STEPS = (
    *window_capture.STEPS, *window_clicks.STEPS, *window_review.STEPS, *window_faces.STEPS, *window_live.STEPS,
    *window_rules.STEPS, *window_end.STEPS,
)  # fmt: skip
_wanted = sys.argv[sys.argv.index("--") + 3 :]
_plan = iter([s for s in STEPS if not _wanted or s.__name__ in _wanted])
results["planned"] = len(STEPS)
_step: tuple[str, Steps] | None = None
_begun = time.monotonic()


def drive() -> float | None:
    """Go on with the present step, or begin the next; the last one closes Blender."""
    global _step, _begun
    if _step is None:
        following = next(_plan, None)
        if following is None:
            _write()
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
    _write()
    return 0.1


def _write() -> None:
    (FOLDER / "results.json").write_text(json.dumps(results, indent=1))


bpy.context.preferences.view.show_splash = False
bpy.app.timers.register(drive, first_interval=2.0, persistent=True)
