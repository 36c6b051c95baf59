# SPDX-License-Identifier: GPL-3.0-or-later
"""The eyes of the built head look and blink, and each does so without the other."""

from dataclasses import replace

import bpy
import numpy as np
import pytest
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.eyelids import close_eyelids
from mien.core.model.head import Head
from mien.core.model.parts import REGIONS, shown_head
from mien.core.solve.motion import Motion, solve_take
from mien.scene.axes import TO_SCENE
from mien.scene.build import Built, build_scene

from tests.conftest import made_take

CORNEA = 0.9
"""The foremost share of an eyeball's depth says where it looks."""


@pytest.fixture
def still(head: Head) -> Motion:
    """A head of some identity that faces the camera and does nothing."""
    motion = solve_take(made_take(head, 5))
    upright = np.tile(np.array([1, 0, 0, 0], np.float32), (5, 1))
    return replace(
        motion,
        expression=motion.expression * 0,
        blendshapes=motion.blendshapes * 0,
        rotation=upright,
    )


def drawn(built: Built) -> np.ndarray:
    """Vertices of the evaluated mesh in model axes."""
    final = built.mesh.evaluated_get(bpy.context.evaluated_depsgraph_get())
    points = np.empty(len(final.data.vertices) * 3, np.float32)
    final.data.vertices.foreach_get("co", points)
    return points.reshape(-1, 3) @ TO_SCENE


def with_unit(motion: Motion, **weights: float) -> Motion:
    blendshapes = motion.blendshapes.copy()
    for name, weight in weights.items():
        blendshapes[:, ARKIT_BLENDSHAPES.index(name)] = weight
    return replace(motion, blendshapes=blendshapes)


GAZE = [i for i, name in enumerate(ARKIT_BLENDSHAPES) if name.startswith("eyeLook")]


@pytest.mark.parametrize(
    ("weights", "axis", "sign"),
    [
        ({"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0}, 0, 1),
        ({"eyeLookInLeft": 1.0, "eyeLookOutRight": 1.0}, 0, -1),
        ({"eyeLookUpLeft": 1.0, "eyeLookUpRight": 1.0}, 1, 1),
        ({"eyeLookDownLeft": 1.0, "eyeLookDownRight": 1.0}, 1, -1),
    ],
)
def test_full_weight_turns_the_eyeballs_by_30_degrees_and_lids_follow(
    scene: bpy.types.Scene,
    head: Head,
    still: Motion,
    weights: dict[str, float],
    axis: int,
    sign: int,
) -> None:
    ahead = drawn(build_scene(scene, still, head))
    turned = drawn(build_scene(scene, with_unit(still, **weights), head))
    shown = shown_head(head)
    others = np.setdiff1d(np.arange(len(ahead)), np.concatenate(shown.eyes))
    follow = np.abs(shown.carry(head.blendshapes[GAZE])).max(axis=(0, 2)) > 0
    lids = np.isin(others, np.flatnonzero(follow))
    # The camera sees both heads from their middle, so that nothing but eyes and lids differs.
    moved = np.abs(turned[others] - ahead[others]).max(axis=1)
    assert moved[~lids].max() < 1e-5
    assert moved.max() > (2e-3 if axis else 0)  # lids go up and down with the gaze
    for vertices in shown.eyes:
        before, after = ahead[vertices], turned[vertices]
        middle = sphere_centre(before)
        front = before[:, 2] > np.quantile(before[:, 2], CORNEA)
        old, new = ((p[front] - middle).mean(axis=0) for p in (before, after))
        angle = np.arccos(old @ new / np.linalg.norm(old) / np.linalg.norm(new))
        assert np.degrees(angle) == pytest.approx(30, abs=2)
        assert sign * (new - old)[axis] > 0.004
        away = np.linalg.norm(after - middle, axis=1)
        assert np.abs(away - np.linalg.norm(before - middle, axis=1)).max() < 8e-4


def sphere_centre(points: np.ndarray) -> np.ndarray:
    """Centre of the sphere that points lie on."""
    flat = np.column_stack([2 * points, np.ones(len(points))])
    return np.linalg.lstsq(flat, (points**2).sum(axis=1), rcond=None)[0][:3]


def test_a_blink_hides_the_eyeballs_from_the_front(
    scene: bpy.types.Scene, head: Head, still: Motion
) -> None:
    shut = with_unit(still, eyeBlinkLeft=1.0, eyeBlinkRight=1.0)
    shut = replace(shut, expression=close_eyelids(shut.expression, shut.blendshapes, head))
    assert eyeball_rays(build_scene(scene, still, head), head) > 40
    assert eyeball_rays(build_scene(scene, shut, head), head) == 0


def eyeball_rays(built: Built, head: Head) -> int:
    """How many of the rays shot at the eyes from the front meet an eyeball first."""
    final = built.mesh.evaluated_get(bpy.context.evaluated_depsgraph_get())
    points, met = drawn(built), 0
    shown = shown_head(head)
    for vertices in shown.eyes:
        middle = points[vertices].mean(axis=0)
        for x in np.linspace(-0.012, 0.012, 13):
            for y in np.linspace(-0.012, 0.012, 13):
                start = TO_SCENE @ (middle + [x, y, 0.1])
                hit, _, _, face = final.ray_cast(start.tolist(), (0, 1, 0))
                met += hit and REGIONS[shown.regions[face]] in ("eye", "iris", "pupil")
    return met
