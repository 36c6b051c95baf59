# SPDX-License-Identifier: GPL-3.0-or-later
"""The operators of the window without a window: what they do to the scene, in any version of Blender.

How they feel in a window is tested by ``test_real_blender.py``.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy
import mien
import numpy as np
import pytest
from mien.scene.action import curves_of

Scene = Any


@pytest.fixture
def window(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """An empty scene with Mien enabled; takes go into a folder of their own."""
    from mien.window.state import preferences

    mien.register()
    monkeypatch.setattr(preferences._Defaults, "takes", str(tmp_path / "takes"))
    yield bpy.context.scene
    mien.unregister()


@pytest.fixture
def rig(window: Scene, clip: Path) -> Any:
    """The head of the first second of the clip."""
    settings = window.mien
    settings.footage, settings.use_range, settings.start, settings.end = str(clip), True, 0.0, 1.0
    assert bpy.ops.mien.capture() == {"FINISHED"}
    return bpy.context.active_object


def values(rig: Any, frame: float = 20) -> list[float]:
    """What the head's expressions are at a frame."""
    keys = next(c for c in rig.children if c.type == "MESH").data.shape_keys
    return [c.evaluate(frame) for c in curves_of(keys)]


def translate(call: Any, **words: Any) -> str:
    """The error that an operator reports."""
    with pytest.raises(RuntimeError) as caught:
        call(**words)
    return str(caught.value)


def test_a_capture_builds_a_head_and_keeps_its_take(rig: Any, tmp_path: Path) -> None:
    assert rig.type == "ARMATURE"
    assert Path(rig.mien.take) == tmp_path / "takes" / "carphone_pristine_001.take.npz"
    assert Path(rig.mien.take).exists()
    assert rig.mien.camera.type == "CAMERA"
    assert len(values(rig)) == 10 + 52


def test_a_second_capture_stands_beside_the_first(rig: Any) -> None:
    before = set(bpy.data.objects)
    assert bpy.ops.mien.capture() == {"FINISHED"}
    second = bpy.context.active_object
    assert second not in before
    assert second.location.x > rig.location.x + 0.3
    assert second.mien.camera.location.x > rig.mien.camera.location.x + 0.3
    assert second.mien.take != rig.mien.take


def test_without_footage_it_says_so(window: Scene) -> None:
    assert "Choose the footage first" in translate(bpy.ops.mien.capture)


def test_bad_footage_is_named_and_changes_nothing(window: Scene, tmp_path: Path) -> None:
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    window.mien.footage = str(tmp_path / "bad.mp4")
    before = set(bpy.data.objects)
    assert "bad.mp4 is not a video" in translate(bpy.ops.mien.capture)
    assert set(bpy.data.objects) == before


def test_settings_key_the_head_anew_and_reset_takes_them_back(rig: Any) -> None:
    usual = values(rig)
    for name, value in (("smoothing", 1.0), ("mouth", 2.0), ("timing", "WHOLE")):
        setattr(rig.mien, name, value)
        assert values(rig) != usual
        assert bpy.ops.mien.reset() == {"FINISHED"}
        assert np.allclose(values(rig), usual, atol=1e-6)


def test_keys_follow_the_start_frame(rig: Any) -> None:
    usual = values(rig, 10)
    rig.mien.first += 50
    assert np.allclose(values(rig, 60), usual, atol=1e-5)
    bpy.context.scene.frame_start = 31  # a new beginning of the scene moves nothing
    rig.mien.smoothing = rig.mien.smoothing
    assert np.allclose(values(rig, 60), usual, atol=1e-5)


def test_the_neutral_face_is_the_one_of_this_frame(rig: Any) -> None:
    bpy.context.scene.frame_set(12)
    assert bpy.ops.mien.neutral(part="FRAME") == {"FINISHED"}
    assert rig.mien.neutral_face == "range"
    assert max(map(abs, values(rig, 12))) < 0.05


def test_a_baked_head_needs_no_take(rig: Any) -> None:
    usual = values(rig)
    Path(rig.mien.take).unlink()
    assert bpy.ops.mien.bake() == {"FINISHED"}
    assert not rig.mien.take
    assert values(rig) == usual


def test_a_take_that_is_gone_is_said(rig: Any) -> None:
    from mien.window.operators import adjust

    usual = values(rig)
    Path(rig.mien.take).unlink()
    rig.mien.smoothing = 0.9
    assert "does not exist" in adjust.problem()
    assert values(rig) == usual


def test_a_take_becomes_a_head_again(rig: Any) -> None:
    take = rig.mien.take
    usual = values(rig)
    bpy.data.objects.remove(rig)
    assert bpy.ops.mien.import_take(filepath=take) == {"FINISHED"}
    assert np.allclose(values(bpy.context.active_object), usual, atol=1e-6)


def test_a_take_that_moved_with_its_file_is_found(rig: Any, tmp_path: Path) -> None:
    from mien.window.state.take_place import take_file

    moved = tmp_path / "moved"
    (moved / "takes").mkdir(parents=True)
    take = Path(rig.mien.take)
    take.rename(moved / "takes" / take.name)
    bpy.ops.wm.save_as_mainfile(filepath=str(moved / "shot.blend"), check_existing=False)
    assert take_file(rig) == moved / "takes" / take.name
    usual = values(rig)
    rig.mien.smoothing = 0.9
    assert values(rig) != usual


def test_a_picked_face_is_forgotten_with_other_footage(window: Scene, clip: Path) -> None:
    window.mien.faces = "at"
    window.mien.footage = str(clip)
    assert window.mien.faces == "largest"


def test_what_is_no_take_is_said(window: Scene, tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(b"nothing")
    assert "a.npz is not a Mien take" in translate(
        bpy.ops.mien.import_take, filepath=str(tmp_path / "a.npz")
    )


def test_footage_of_the_clip_editor_is_offered_where_it_lies(window: Scene, clip: Path) -> None:
    assert "Open footage" in translate(bpy.ops.mien.use_open_footage)
    loaded = bpy.data.movieclips.load(str(clip))
    loaded.frame_start = 12
    assert bpy.ops.mien.use_open_footage(which="0") == {"FINISHED"}
    settings = window.mien
    assert Path(settings.footage) == clip
    assert (settings.use_first, settings.first) == (True, 12)


def test_an_own_network_is_checked_when_it_is_wanted(
    window: Scene, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mien.window.state import preferences

    monkeypatch.setattr(preferences._Defaults, "model", preferences.OWN)
    window.mien.footage = str(clip)
    assert "No network of your own is chosen" in translate(bpy.ops.mien.capture)


def test_importing_captures_with_its_own_choices(window: Scene, clip: Path) -> None:
    assert bpy.ops.mien.import_footage(filepath=str(clip), match=False) == {"FINISHED"}
    assert bpy.context.active_object.mien.take
    assert window.camera is None  # the scene was not to be matched


def test_a_path_in_a_file_is_followed_when_the_user_asks(rig: Any, tmp_path: Path) -> None:
    from mien.core.errors import MienError
    from mien.window.operators import adjust
    from mien.window.state import heads

    heads._opened.clear()  # as after Blender was started anew
    heads._known.clear()
    assert not heads.opened(rig)
    with pytest.raises(MienError, match="was not opened yet"):
        heads.take_of(rig)
    usual = values(rig)
    rig.mien.smoothing = 0.9
    assert "press Open Take" in adjust.problem()
    assert values(rig) == usual
    bpy.context.view_layer.objects.active = rig
    assert bpy.ops.mien.open_take() == {"FINISHED"}
    rig.mien.smoothing = 0.8
    assert values(rig) != usual
    heads._opened.clear()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"), check_existing=False)
    assert heads.take_of(rig)  # it lies with the file


def test_another_take_in_the_place_of_a_heads_own_is_not_keyed(rig: Any, clip: Path) -> None:
    from mien.core.take.take import part_of
    from mien.core.take.take_file import load_take, save_take
    from mien.window.operators import adjust

    path = Path(rig.mien.take)
    save_take(part_of(load_take(path), 0.3), path)
    usual = values(rig)
    rig.mien.smoothing = 0.9
    assert "is not the take that" in adjust.problem()
    assert values(rig) == usual


def test_a_hat_is_not_the_head_and_a_lost_bone_is_named(rig: Any) -> None:
    from mien.window.operators import adjust
    from mien.window.state.scene_lookup import mesh_of

    hat = bpy.data.objects.new("A hat", bpy.data.meshes.new("A hat"))
    bpy.context.scene.collection.objects.link(hat)
    hat.shape_key_add(name="Basis")
    hat.parent = rig
    assert mesh_of(rig).name == "Mien Head"
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    rig.data.edit_bones["head"].name = "neck"
    bpy.ops.object.mode_set(mode="OBJECT")
    rig.mien.smoothing = 0.9
    assert "lacks head, which its take moves" in adjust.problem()


def test_an_action_without_layers_is_keyed_or_named(
    rig: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    from mien.window.operators import adjust

    keys = next(c for c in rig.children if c.type == "MESH").data.shape_keys
    action = keys.animation_data.action
    if not hasattr(action, "layers"):
        pytest.skip("actions of this Blender have no layers")
    action.layers.remove(action.layers[0])
    rig.mien.smoothing = 0.9
    assert "Traceback" not in capfd.readouterr().err  # where Blender puts it when a setting changes
    assert adjust.problem() or values(rig)


def test_the_footage_that_a_take_names_is_opened_when_that_is_asked(rig: Any) -> None:
    take = rig.mien.take
    for shown in (False, True):
        assert bpy.ops.mien.import_take(filepath=take, footage=shown) == {"FINISHED"}
        camera = bpy.context.active_object.mien.camera
        assert bool(camera.data.background_images) == shown


def test_the_file_browser_shows_what_the_core_reads(window: Scene, clip: Path) -> None:
    from mien.core.capture.sources.sequence import IMAGE_SUFFIXES
    from mien.window.operators.choose_file import IMAGES

    assert set(IMAGES.split(";")) == IMAGE_SUFFIXES
    assert bpy.ops.mien.choose_footage(filepath=str(clip)) == {"FINISHED"}
    assert window.mien.footage == str(clip)


def test_a_report_is_a_table_and_is_forgotten_with_its_character(window: Scene) -> None:
    bpy.ops.mesh.primitive_monkey_add()
    monkey = bpy.context.active_object
    for name in ("Basis", "jawOpen", "eyeBlinkLeft", "eyeBlinkRight", "cheekPuffs"):
        monkey.shape_key_add(name=name)
    window.mien_character.target = monkey
    assert bpy.ops.mien.match_character() == {"FINISHED"}
    rows = bpy.context.window_manager.mien_report
    assert len(rows) == 52
    states = {r.name: (r.what, r.state) for r in rows}
    assert states["cheekPuff"] == ("cheekPuffs", "doubtful")
    assert states["jawOpen"] == ("jawOpen", "matched")
    assert states["mouthLeft"] == ("", "missing")
    assert rows[0].name == "cheekPuff"
    window.mien_character.guesses = True
    assert not len(bpy.context.window_manager.mien_report)
    bpy.ops.mien.match_character()
    assert {r.name: r.state for r in rows}["cheekPuff"] == "matched"
