# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps in a window: a killed child, another file, another language, and what is left behind."""

import importlib
import os
import signal
from pathlib import Path
from typing import Any

import bpy
from window_hands import (
    CLIP,
    FOLDER,
    LARGE,
    NAME,
    Steps,
    area_of,
    choose,
    fresh,
    heads,
    over,
    picture,
    point,
    room,
    show_the_tab,
    until,
    use,
)

KEPT = "what was captured until then is in"


def children() -> set[int]:
    """Processes that this one has started and that still are."""
    tasks = Path("/proc/self/task").glob("*/children")
    return {int(pid) for task in tasks for pid in task.read_text().split()}


def a_killed_child_leaves_a_usable_scene() -> Steps:
    yield from fresh()
    running = room("window.state.capture_session")
    before = len(bpy.data.objects)
    choose(LARGE)
    use(bpy.ops.mien.capture)
    yield from until(lambda: running.status().done > 30)
    over(0.1, 0.05)  # the report's popup comes up where the mouse is
    os.kill(running.session()._child.pid, signal.SIGKILL)
    yield from until(lambda: not running.busy(), 15)
    yield 0.6
    assert "ended unexpectedly" in running.status().message
    assert KEPT in running.status().message
    assert len(bpy.data.objects) == before
    picture("killed")
    assert use(bpy.ops.mien.use_left) == {"FINISHED"}
    yield 0.5
    assert len(heads()) == 1
    assert running.status().state != "failed"


def opening_another_file_ends_the_child() -> Steps:
    yield from fresh()
    running = room("window.state.capture_session")
    choose(LARGE)
    use(bpy.ops.mien.capture)
    yield from until(lambda: running.status().done > 10)
    child = running.session()._child
    bpy.ops.wm.read_homefile(use_factory_startup=False)
    yield 0.5
    assert not running.busy()
    assert child.poll() is not None
    assert not children()


def disabling_mien_ends_the_child() -> Steps:
    yield from show_the_tab()
    running = room("window.state.capture_session")
    choose(LARGE)
    use(bpy.ops.mien.capture)
    yield from until(lambda: running.status().done > 10)
    child, mien = running.session()._child, importlib.import_module(NAME)
    mien.unregister()
    yield 0.5
    assert child.poll() is not None
    assert not children()
    assert running._timer is None
    mien.register()
    yield 0.3


def an_own_network_is_checked_when_it_is_chosen() -> Steps:
    yield from fresh()
    chosen = bpy.context.preferences.addons[NAME].preferences
    wrong = FOLDER / "wrong.onnx"
    wrong.write_bytes(b"no network")
    chosen.model = "OWN"
    chosen.own_model = str(wrong)
    assert chosen.own_model == ""
    assert "wrong.onnx is damaged" in room("window.state.preferences")._problem
    area = area_of("VIEW_3D")
    area.type = "PREFERENCES"
    bpy.context.preferences.active_section = "ADDONS"
    bpy.context.window_manager.addon_search = "Mien"
    bpy.ops.preferences.addon_expand(module=NAME)
    point(700, 100)
    yield 1.0
    picture("preferences")
    area.type = "VIEW_3D"
    chosen.property_unset("model")
    yield 0.3


def everything_is_said_in_chinese() -> Steps:
    view = bpy.context.preferences.view
    view.language = "zh_HANS"
    view.use_translate_interface = view.use_translate_tooltips = view.use_translate_reports = True
    yield from fresh()
    choose(CLIP)
    running = room("window.state.capture_session")
    use(bpy.ops.mien.capture)
    yield from until(lambda: not running.busy())
    bpy.context.scene.frame_set(50)
    yield 0.8
    picture("chinese")
    translate = room("window.state.translation").translate
    sentence = "/tmp/a.mp4 does not exist; check the path."
    assert translate(sentence) != sentence
    assert "/tmp/a.mp4" in translate(sentence)
    view.language = "en_US"
    yield 0.5


def coming_and_going_leaves_nothing() -> Steps:
    yield from fresh()
    mien = importlib.import_module(NAME)
    handlers = bpy.app.handlers
    menus = (bpy.types.TOPBAR_MT_file_import, bpy.types.VIEW3D_HT_header)

    def state() -> tuple[Any, ...]:
        return (
            {n for n in dir(bpy.types) if not n.startswith("__")},
            {n: len(getattr(handlers, n)) for n in dir(handlers)
             if isinstance(getattr(handlers, n), list)},
            {kind: set(dir(getattr(bpy.types, kind)))
             for kind in ("Scene", "Object", "WindowManager", "Material", "Action")},
            [len(m.draw._draw_funcs) for m in menus],
            set(dir(bpy.ops.mien)),
            room("window.overlay.drawing")._handles, room("window.state.capture_session")._previews,
            room("window.state.capture_session")._timer, room("registration")._handles, children(),
        )  # fmt: skip

    mien.unregister()
    before = state()
    assert not bpy.app.timers.is_registered(room("window.state.preload")._tick)
    assert before[5:] == ([], None, None, [], set()), before[5:]
    for _ in range(20):
        mien.register()
        yield 0.02
        mien.unregister()
        yield 0.02
    assert state() == before
    mien.register()
    yield from show_the_tab()
    picture("registered_again")


STEPS = (
    a_killed_child_leaves_a_usable_scene, opening_another_file_ends_the_child,
    disabling_mien_ends_the_child, an_own_network_is_checked_when_it_is_chosen,
    everything_is_said_in_chinese, coming_and_going_leaves_nothing,
)  # fmt: skip
