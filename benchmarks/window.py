# SPDX-License-Identifier: GPL-3.0-or-later
"""``sudo python -m benchmarks.window FOLDER``: how a Blender window answers while a capture runs.

``FOLDER`` holds a Blender that ``blender_tests/real_blender.py`` put there. Its window is drawn by
software, on the processors that capture; the time between redraws with nothing going on is the
measure of what that costs by itself.
"""

import json
import sys
import tempfile
from pathlib import Path

from mien.cli.commands import demo_clip

from blender_tests.real_blender import STAGE, in_a_window, install

from .footage import enlarge

STEPS = ("the_window_stays_live_on_1080_lines", "live_moves_a_head_and_leaves_nothing")


def main() -> None:
    """Install Mien there, capture ten seconds of 1080 lines and some seconds live; print figures."""
    root = Path(sys.argv[1]).resolve()
    install(root, demo_clip())
    with tempfile.TemporaryDirectory() as folder:
        in_a_window(root, [enlarge(Path(folder) / "large.mp4", 1080, 900)], STEPS)
    results = json.loads((root / STAGE / "window" / "results.json").read_text())
    for name, value in results["figures"].items():
        print(f"{name}: {value}")
    for one in results["failed"]:
        print(f"failed: {one['step']}\n{one['why']}")


if __name__ == "__main__":
    main()
