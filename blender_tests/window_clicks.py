# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps in a window: the panel's own buttons and the menu's row, clicked with the mouse where they are."""

import bpy
from window_hands import (
    CLIP,
    LARGE,
    PAIR,
    Steps,
    area_of,
    choose,
    fresh,
    heads,
    picture,
    point,
    region_of,
    room,
    until,
    use,
)

# Pixels from the upper left of the sidebar, and of the window.
CAPTURE, FOLDER_BUTTON, EYEDROPPER, CANCEL = (135, 230), (213, 45), (234, 71), (135, 290)
FILE_MENU, IMPORT, FACE_FROM_VIDEO = (42, 14), (75, 311), (320, 500)


def click(x: float, y: float) -> Steps:
    """Move there, press and let go, as a hand does."""
    for kind, value in (("MOUSEMOVE", "NOTHING"), ("LEFTMOUSE", "PRESS"), ("LEFTMOUSE", "RELEASE")):
        point(x, y, kind, value)
        yield 0.25


def in_the_sidebar(place: tuple[int, int]) -> Steps:
    """Click there."""
    region = region_of(area_of("VIEW_3D"), "UI")
    yield from click(region.x + place[0], region.y + region.height - place[1])


def in_the_window(place: tuple[int, int]) -> Steps:
    """Click there."""
    window = bpy.context.window_manager.windows[0]
    yield from click(place[0], window.height - place[1])


def capture_and_cancel_are_clicked() -> Steps:
    yield from fresh()
    running = room("window.state.capture_session")
    choose(LARGE)
    yield 0.5
    yield from in_the_sidebar(CAPTURE)
    yield from until(lambda: running.busy() and running.status().done > 20, 60)
    picture("clicked_capture")
    yield from in_the_sidebar(CANCEL)
    yield from until(lambda: not running.busy(), 60)
    yield 0.5
    assert running.status().state == "stopped"
    assert len(heads()) == 1
    picture("clicked_cancel")
    assert running.icon()
    use(bpy.ops.mien.capture)
    assert running.icon() == 0, "the picture of the clip before is shown"
    yield 0.3
    picture("starting")
    running.stop()
    yield from until(lambda: not running.busy(), 60)


def the_folder_button_opens_the_browser() -> Steps:
    yield from fresh()
    yield from in_the_sidebar(FOLDER_BUTTON)
    yield 1.0
    window = bpy.context.window_manager.windows[-1]
    area = next(a for a in window.screen.areas if a.type == "FILE_BROWSER")
    assert "*.mp4" in area.spaces.active.params.filter_glob
    area.spaces.active.params.directory = str(CLIP.parent).encode()
    area.spaces.active.params.filename = CLIP.name
    yield 0.5
    picture("clicked_folder")
    with bpy.context.temp_override(window=window, area=area, region=region_of(area)):
        bpy.ops.file.execute()
    yield 0.5
    assert bpy.context.scene.mien.footage.endswith(CLIP.name)


def the_eyedropper_and_the_key_for_all_faces() -> Steps:
    yield from fresh()
    choose(PAIR)
    yield 0.3
    yield from in_the_sidebar(EYEDROPPER)
    open_ones = room("window.overlay.picture")._open
    yield from until(lambda: bool(open_ones), 20)
    yield 0.5
    view = region_of(area_of("VIEW_3D"))
    for value in ("PRESS", "RELEASE"):
        point(view.x + view.width / 2, view.y + view.height / 2, "A", value)
    yield 0.5
    assert bpy.context.scene.mien.faces == "all"
    assert not open_ones


def the_row_in_the_import_menu() -> Steps:
    yield from fresh()
    yield from in_the_window(FILE_MENU)
    picture("clicked_menu")
    yield from in_the_window(IMPORT)
    picture("clicked_import")
    yield from in_the_window(FACE_FROM_VIDEO)
    yield 1.0
    window = bpy.context.window_manager.windows[-1]
    area = next(a for a in window.screen.areas if a.type == "FILE_BROWSER")
    assert area.spaces.active.active_operator.bl_idname == "MIEN_OT_import_footage"
    with bpy.context.temp_override(window=window, area=area, region=region_of(area)):
        bpy.ops.file.cancel()
    yield 0.5
    assert not heads()


STEPS = (
    capture_and_cancel_are_clicked, the_folder_button_opens_the_browser,
    the_eyedropper_and_the_key_for_all_faces, the_row_in_the_import_menu,
)  # fmt: skip
