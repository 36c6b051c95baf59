# SPDX-License-Identifier: GPL-3.0-or-later
"""One take gives one animation: the window, a command, a batch and a script key it alike."""

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bpy
import mien
import numpy as np
import pytest
from mien.batch.job import Job as BatchJob
from mien.cli.__main__ import main
from mien.cli.arguments import adjustments_of, keying_of
from mien.cli.parser import build_parser
from mien.core.modes import NeutralFace
from mien.core.solve.adjust import GAINS, USUAL
from mien.scene.action import curves_of
from mien.scene.timing import PLAIN

WORDS = [
    "--smoothing", "0.1", "--neutral", "0.2-0.4", "--gain", "brows=1.5", "--gain", "mouth=1.2",
    "--no-head-motion", "--timing", "whole", "--start-frame", "11", "--key-every", "2",
    "--tolerance", "0.01",
]  # fmt: skip
LINES = """
smoothing = 0.1
neutral = "0.2-0.4"
gains = ["brows=1.5", "mouth=1.2"]
head_motion = false
timing = "whole"
start_frame = 11
key_every = 2
tolerance = 0.01
"""
SOLVE: dict[str, Any] = {
    "smoothing": 0.1, "neutral": (0.2, 0.4), "gains": {"brows": 1.5, "mouth": 1.2},
    "head_motion": False,
}  # fmt: skip
KEYING = mien.Keying(mien.Timing.WHOLE, step=2, tolerance=0.01, start=11.0)
SLIDERS = {
    "smoothing": 0.1, "neutral": (0.2, 0.4), "neutral_face": "range", "brows": 1.5, "mouth": 1.2,
    "head_motion": False, "timing": "WHOLE", "first": 11.0, "step": 2, "tolerance": 0.01,
}  # fmt: skip

Curves = dict[tuple[str, int], np.ndarray[Any, Any]]


def keyed() -> Curves:
    """Frames and values of every curve of the one head in the open scene.

    Of the head's place its way and where the camera sees it: where both stand in the scene is free,
    and a head that is adjusted in the window stays before the camera that it was built with.
    """
    scene: Any = bpy.context.scene
    rig = next(o for o in scene.objects if o.type == "ARMATURE")
    mesh = next(c for c in rig.children if c.type == "MESH")
    found = {
        (curve.data_path, curve.array_index): np.array([p.co[:] for p in curve.keyframe_points])
        for curve in (*curves_of(mesh.data.shape_keys), *curves_of(rig))
    }
    for (path, _), points in found.items():
        if path.endswith("location"):
            points[:, 1] -= points[0, 1]
    for index, frame in enumerate((12, 20, 30)):
        scene.frame_set(frame)
        head = rig.matrix_world @ rig.pose.bones["head"].matrix
        seen = scene.camera.matrix_world.inverted() @ head
        found["seen by the camera", index] = np.array(seen)
    return found


@pytest.fixture(scope="module")
def folder(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command makes of a part of the clip: as usual, and adjusted."""
    folder = tmp_path_factory.mktemp("ways")
    words = ["capture", str(clip), "--end", "0.8", "--no-refine", "--no-texture"]
    assert main([*words, "--output", str(folder / "usual.blend")]) == 0
    assert main([*words, "--output", str(folder / "adjusted.blend"), *WORDS]) == 0
    return folder


def by_command(folder: Path, clip: Path, adjusted: bool) -> Curves:
    bpy.ops.wm.open_mainfile(filepath=str(folder / f"{named(adjusted)}.blend"))
    return keyed()


def by_batch(folder: Path, clip: Path, adjusted: bool) -> Curves:
    jobs = folder / "jobs.toml"
    line = '[[job]]\ntake = "usual.take.npz"\noutput = "batch.blend"\n'
    jobs.write_text(line + (LINES if adjusted else ""))
    assert main(["batch", str(jobs), "--only", "batch"]) == 0
    bpy.ops.wm.open_mainfile(filepath=str(folder / "batch.blend"))
    return keyed()


def by_script(folder: Path, clip: Path, adjusted: bool) -> Curves:
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    take = mien.load_take(folder / "usual.take.npz")
    if adjusted:
        mien.build_scene(mien.solve(take, **SOLVE), clip, keying=KEYING)
    else:
        mien.build_scene(mien.solve(take), clip)
    return keyed()


def by_window(folder: Path, clip: Path, adjusted: bool) -> Curves:
    from mien.window.state import heads

    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    mien.register()
    try:
        for _ in heads.build(bpy.context.scene, [folder / "usual.take.npz"], clip, match=True):
            pass
        settings: Any = bpy.context.active_object
        for name, value in SLIDERS.items() if adjusted else ():
            setattr(settings.mien, name, value)
        return keyed()
    finally:
        mien.unregister()


def named(adjusted: bool) -> str:
    return "adjusted" if adjusted else "usual"


@pytest.mark.parametrize("adjusted", [False, True], ids=named)
@pytest.mark.parametrize("way", [by_batch, by_script, by_window])
def test_the_keys_are_those_of_the_command(
    way: Callable[[Path, Path, bool], Curves], adjusted: bool, folder: Path, clip: Path
) -> None:
    wanted, found = by_command(folder, clip, adjusted), way(folder, clip, adjusted)
    assert found.keys() == wanted.keys()
    assert sum(len(points) for points in wanted.values()) > 200
    for name, points in wanted.items():
        assert found[name].shape == points.shape, name
        assert np.allclose(found[name], points, atol=1e-4), name


def test_adjusting_changes_the_keys(folder: Path, clip: Path) -> None:
    usual, adjusted = (by_command(folder, clip, way) for way in (False, True))
    most = [max(len(points) for points in curves.values()) for curves in (usual, adjusted)]
    assert most[1] <= most[0] // 2 + 1
    assert adjusted['key_blocks["jawOpen"].value', 0][0, 0] == 11


@pytest.fixture
def window() -> Iterator[None]:
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    mien.register()
    yield
    mien.unregister()


def test_every_way_has_the_same_defaults(window: None) -> None:
    from mien.window.state import settings

    scene: Any = bpy.context.scene
    capture, head = scene.mien, bpy.types.Object.bl_rna.properties["mien"].fixed_type.properties
    parsed = build_parser("mien").parse_args(["capture", "man.mp4", "--output", "a.blend"])
    script = {n: p.default for n, p in inspect.signature(mien.capture).parameters.items()}
    job = BatchJob(Path("jobs.toml"), "a", Path("a.blend"), Path("a.npz"), Path("man.mp4"))
    assert capture.refine == parsed.refine == script["refine"] is True
    assert capture.texture == parsed.texture == script["texture"] is True
    assert capture.sequence == parsed.texture_sequence == job.paints_skin is False
    assert capture.hair == parsed.hair == job.style
    assert capture.faces == parsed.faces == job.followed
    assert script["threads"] == parsed.threads
    assert (adjustments_of(parsed), keying_of(parsed)) == (USUAL, PLAIN)
    assert (job.adjustments, job.keying) == (USUAL, PLAIN)
    assert head["smoothing"].default == pytest.approx(USUAL.smoothing)
    assert head["neutral_face"].default == parsed.neutral == job.rest == NeutralFace.AUTO
    assert settings.GAINS == GAINS
    assert {head[name].default for name in GAINS} == {1.0}
    assert head["head_motion"].default == USUAL.head_motion
    assert (head["timing"].default, head["step"].default) == (PLAIN.timing.name, PLAIN.step)
    assert (head["tolerance"].default, head["keys"].default) == (PLAIN.tolerance, PLAIN.keys)
    solve = {n: p.default for n, p in inspect.signature(mien.solve).parameters.items()}
    assert (solve["smoothing"], solve["head_motion"]) == (USUAL.smoothing, USUAL.head_motion)
    assert solve["neutral"] == NeutralFace.AUTO
