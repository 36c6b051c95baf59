# SPDX-License-Identifier: GPL-3.0-or-later
"""What an animator does with Mien in a Blender window, step by step; run by ``window_drive.py``."""

import importlib
import os
import signal
from typing import Any

import bpy
from window_hands import (
    CLIP,
    LARGE,
    NAME,
    Redraws,
    Steps,
    heads,
    picture,
    press,
    results,
    room,
    until,
    use,
    viewport,
)


def open_the_tab() -> Steps:
    _, area, _ = viewport()
    area.spaces.active.show_region_ui = True
    yield 0.5
    side = next(r for r in area.regions if r.type == "UI")
    side.active_panel_category = "Mien"
    bpy.context.scene.mien.footage = str(CLIP)
    yield 1.0
    assert side.active_panel_category == "Mien"
    picture("panel")


def capture_to_the_end() -> Steps:
    running = room("window.running")
    assert use(bpy.ops.mien.capture, filepath=str(CLIP)) == {"RUNNING_MODAL"}
    yield from until(lambda: running.status().done > 20 or not running.busy())
    picture("capturing")
    yield from until(lambda: not running.busy())
    yield 0.5
    (rig,) = heads()
    mesh = rig.children[0]
    assert len(mesh.data.shape_keys.key_blocks) == 51
    assert bpy.context.scene.frame_end == 120
    bpy.context.scene.frame_set(60)
    yield 0.5
    picture("captured")


def undo_takes_it_away_in_one_step() -> Steps:
    use(bpy.ops.ed.undo)
    yield 0.3
    assert not heads()
    use(bpy.ops.ed.redo)
    yield 0.3
    assert len(heads()) == 1
    use(bpy.ops.ed.undo)
    yield 0.3


def esc_keeps_what_was_captured() -> Steps:
    running = room("window.running")
    use(bpy.ops.mien.capture, filepath=str(LARGE))
    yield from until(lambda: running.status().done > 40)
    picture("before_esc")
    press("ESC")
    yield from until(lambda: not running.busy(), 15)
    yield 0.3
    (rig,) = heads()
    take, _ = room("window.heads").take_of(rig)
    assert 40 <= len(take) < 600, len(take)
    assert not take.info.complete
    picture("after_esc")
    use(bpy.ops.ed.undo)
    yield 0.3
    assert not heads()


def the_window_stays_live_on_1080_lines() -> Steps:
    running = room("window.running")
    with Redraws() as redraws:
        use(bpy.ops.mien.capture, filepath=str(LARGE), end=8.0)
        yield from until(lambda: running.status().done > 0)
        redraws.times.clear()
        yield from until(lambda: running.status().done > 150, 120)
        results["figures"]["longest time between redraws, 1080p capture, ms"] = redraws.longest()
        count = len(redraws.times)
        yield from until(lambda: not running.busy(), 120)
        yield 0.2
    results["figures"]["with building the scene at its end, ms"] = redraws.longest()
    results["figures"]["redraws"] = count
    results["figures"]["frames a second, 1080p"] = running.status().rate
    assert results["figures"]["longest time between redraws, 1080p capture, ms"] < 100


def review_and_adjust() -> Steps:
    (rig,) = heads()
    manager = bpy.context.window_manager
    manager.mien_landmarks = True
    assert use(bpy.ops.mien.match_camera) == {"FINISHED"}
    bpy.context.scene.frame_set(40)
    yield 0.7
    picture("review")
    curves = room("scene.action").curves_of(rig.children[0].data.shape_keys)
    before = curves[0].evaluate(40)
    rig.mien.smoothing = 1.0
    assert curves[0].evaluate(40) != before
    rig.mien.tolerance = 0.3
    thin = room("scene.action").curves_of(rig.children[0].data.shape_keys)[0]
    assert len(thin.keyframe_points) < 200
    use(bpy.ops.mien.neutral_here)
    first = room("scene.action").curves_of(rig.children[0].data.shape_keys)[0]
    assert abs(first.evaluate(40)) < 0.31
    use(bpy.ops.mien.side_by_side)
    yield 0.7
    picture("side_by_side")
    manager.mien_landmarks = False


def pick_a_face() -> Steps:
    bpy.context.scene.mien.footage = str(CLIP)
    assert use(bpy.ops.mien.pick_face) == {"RUNNING_MODAL"}
    yield 0.7
    picture("picking")
    press("LEFTMOUSE", 0.5, 0.5)
    yield 0.5
    settings = bpy.context.scene.mien
    assert settings.faces == "at"
    assert abs(settings.place[0] - 0.5) < 0.02, tuple(settings.place)
    running = room("window.running")
    before = len(heads())
    use(bpy.ops.mien.capture, filepath=str(CLIP), faces="at", place=(0.51, 0.5))
    yield from until(lambda: not running.busy())
    yield 0.3
    assert len(heads()) == before + 1


def live_from_a_played_file() -> Steps:
    running, live = room("window.running"), room("window.live")
    before = len(heads())
    with Redraws() as redraws:
        use(bpy.ops.mien.live, filepath=str(CLIP), record=True)
        yield from until(lambda: running.status().done > 60, 30)
        picture("live")
        results["figures"]["live: camera to posed head, ms"] = 1000 * live.latency()
        results["figures"]["live: heads posed a second"] = live.rate()
        yield from until(lambda: not running.busy(), 30)
    yield 0.5
    results["figures"]["live: longest time between redraws, ms"] = redraws.longest()
    assert len(heads()) == before + 1
    assert live.latency() < 0.5


def a_camera_that_is_not_there_is_said() -> Steps:
    running = room("window.running")
    before = len(bpy.data.objects)
    use(bpy.ops.mien.live, camera=9)
    yield from until(lambda: not running.busy(), 30)
    assert "Camera 9 cannot be used" in running.status().message
    assert len(bpy.data.objects) == before


def a_killed_child_leaves_a_usable_scene() -> Steps:
    running = room("window.running")
    before = len(bpy.data.objects)
    use(bpy.ops.mien.capture, filepath=str(LARGE))
    yield from until(lambda: running.status().done > 30)
    os.kill(running.session()._child.pid, signal.SIGKILL)
    yield from until(lambda: not running.busy(), 15)
    yield 0.3
    assert "ended unexpectedly" in running.status().message
    assert len(bpy.data.objects) == before
    picture("killed")


def opening_another_file_ends_the_child() -> Steps:
    running = room("window.running")
    use(bpy.ops.mien.capture, filepath=str(LARGE))
    yield from until(lambda: running.status().done > 10)
    child = running.session()._child
    bpy.ops.wm.read_homefile(use_factory_startup=False)
    yield 0.5
    assert not running.busy()
    assert child.poll() is not None


def coming_and_going_leaves_nothing() -> Steps:
    mien = importlib.import_module(NAME)

    def state() -> tuple[Any, ...]:
        return (
            {n for n in dir(bpy.types) if not n.startswith("__")},
            [len(h) for h in vars(bpy.app.handlers).values() if isinstance(h, list)],
            set(dir(bpy.types.Scene)), set(dir(bpy.types.Object)), set(dir(bpy.types.WindowManager)),
        )  # fmt: skip

    mien.unregister()
    before = state()
    for _ in range(20):
        mien.register()
        mien.unregister()
        yield 0.02
    assert state() == before
    mien.register()
    yield 0.5
    picture("registered_again")


STEPS = (
    open_the_tab, capture_to_the_end, undo_takes_it_away_in_one_step, esc_keeps_what_was_captured,
    the_window_stays_live_on_1080_lines, review_and_adjust, pick_a_face, live_from_a_played_file,
    a_camera_that_is_not_there_is_said, a_killed_child_leaves_a_usable_scene,
    opening_another_file_ends_the_child, coming_and_going_leaves_nothing,
)  # fmt: skip
