# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys a motion onto a head that is in the scene: at which frames, and with how few keys."""

from typing import Any

import numpy as np
from bpy.types import Object, Scene
from numpy.typing import NDArray

from ..core.errors import MienError
from ..core.model.arkit import ARKIT_BLENDSHAPES
from ..core.model.gaze import set_gaze, steady_gaze
from ..core.model.params import FloatArray
from ..core.modes import Timing
from ..core.performance.key_reduction import every_nth, simplify_keys
from ..core.performance.resampling import resampled
from ..core.solve.motion import Motion
from ..core.solve.placement import place_head
from .action import Keyer
from .axes import points_to_scene, rotations_to_scene
from .changes import Changes
from .checking import frames_to_look_at, still
from .evaluation import Stage, leave_edit_mode
from .freeing import free_mesh, release_bones, show_pose
from .mesh import COMPONENT_LIMITS, expression_key, let_act
from .owning import own_mesh
from .rig import BONE, EYES, bone_channels, eye_channels
from .timing import PLAIN, Keying, rate_of
from .typed import keys_of

ACTION = "Mien Capture"

Frames = NDArray[np.floating[Any]]


def frames_of(
    scene: Scene, times: NDArray[np.float64], start: float | None = None
) -> NDArray[np.float64]:
    """Scene frames ``(F,)`` at which footage times ``(F,)`` in seconds lie; fractions are kept.

    ``start`` is the scene frame of time 0, the scene's first one by default.
    """
    return (scene.frame_start if start is None else start) + times * rate_of(scene)


def placed_keys(
    scene: Scene, times: NDArray[np.float64], keying: Keying
) -> tuple[Frames, NDArray[np.float64] | None]:
    """Scene frames ``(G,)`` at which what was seen at ``(F,)`` seconds is keyed.

    Also the times ``(G,)`` to sample it at for that; None where it stays as it is, frame for frame.
    """
    start = scene.frame_start if keying.start is None else keying.start
    if keying.timing == Timing.ONE_BY_ONE:
        return start + np.arange(len(times), dtype=np.float64), None
    frames = frames_of(scene, times, start)
    if keying.timing == Timing.TIMES:
        return frames, None
    whole = np.arange(np.ceil(frames[0] - 1e-3), np.floor(frames[-1] + 1e-3) + 1)
    if not len(whole):
        whole = np.round(frames[:1])
    return whole, (whole - start) / rate_of(scene)


def key_motion(
    scene: Scene,
    motion: Motion,
    mesh: Object,
    rig: Object,
    camera: FloatArray | None = None,
    keying: Keying = PLAIN,
    changes: Changes | None = None,
) -> FloatArray:
    """Key both sets of expression keys and the bones of head and eyes, in place of what was keyed there.

    What keeps them from being seen is taken away, and a few frames are evaluated and compared.

    Args:
        scene: whose frame rate and start count.
        motion: what to key.
        mesh, rig: as built.
        camera: where the camera stands, in camera axes; chosen if it is None.
        keying: at which frames.
        changes: told what was in the way.

    Returns:
        Where the camera stands, ``(3,)`` in camera axes.

    Raises:
        MienError: something else moves the head, or it belongs to another file.
    """
    changes = changes or Changes()
    leave_edit_mode([mesh, rig])
    own_mesh(mesh, [mesh], changes)
    free_mesh(mesh, (), changes)
    show_pose(rig, changes)
    motion, frames = _timed(scene, motion, keying)
    placed = place_head(motion, camera)
    thin = every_nth(len(frames), keying.step)
    keyer = Keyer(ACTION, changes)

    def key(block: Any, path: str, index: int, values: FloatArray, tolerance: float) -> None:
        at, kept = frames[thin], values[thin]
        if tolerance > 0:
            keep = simplify_keys(at, kept, tolerance)
            at, kept = at[keep], kept[keep]
        keyer.key(block, path, index, at, kept)

    position, rotation = points_to_scene(placed.position), rotations_to_scene(placed.rotation)
    channels = bone_channels(rig, position, rotation)
    bone = f'pose.bones["{BONE}"]'
    for index in range(3):
        key(rig, f"{bone}.location", index, channels[:, index], keying.tolerance / 100)
    for index in range(4):
        values = channels[:, 3 + index]
        key(rig, f"{bone}.rotation_quaternion", index, values, keying.tolerance / 100)
    gaze = steady_gaze(motion.blendshapes)
    for name, turns in zip(EYES, eye_channels(rig, gaze), strict=True):
        path = f'pose.bones["{name}"].rotation_quaternion'
        for index, values in enumerate(turns.T):
            key(rig, path, index, values, keying.tolerance / 100)
    keys = keys_of(mesh)
    for index, values in enumerate(motion.expression.clip(*COMPONENT_LIMITS).T):
        name = expression_key(index)
        block = keys.key_blocks[name]
        block.slider_min, block.slider_max = (
            COMPONENT_LIMITS  # of an older file they reach less far
        )
        key(keys, f'key_blocks["{name}"].value', 0, values, keying.tolerance)
    for name, values in zip(ARKIT_BLENDSHAPES, set_gaze(motion.blendshapes, gaze).T, strict=True):
        key(keys, f'key_blocks["{name}"].value', 0, values, keying.tolerance / 10)
    let_act(mesh, keying.keys)
    _make_sure(keyer, mesh, rig)
    return placed.camera


def _make_sure(keyer: Keyer, mesh: Object, rig: Object) -> None:
    """See that the head does what was keyed."""
    frames = frames_to_look_at(keyer.keyed)
    with Stage([mesh, rig]) as stage:
        left, _ = release_bones(stage, rig, [BONE, *EYES], frames, keyer.changes)
        left |= still(stage, keyer.keyed, frames)
    if left:
        name, why = next(iter(left.items()))
        raise MienError(
            f"{len(left)} keys and bones of {mesh.name} do not follow what was keyed ({name}: {why}); take "
            "that away and key it again."
        )


def _timed(scene: Scene, motion: Motion, keying: Keying) -> tuple[Motion, Frames]:
    frames, times = placed_keys(scene, motion.times, keying)
    return (motion if times is None else resampled(motion, times)), frames
