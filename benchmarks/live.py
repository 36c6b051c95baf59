# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m benchmarks.live [VIDEO]``: from a camera's picture to the posed head, and how many a second.

The video is played at its own rate through the same path as a camera. The head is posed in Blender
without a window, so that no graphics card takes part; the scene is evaluated as a viewport would ask.
"""

import sys
import tempfile
import time
from pathlib import Path

import bpy
import numpy as np
from mien.cli.commands import demo_clip
from mien.core.assets import head_path
from mien.core.errors import MienError
from mien.core.model.head import load_head
from mien.core.solve.motion import solve_take
from mien.core.take.journal import journal_path
from mien.core.take.take_file import load_take
from mien.scene.build import build_scene
from mien.scene.posing import LivePose
from mien.scene.typed import layer_of, scene_of
from mien.worker.job import Job
from mien.worker.session import Session

TICK = 1 / 60
"""Seconds between looks at the child, as in the window."""


def main() -> None:
    """Play the clip to its end; print delays and rates."""
    video = Path(sys.argv[1]) if len(sys.argv) > 1 else demo_clip()
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    head = load_head(head_path())
    behind, works, pose, shown = [], [], None, -1.0
    with tempfile.TemporaryDirectory() as folder:
        take = Path(folder) / "live.npz"
        session = Session(Job(str(video), str(take), played=True))
        try:
            while not (status := session.poll()).over:
                row = session.newest()
                if row is None or float(row["time"]) <= shown:
                    time.sleep(TICK)
                    continue
                start = time.thread_time()
                if pose is None:
                    try:
                        part = load_take(journal_path(take))
                        built = build_scene(scene_of(bpy.context), solve_take(part, head), head)
                    except MienError:  # no face yet
                        continue
                    pose = LivePose(built.mesh, built.rig, built.stand, part.info)
                pose.show(row)
                layer_of(bpy.context).update()
                works.append(time.thread_time() - start)
                shown = float(row["time"])
                behind.append(time.time() - (status.started + shown))
            if status.message:
                print(status.message)
        finally:
            session.close()
    delays, times = 1000 * np.array(behind[5:]), 1000 * np.array(works[5:])
    print(
        f"{len(behind)} heads posed in {shown:.1f} s of footage: {len(behind) / shown:.1f} a second"
    )
    print(
        f"picture to posed head: median {np.median(delays):.0f} ms, "
        f"95 of 100 within {np.percentile(delays, 95):.0f} ms"
    )
    print(
        f"of which Blender poses and evaluates: median {np.median(times):.1f} ms of processor time"
    )


if __name__ == "__main__":
    main()
