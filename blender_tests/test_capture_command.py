# SPDX-License-Identifier: GPL-3.0-or-later
"""``mien capture`` from footage to a saved file, and everything that can go wrong on the way."""

import stat
from pathlib import Path

import bpy
import cv2
import numpy as np
import pytest
from mien.cli.__main__ import main
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.preview import HEIGHTS
from mien.core.take.take_file import load_take
from mien.scene.action import curves_of

from tests.mp4 import write_video


@pytest.fixture(scope="module")
def shot(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clip captured with everything: scene, take, preview."""
    folder = tmp_path_factory.mktemp("shot")
    words = ["capture", str(clip), "--output", str(folder / "face.blend")]
    words += ["--take", str(folder / "face.npz"), "--preview", str(folder / "face.png")]
    assert main(words) == 0
    return folder


def opened(path: Path) -> bpy.types.Scene:
    bpy.ops.wm.open_mainfile(filepath=str(path))
    return bpy.context.scene


def test_the_file_holds_the_animated_head(shot: Path) -> None:
    scene = opened(shot / "face.blend")
    assert np.isclose(scene.render.fps / scene.render.fps_base, 29.97, atol=1e-3)
    mesh = next(o for o in scene.objects if o.type == "MESH")
    rig = next(o for o in scene.objects if o.type == "ARMATURE")
    names = {k.name for k in mesh.data.shape_keys.key_blocks}
    assert names > {f"identity_{i:02d}" for i in range(40)}
    assert names > {f"expression_{i:02d}" for i in range(10)}
    assert names > set(ARKIT_BLENDSHAPES)
    for curve in (*curves_of(mesh.data.shape_keys), *curves_of(rig)):
        frames = [p.co.x for p in curve.keyframe_points]
        assert np.allclose(frames, np.arange(1, 121), atol=0.01)
    assert scene.camera is not None
    assert scene.camera.data.background_images[0].image.source == "MOVIE"


def test_the_bone_moves(shot: Path) -> None:
    scene = opened(shot / "face.blend")
    rig = next(o for o in scene.objects if o.type == "ARMATURE")
    turns = []
    for frame in range(1, 121, 10):
        scene.frame_set(frame)
        turns.append(list(rig.pose.bones["head"].matrix.to_quaternion()))
    assert np.ptp(turns, axis=0).max() > 0.02


def test_nothing_else_is_left_beside_it(shot: Path) -> None:
    assert {p.name for p in shot.iterdir()} == {"face.blend", "face.npz", "face.png"}
    assert len(load_take(shot / "face.npz")) == 120
    assert cv2.imread(str(shot / "face.png")).shape[0] == HEIGHTS[0]  # the face is small


def test_a_range_at_a_lower_rate(clip: Path, tmp_path: Path) -> None:
    words = ["capture", str(clip), "--output", str(tmp_path / "a.blend")]
    assert main([*words, "--start", "1", "--end", "2", "--fps", "10"]) == 0
    take = load_take(tmp_path / "a.take.npz")
    assert len(take) == 10
    assert take.found.sum() >= 9
    scene = opened(tmp_path / "a.blend")
    rig = next(o for o in scene.objects if o.type == "ARMATURE")
    frames = [p.co.x for p in curves_of(rig)[0].keyframe_points]
    assert np.allclose(frames, 1 + take.times * 29.97, atol=0.01)


def test_the_head_is_added_to_an_open_file_only_if_that_is_asked_for(
    shot: Path, tmp_path: Path, clip: Path
) -> None:
    words = ["capture", str(clip), "--end", "0.2", "--output", str(tmp_path / "a.blend")]
    for add, count in ((False, 1), (True, 2)):
        opened(shot / "face.blend").frame_end = 300
        assert main(words, add=add) == 0
        scene = opened(tmp_path / "a.blend")
        assert len([o for o in scene.objects if o.type == "ARMATURE"]) == count
        assert scene.frame_end == (300 if add else 6)  # what is there is still played to its end


def test_a_picture_is_captured_too(clip: Path, tmp_path: Path) -> None:
    image = cv2.VideoCapture(str(clip)).read()[1]
    cv2.imwrite(str(tmp_path / "still.png"), image)
    words = ["capture", str(tmp_path / "still.png"), "--output", str(tmp_path / "a.blend")]
    assert main(words) == 0
    assert opened(tmp_path / "a.blend").camera.data.background_images[0].image is not None


BAD = {
    "empty.mp4": b"",
    "text.mp4": b"this is not a video",
    "zeros.mov": bytes(4000),
    "broken.png": b"\x89PNG\r\n\x1a\n broken",
}


@pytest.mark.parametrize("name", [*BAD, "gone.mp4", "folder", "blank.mp4", "cut.mp4"])
def test_bad_footage_is_named_in_one_line_and_nothing_older_is_touched(
    name: str, clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    if name in BAD:
        path.write_bytes(BAD[name])
    if name == "folder":
        path.mkdir()
    if name == "blank.mp4":
        write_video(path, 8, (320, 240))
    if name == "cut.mp4":
        path.write_bytes(clip.read_bytes()[:5000])
    for old in ("a.blend", "a.take.npz", "p.png"):
        (tmp_path / old).write_bytes(b"older")
    before = {p.name for p in tmp_path.iterdir()}
    words = ["capture", str(path), "--output", str(tmp_path / "a.blend")]
    assert main([*words, "--preview", str(tmp_path / "p.png")]) == 1
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert name in errors[0]
    assert ";" in errors[0]  # what to do comes after it
    assert {p.name for p in tmp_path.iterdir()} == before
    assert (tmp_path / "a.blend").read_bytes() == b"older"
    assert (tmp_path / "a.take.npz").read_bytes() == b"older"


@pytest.mark.parametrize("span", [("--start", "9"), ("--start", "2", "--end", "2"), ("--fps", "0")])
def test_empty_ranges(
    span: tuple[str, ...], clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["capture", str(clip), "--output", str(tmp_path / "a.blend"), *span]
    assert main(words) == 1
    assert "error: " in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_an_output_folder_that_does_not_exist(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["capture", str(clip), "--output", str(tmp_path / "gone" / "a.blend")]
    assert main(words) == 1
    assert "make it first" in capsys.readouterr().err


def test_an_unreadable_file_is_named(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "secret.mp4"
    path.write_bytes(clip.read_bytes())
    path.chmod(0)
    try:
        path.open("rb").close()
    except PermissionError:
        assert main(["capture", str(path), "--output", str(tmp_path / "a.blend")]) == 1
        assert "permissions" in capsys.readouterr().err
    else:
        pytest.skip("this user may read every file")
    finally:
        path.chmod(stat.S_IRUSR | stat.S_IWUSR)


def test_footage_may_be_a_folder_of_images(clip: Path, tmp_path: Path) -> None:
    frames = tmp_path / "frames"
    frames.mkdir()
    video = cv2.VideoCapture(str(clip))
    for index in range(12):
        cv2.imwrite(str(frames / f"f{index}.png"), video.read()[1])
    words = ["capture", str(frames), "--output", str(tmp_path / "a.blend"), "--fps", "12"]
    assert main(words) == 0
    scene = opened(tmp_path / "a.blend")
    assert np.isclose(scene.render.fps / scene.render.fps_base, 12)
    assert scene.camera.data.background_images[0].image.source == "SEQUENCE"
