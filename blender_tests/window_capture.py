# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps in a window: the tab, capturing to the end, undo, Esc, footage that comes in by other ways."""

import bpy
from window_hands import (
    CLIP,
    LARGE,
    Held,
    Redraws,
    Steps,
    area_of,
    captured,
    choose,
    fresh,
    heads,
    picture,
    point,
    poll_message,
    press,
    region_of,
    results,
    room,
    show_the_tab,
    until,
    use,
)


def open_the_tab() -> Steps:
    yield from show_the_tab()
    assert region_of(area_of("VIEW_3D"), "UI").active_panel_category == "Mien"
    assert "Choose the footage first" in poll_message(bpy.ops.mien.capture)
    choose(CLIP)
    yield 0.6
    picture("panel")


def capture_to_the_end() -> Steps:
    running = room("window.state.capture_session")
    assert use(bpy.ops.mien.capture) == {"RUNNING_MODAL"}
    assert "A capture is running" in poll_message(bpy.ops.mien.capture)
    yield from until(lambda: running.status().done > 20 or not running.busy())
    picture("capturing")
    yield from until(lambda: not running.busy())
    yield 0.5
    (rig,) = heads()
    mesh = rig.children[0]
    assert len(mesh.data.shape_keys.key_blocks) == 103
    assert bpy.context.scene.frame_end == 120
    assert bpy.context.active_object == rig
    bpy.context.scene.frame_set(60)
    yield 0.8
    picture("captured")


def undo_takes_it_away_in_one_step() -> Steps:
    use(bpy.ops.ed.undo)
    yield 0.3
    assert not heads()
    assert "Cube" in bpy.data.objects
    yield 0.5
    picture("undone")
    use(bpy.ops.ed.redo)
    yield 0.3
    assert len(heads()) == 1
    use(bpy.ops.ed.undo)
    yield 0.3
    assert not heads()


def esc_keeps_what_was_captured() -> Steps:
    yield from fresh()
    running = room("window.state.capture_session")
    choose(LARGE)
    use(bpy.ops.mien.capture)
    yield from until(lambda: running.status().done > 40)
    picture("before_esc")
    press("ESC")
    yield from until(lambda: not running.busy(), 15)
    yield 0.5
    (rig,) = heads()
    take, _ = room("window.state.heads").take_of(rig)
    assert 40 <= len(take) < 600, len(take)
    assert not take.info.complete
    assert running.status().state == "stopped"
    picture("after_esc")
    use(bpy.ops.ed.undo)
    yield 0.3
    assert not heads()


def the_window_stays_live_on_1080_lines() -> Steps:
    """Prints how long the sidebar went without being drawn anew; the machine's load is in it."""
    yield from fresh()
    running, figures = room("window.state.capture_session"), results["figures"]
    choose(LARGE, use_range=True, start=0.0, end=10.0)
    capture = room("window.operators.capture").Capture
    with Redraws("UI") as redraws, Held(capture, "modal") as held:
        yield 3.0
        redraws.times.clear()
        yield 4.0
        figures["between redraws, nothing going on, ms"] = redraws.summary()
        redraws.times.clear()
        use(bpy.ops.mien.capture)
        yield from until(lambda: running.status().over, 120)
        figures["between redraws, 1080p capture, ms"] = redraws.summary()
        count = len(redraws.times)
        yield from until(lambda: not running.busy(), 20)
        yield 0.5
        figures["with building the head at its end, ms"] = redraws.summary()
    figures["redraws while it captures"] = count
    figures["frames a second, 1080p"] = round(running.status().rate, 1)
    figures["longest step of Mien in the window, ms of processor time"] = round(max(held.times), 1)
    assert count > 50, "the sidebar was hardly drawn while the capture ran"
    assert len(heads()) == 1


def a_dropped_video_is_captured() -> Steps:
    """Drags the clip out of a file browser into the viewport."""
    yield from fresh()
    bpy.context.preferences.view.filebrowser_display_type = "SCREEN"
    other = area_of("PROPERTIES")
    other.type = "FILE_BROWSER"
    yield 0.5
    space = other.spaces.active
    space.show_region_toolbar = False
    space.params.directory = str(CLIP.parent).encode()
    space.params.use_filter = True
    space.params.filter_search = CLIP.name
    yield 1.5
    files, view = region_of(other), region_of(area_of("VIEW_3D"))
    start = (files.x + 60, files.y + files.height - 38)  # the first row below the column's name
    end = (view.x + view.width / 3, view.y + view.height / 2)
    point(*start)
    yield 0.2
    point(*start, "LEFTMOUSE", "PRESS")
    for share in (0.02, 0.05, 0.2, 0.5, 0.8, 1.0, 1.0):
        yield 0.15
        point(*(a + share * (b - a) for a, b in zip(start, end, strict=True)))
    yield 0.5
    picture("dropping")
    point(*end, "LEFTMOUSE", "RELEASE")
    yield 0.5
    picture("dropped")  # Blender would make it an image as well, and asks
    for value in ("PRESS", "RELEASE"):
        point(*end, "C", value)  # the underlined letter of "Capture Face from Video"
    running = room("window.state.capture_session")
    yield from until(running.busy, 10)
    yield from until(lambda: not running.busy())
    yield 0.5
    assert bpy.context.scene.mien.footage.endswith(CLIP.name)
    assert len(heads()) == 1
    other.type = "PROPERTIES"
    yield 0.3


def footage_of_the_sequence_editor_is_captured_as_it_lies_there() -> Steps:
    yield from fresh()
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = 30, 1.0
    editor = scene.sequence_editor_create()
    strips = editor.strips if hasattr(editor, "strips") else editor.sequences
    strip = strips.new_movie("talk", str(CLIP), 1, 41)
    strip.frame_offset_start = 30
    bpy.data.movieclips.load(str(CLIP))
    assert use(bpy.ops.mien.use_open_footage, which="1") == {"FINISHED"}
    settings = scene.mien
    assert abs(settings.start - 1.0) < 0.02, settings.start
    settings.match = False
    yield 0.3
    picture("strip")
    yield from captured()
    (rig,) = heads()
    curve = room("scene.action").curves_of(rig)[0]
    assert abs(curve.keyframe_points[0].co.x - 71) < 0.6, curve.keyframe_points[0].co.x
    settings.match = True


def the_import_menu_opens_the_browser_and_captures() -> Steps:
    yield from fresh()
    use(bpy.ops.mien.import_footage)
    yield 1.0
    window = bpy.context.window_manager.windows[0]
    area = next(a for a in window.screen.areas if a.type == "FILE_BROWSER")
    area.spaces.active.params.directory = str(CLIP.parent).encode()
    area.spaces.active.params.filename = CLIP.name
    yield 0.5
    picture("import")
    yield 0.5
    with bpy.context.temp_override(window=window, area=area, region=region_of(area)):
        bpy.ops.file.execute()
    running = room("window.state.capture_session")
    yield from until(running.busy, 10)
    yield from until(lambda: not running.busy())
    yield 0.4
    assert len(heads()) == 1


STEPS = (
    open_the_tab, capture_to_the_end, undo_takes_it_away_in_one_step, esc_keeps_what_was_captured,
    the_window_stays_live_on_1080_lines, a_dropped_video_is_captured,
    footage_of_the_sequence_editor_is_captured_as_it_lies_there,
    the_import_menu_opens_the_browser_and_captures,
)  # fmt: skip
