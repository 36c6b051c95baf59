# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps in a window: live from a file that is played as a camera would give it, recorded to a take."""

import bpy
from window_hands import (
    CLIP,
    LONG,
    Held,
    Steps,
    fresh,
    heads,
    picture,
    poll_message,
    press,
    results,
    room,
    until,
    use,
)


def live_moves_a_head_and_leaves_nothing() -> Steps:
    yield from fresh()
    running, live = room("window.state.capture_session"), room("window.operators.live")
    assert "Start the camera first" in poll_message(bpy.ops.mien.record)
    before = set(bpy.data.objects), set(bpy.data.actions), set(bpy.data.meshes)
    # As after some seconds with the tab in sight, in which libraries are loaded.
    yield from until(room("window.state.preload").preload_next, 90)
    with Held(live.Live, "modal") as held:
        assert use(bpy.ops.mien.live, filepath=str(LONG)) == {"RUNNING_MODAL"}
        yield from until(lambda: live.state.head is not None and live.state.now() > 5.0, 40)
        head = live.state.head
        picture("live")
        results["figures"]["live: from the picture to the posed head, ms"] = round(
            1000 * head.latency
        )
        results["figures"]["live: heads a second"] = round(head.rate, 1)
        names = head._names
        keys = bpy.data.objects[names[2]].data.shape_keys.key_blocks
        assert any(abs(k.value) > 0.01 for k in keys if k.name.startswith("expression"))
        press("ESC")
        yield from until(lambda: not running.busy(), 15)
    results["figures"]["live: longest step of Mien in the window, ms of processor time"] = round(
        max(held.times), 1
    )
    yield 0.3
    assert (set(bpy.data.objects), set(bpy.data.actions), set(bpy.data.meshes)) == before


def recording_becomes_a_take_and_a_keyed_head() -> Steps:
    running, live = room("window.state.capture_session"), room("window.operators.live")
    use(bpy.ops.mien.live, filepath=str(CLIP))
    yield from until(lambda: live.state.head is not None and live.state.now() > 0.3, 40)
    use(bpy.ops.mien.record)
    since = live.state.recording
    assert since is not None
    yield from until(lambda: live.state.now() > since + 1.0, 20)
    picture("recording")
    use(bpy.ops.mien.record)
    yield from until(lambda: not running.busy(), 20)
    yield 0.6
    (rig,) = heads()
    take, _ = room("window.state.heads").take_of(rig)
    assert take.times[0] == 0
    assert 0.9 < take.times[-1] < 4.0 - since
    picture("recorded")
    use(bpy.ops.ed.undo)
    yield 0.3
    assert not heads()


def an_undo_while_live_does_no_harm() -> Steps:
    running, live = room("window.state.capture_session"), room("window.operators.live")
    bpy.context.scene.mien.live_smoothing = 0.8
    use(bpy.ops.ed.undo_push, message="test")
    use(bpy.ops.mien.live, filepath=str(LONG))
    yield from until(lambda: live.state.head is not None and live.state.now() > 0.5, 40)
    use(bpy.ops.ed.undo)
    yield 0.5
    yield from until(
        lambda: not live.state.head.building and live.state.head._names[1] in bpy.data.objects, 20
    )
    bpy.data.objects.remove(bpy.data.objects[live.state.head._names[1]])
    seen = live.state.now()
    yield from until(lambda: live.state.now() > seen or not running.busy(), 20)
    press("ESC")
    yield from until(lambda: not running.busy(), 15)
    yield 0.2
    assert not [o for o in bpy.data.objects if o.type == "ARMATURE"]


def a_camera_that_is_not_there_is_said() -> Steps:
    running = room("window.state.capture_session")
    before = len(bpy.data.objects)
    bpy.context.scene.mien.camera = 9
    use(bpy.ops.mien.live)
    yield from until(lambda: not running.busy(), 30)
    yield 0.4
    assert "amera 9" in running.status().message
    assert len(bpy.data.objects) == before
    picture("no_camera")
    use(bpy.ops.mien.dismiss)
    bpy.context.scene.mien.camera = 0


STEPS = (
    live_moves_a_head_and_leaves_nothing, recording_becomes_a_take_and_a_keyed_head,
    an_undo_while_live_does_no_harm, a_camera_that_is_not_there_is_said,
)  # fmt: skip
