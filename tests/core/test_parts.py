# SPDX-License-Identifier: GPL-3.0-or-later
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mien.core.assets import parts_path, texture_path
from mien.core.errors import ModelError
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.eyeballs import eyeballs
from mien.core.model.head import Head
from mien.core.model.parts import REGIONS, load_parts, shown_head, without_gaze
from mien.core.modes import Hair


def of(name: str, head: Head) -> np.ndarray:
    """Vertices of a region of the shown head."""
    shown = shown_head(head)
    found = np.unique(shown.faces[shown.regions == REGIONS.index(name)])
    return found[found >= 0]


def unit(head: Head, name: str) -> np.ndarray:
    return shown_head(head).carry(
        without_gaze(head.blendshapes, head)[ARKIT_BLENDSHAPES.index(name)]
    )


def test_the_heads_own_surface_keeps_its_numbers(head: Head) -> None:
    shown = shown_head(head)
    count = len(shown.kept)
    assert np.array_equal(shown.kept, np.arange(count))
    assert np.allclose(shown.vertices[:count], head.vertices[:count])
    assert head.landmark_corners.max() < count


def test_every_region_is_there_where_it_belongs(head: Head) -> None:
    vertices = shown_head(head).vertices
    places = {name: vertices[of(name, head)].mean(axis=0) for name in REGIONS}
    assert places["hair"][1] > places["brows"][1] > places["eye"][1] > places["lips"][1]
    assert places["pupil"][2] > places["iris"][2] > places["eye"][2]
    for name in ("brows", "lashes", "iris"):
        assert abs(places[name][0]) < 2e-3  # both sides


def test_the_lips_edge_is_even_on_both_sides_and_without_steps(head: Head) -> None:
    shown = shown_head(head)
    lips, skin = (shown.faces[shown.regions == REGIONS.index(n)] for n in ("lips", "skin"))
    edge = np.intersect1d(lips, skin)
    at = shown.vertices[edge]
    mirrored = np.linalg.norm(at[:, None] * [-1, 1, 1] - at[None], axis=2).min(axis=1)
    assert mirrored.max() < 1e-3
    touching = [(np.isin(face, edge)).sum() for face in lips]
    assert set(touching) <= {0, 1, 2}  # a step would have a face with three corners on the edge


def test_brows_follow_the_skin_and_lashes_the_lids(head: Head) -> None:
    raised = unit(head, "browInnerUp")[of("brows", head)]
    assert raised[:, 1].max() > 0.4 * unit(head, "browInnerUp")[:, 1].max()
    shut = unit(head, "eyeBlinkLeft")
    lashes = of("lashes", head)
    left = lashes[shown_head(head).vertices[lashes, 0] > 0]
    assert shut[left, 1].min() < -5e-3
    right = np.setdiff1d(lashes, left)
    assert np.abs(shut[right]).max() < 1e-3


def test_eyes_are_round_and_stay_where_the_gaze_turns_them(head: Head) -> None:
    shown = shown_head(head)
    for eye, ball, centre in zip(shown.eyes, eyeballs(head), head.eye_centres, strict=True):
        radius = np.linalg.norm(shown.vertices[eye] - centre, axis=1)
        assert np.ptp(radius) < 1e-4
        coarse = np.linalg.norm(head.vertices[ball] - centre, axis=1)
        assert abs(radius.mean() - coarse.mean()) < 5e-4
        assert np.abs(unit(head, "eyeLookOutLeft")[eye]).max() == 0
    moved = shown.carry(head.identity)[:, np.concatenate(shown.eyes)]
    assert np.abs(moved).max() > 1e-4  # they are a person's own


def test_upper_teeth_reach_below_the_upper_lip_and_stay_behind_closed_lips(head: Head) -> None:
    vertices = shown_head(head).vertices
    teeth, lips = vertices[of("teeth", head)], vertices[of("lips", head)]
    front = teeth[teeth[:, 2] > teeth[:, 2].max() - 4e-3]
    opening = head.vertices[head.landmark_corners[60:68]].mean(axis=(0, 1))[1]
    assert front[:, 1].min() < opening - 1e-3
    assert front[:, 2].max() < lips[np.abs(lips[:, 0]) < 0.01][:, 2].max() - 5e-3


def test_hair_can_be_another_or_none_and_nothing_else_moves(head: Head) -> None:
    bald, hair = shown_head(head, Hair.NONE), REGIONS.index("hair")
    assert hair not in bald.regions
    count = len(bald.vertices)
    seen = []
    for style in list(Hair)[1:]:
        shown = shown_head(head, style)
        assert np.array_equal(shown.vertices[:count], bald.vertices)
        assert np.array_equal(shown.faces[shown.regions != hair], bald.faces)
        assert all(map(np.array_equal, shown.eyes, bald.eyes))
        seen.append((shown.regions == hair).sum())
        assert seen[-1] > 300
    assert len(set(seen)) == len(seen)


def test_the_neck_ends_in_a_level_base_without_a_hole(head: Head) -> None:
    bald = shown_head(head, Hair.NONE)
    _, place = np.unique(bald.vertices.round(6), axis=0, return_inverse=True)
    low = bald.vertices[bald.faces, 1].max(axis=1) < -0.08
    faces = bald.faces[low & (bald.regions == REGIONS.index("skin"))]
    edges: dict[tuple[int, int], int] = {}
    number: dict[int, int] = {}
    for face in faces:
        corners = face[face >= 0]
        for a, b in zip(corners, np.roll(corners, -1), strict=True):
            ends = int(place[a]), int(place[b])
            edges[ends] = edges.get(ends, 0) + 1
            number[ends[0]] = int(a)
    assert max(edges.values()) == 1  # every face is turned outwards as its neighbours are
    open_ = [number[a] for a, b in edges if (b, a) not in edges]
    assert bald.vertices[open_, 1].min() > -0.11  # where the rest of the skin goes on
    lowest = bald.vertices[bald.vertices[:, 1] < bald.vertices[:, 1].min() + 1e-6]
    assert np.ptp(lowest[:, 0]) > 0.08
    assert np.ptp(lowest[:, 2]) > 0.06


def test_a_file_for_another_head_or_a_broken_one_is_refused(head: Head, tmp_path: Path) -> None:
    other = replace(head, quads=head.quads[:-1])
    with pytest.raises(ModelError, match="does not fit the head: face_regions"):
        load_parts(parts_path(), other)
    broken = tmp_path / "parts.npz"
    with pytest.raises(ModelError, match="do not exist"):
        load_parts(broken, head)
    broken.write_bytes(parts_path().read_bytes()[:1000])
    with pytest.raises(ModelError, match="holds no parts"):
        load_parts(broken, head)
    with np.load(parts_path()) as file:
        arrays = dict(file)
    arrays["corners"] = arrays["corners"].copy()
    arrays["corners"][0, 0] = len(head.vertices)
    np.savez(broken, **arrays)
    with pytest.raises(ModelError, match="corners"):
        load_parts(broken, head)


@pytest.mark.parametrize(
    "name", ["skin.jpg", "eye.jpg", "hair_short.png", "hair_combed.png", "brows.png", "teeth.png"]
)
def test_the_textures_ship(name: str) -> None:
    assert texture_path(name).stat().st_size > 10_000
