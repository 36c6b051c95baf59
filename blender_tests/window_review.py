# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps in a window: reviewing a take, and adjusting it without capturing again."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy
from window_hands import (
    CLIP,
    GAP,
    Steps,
    area_of,
    captured,
    choose,
    fresh,
    heads,
    picture,
    poll_message,
    press,
    region_of,
    room,
    until,
    use,
)


def curves() -> list[Any]:
    """Curves of the head's expressions."""
    return list(room("scene.action").curves_of(heads()[0].children[0].data.shape_keys))


def values(frame: float = 90) -> list[float]:
    """What the expressions are at a frame, to what a slider's single precision lets return."""
    return [round(c.evaluate(frame), 3) for c in curves()]


def the_lost_stretch_is_shown_and_one_click_away() -> Steps:
    yield from fresh()
    assert "Select a captured head first" in poll_message(bpy.ops.mien.go_to_doubt)
    choose(GAP)
    yield from captured()
    (rig,) = heads()
    take, _ = room("window.state.heads").take_of(rig)
    assert 14 <= int((~take.found).sum()) <= 30, int((~take.found).sum())
    scene = bpy.context.scene
    scene.frame_set(1)
    assert use(bpy.ops.mien.go_to_doubt, direction="ON") == {"FINISHED"}
    assert 38 <= scene.frame_current <= 42, scene.frame_current
    bpy.context.window_manager.mien_landmarks = True
    yield 0.8
    picture("lost")
    scene.frame_set(80)
    yield 0.8
    picture("review")
    bpy.context.window_manager.mien_landmarks = False


def the_camera_goes_on_and_off_and_side_by_side() -> Steps:
    screen = bpy.context.window_manager.windows[0].screen

    def views() -> list[str]:
        areas = [a for a in screen.areas if a.type == "VIEW_3D"]
        return sorted(a.spaces.active.region_3d.view_perspective for a in areas)

    assert views() == ["CAMERA"]
    use(bpy.ops.mien.match_camera)
    assert views() == ["PERSP"]
    yield 0.6
    picture("camera_off")
    use(bpy.ops.mien.match_camera)
    assert views() == ["CAMERA"]
    zoom = area_of("VIEW_3D").spaces.active.region_3d.view_camera_zoom
    use(bpy.ops.mien.side_by_side)
    yield 0.8
    assert views() == ["CAMERA", "PERSP"]
    bpy.context.scene.frame_set(20)
    yield 0.6
    picture("side_by_side")
    use(bpy.ops.mien.side_by_side)
    yield 0.5
    assert views() == ["CAMERA"]
    view = area_of("VIEW_3D").spaces.active.region_3d
    yield from until(lambda: abs(view.view_camera_zoom - zoom) < 0.5, 20)  # as large as before
    yield 0.5
    assert area_of("VIEW_3D").spaces.active.show_region_ui
    picture("joined")


def sliders_change_the_keys_at_once() -> Steps:
    yield from fresh()
    choose(CLIP)
    yield from captured()
    (rig,) = heads()
    settings, usual = rig.mien, values()
    settings.smoothing = 1.0
    assert values() != usual
    settings.smoothing = 0.3
    assert values() == usual
    for part in ("brows", "eyes", "mouth", "jaw"):
        setattr(settings, part, 2.0)
        assert values() != usual, part
        setattr(settings, part, 1.0)

    def turns() -> list[float]:
        bone = [c for c in room("scene.action").curves_of(rig) if 'bones["head"]' in c.data_path]
        return [abs(c.evaluate(20) - c.evaluate(90)) for c in bone]

    assert max(turns()) > 1e-3
    settings.head_motion = False
    assert max(turns()) < 1e-5
    settings.head_motion = True
    settings.step = 3
    assert len(curves()[0].keyframe_points) == 41
    settings.step, settings.tolerance = 1, 0.3
    assert max(len(c.keyframe_points) for c in curves()) < 110
    settings.tolerance, settings.timing = 0.0, "WHOLE"
    assert all(p.co.x == round(p.co.x) for p in curves()[0].keyframe_points)
    use(bpy.ops.mien.reset)
    assert settings.timing == "TIMES"
    assert values() == usual
    yield 0.5
    picture("adjust")


def the_neutral_face_comes_from_a_frame_or_a_range() -> Steps:
    scene, (rig,) = bpy.context.scene, heads()
    scene.frame_set(40)
    use(bpy.ops.mien.neutral, part="FRAME")
    assert rig.mien.neutral_face == "range"
    assert abs(rig.mien.neutral[0] - 39 / 29.97) < 0.02
    # Smoothing lends it a little of its neighbours; eyes look wherever they look.
    acting = [
        c for c in curves() if not any(word in c.data_path for word in ('"eye', '"expression'))
    ]
    assert max(abs(c.evaluate(40)) for c in acting) < 0.01
    scene.use_preview_range = True
    scene.frame_preview_start, scene.frame_preview_end = 10, 30
    use(bpy.ops.mien.neutral, part="RANGE")
    assert abs(rig.mien.neutral[1] - 29 / 29.97) < 0.02
    scene.use_preview_range = False
    yield 0.3


def a_slider_is_undone_in_one_step() -> Steps:
    use(bpy.ops.mien.reset)
    yield 0.2
    usual = values()
    use(bpy.ops.ed.undo)
    yield 0.2
    assert heads()[0].mien.neutral_face == "range"
    assert values() != usual
    use(bpy.ops.ed.redo)
    yield 0.2
    assert heads()[0].mien.neutral_face == "auto"
    assert values() == usual


def presets_keep_the_adjustments() -> Steps:
    (rig,) = heads()
    rig.mien.smoothing, rig.mien.jaw = 0.7, 1.5
    area = area_of("VIEW_3D")
    with bpy.context.temp_override(area=area, region=region_of(area)):
        bpy.ops.mien.adjust_preset_add(name="Strong jaw")  # invoked, it would ask for the name
    use(bpy.ops.mien.reset)
    folder = Path(bpy.utils.user_resource("SCRIPTS", path="presets/mien/adjust"))
    (file,) = folder.glob("*.py")
    bpy.ops.script.execute_preset(filepath=str(file), menu_idname="MIEN_PT_adjust_presets")
    assert abs(rig.mien.jaw - 1.5) < 1e-6
    assert abs(rig.mien.smoothing - 0.7) < 1e-6
    file.unlink()
    use(bpy.ops.mien.reset)
    yield 0.2


def a_baked_head_plays_without_the_take() -> Steps:
    (rig,) = heads()
    take, usual = Path(rig.mien.take), values()
    use(bpy.ops.mien.bake)
    yield 0.8
    picture("bake_asks")
    assert rig.mien.take
    press("ESC", 0.05, 0.05)
    yield 0.5
    assert rig.mien.take
    area = area_of("VIEW_3D")
    with bpy.context.temp_override(area=area, region=region_of(area)):
        bpy.ops.mien.bake("EXEC_DEFAULT", True)
    take.unlink()
    assert not rig.mien.take
    assert [
        round(c.evaluate(90), 3)
        for c in room("scene.action").curves_of(rig.children[0].data.shape_keys)
    ] == usual
    yield 0.2
    use(bpy.ops.ed.undo)
    yield 0.3
    picture("take_gone")
    assert heads()[0].mien.take


@contextmanager
def shown_first(panel: Any) -> Iterator[None]:
    """A panel above the others of the tab, and open."""
    words = {
        "bl_idname": "MIEN_PT_first",
        "bl_label": panel.bl_label,
        "bl_order": -1,
        "draw": panel.draw,
    }
    first = type("First", (panel.__mro__[1], bpy.types.Panel), words)
    bpy.utils.register_class(first)
    yield
    bpy.utils.unregister_class(first)


def a_character_is_moved_by_the_capture() -> Steps:
    yield from fresh()
    choose(CLIP)
    yield from captured()
    (rig,) = heads()
    bpy.ops.mesh.primitive_monkey_add(location=(2.0, 0.0, 0.0))
    monkey = bpy.context.active_object
    for name in (
        "Basis",
        "jawOpen",
        "eyeBlinkLeft",
        "eyeBlinkRight",
        "mouthSmileLeft",
        "cheekPuffs",
    ):
        monkey.shape_key_add(name=name)
    assert "Choose a character first" in poll_message(bpy.ops.mien.retarget)
    bpy.context.scene.mien_character.target = monkey
    rig.select_set(True)
    bpy.context.view_layer.objects.active = rig
    assert use(bpy.ops.mien.retarget) == {"FINISHED"}
    moved = room("scene.action").curves_of(monkey.data.shape_keys)
    jaw = next(c for c in moved if "jawOpen" in c.data_path)
    assert len({round(p.co.y, 3) for p in jaw.keyframe_points}) > 10
    told = room("window.state.avatar_report")
    states = {r.name: r.state for r in bpy.context.window_manager.mien_report}
    assert states["jawOpen"] == "matched"
    assert states["cheekPuff"] == "doubtful"
    assert states["mouthFunnel"] == "missing"
    assert told.report.applied == rig.name
    assert told.report.keyed.turned == monkey.name
    with shown_first(room("window.panels.character").CharacterPanel):
        yield 0.8
        picture("character")


STEPS = (
    the_lost_stretch_is_shown_and_one_click_away, the_camera_goes_on_and_off_and_side_by_side,
    sliders_change_the_keys_at_once, the_neutral_face_comes_from_a_frame_or_a_range,
    a_slider_is_undone_in_one_step, presets_keep_the_adjustments,
    a_baked_head_plays_without_the_take, a_character_is_moved_by_the_capture,
)  # fmt: skip
