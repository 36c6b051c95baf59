# SPDX-License-Identifier: GPL-3.0-or-later
"""The room's light is taken off a baked skin, and the skin's own marks stay."""

import numpy as np
import pytest
from mien.core.model.head import Head
from mien.core.texture.delight import without_light
from mien.core.texture.plausible import face_of
from mien.core.texture.texels import Texels, texels_of
from mien.core.texture.views import vertex_normals

SIDE = 256
SKIN = np.array([110.0, 135, 185])
"""BGR."""


@pytest.fixture(scope="module")
def texels(head: Head) -> Texels:
    return texels_of(head, SIDE)


def lit(head: Head, texels: Texels, skin: np.ndarray) -> np.ndarray:
    """Colours of a skin ``(K, 3)`` under a warm lamp from the right and a dim sky."""
    normals = texels.at(vertex_normals(head.vertices, head))
    lamp = np.clip(normals @ np.array([0.7, 0.2, 0.68]), 0, 1)[:, None] * [0.55, 0.6, 0.7]
    return (skin * (0.3 + lamp)).astype(np.float32)


def on_face(head: Head, texels: Texels) -> np.ndarray:
    face, height = texels.at(np.column_stack([face_of(head), head.vertices[:, 1]])).T
    return (face > 0.9) & (height > -0.04)


def test_skin_of_one_colour_comes_out_even_and_as_bright_as_where_it_was_lit(
    head: Head, texels: Texels
) -> None:
    before = lit(head, texels, np.tile(SKIN, (len(texels.rows), 1)))
    seen = np.ones(len(before), np.float32)
    after = without_light(before, seen, head, texels)
    face = on_face(head, texels)
    spread = [np.std(np.log(c[face].mean(axis=1))) for c in (before, after)]
    assert spread[1] < 0.45 * spread[0]
    bright = np.percentile(before[face].mean(axis=1), 85)
    usual = [np.median(c[face].mean(axis=1)) for c in (before, after)]
    assert usual[0] < 0.7 * bright
    assert 0.75 * bright < usual[1] < 1.05 * bright


def test_a_mark_on_the_skin_stays(head: Head, texels: Texels) -> None:
    face = np.flatnonzero(on_face(head, texels))
    places = np.einsum("kc,kcx->kx", texels.weights, head.vertices[texels.corners])
    near = np.linalg.norm(places[face] - places[face[len(face) // 2]], axis=1)
    mark, around = face[near < 0.006], face[(near > 0.008) & (near < 0.014)]
    skin = np.tile(SKIN, (len(texels.rows), 1))
    skin[mark] *= 0.6
    after = without_light(lit(head, texels, skin), np.ones(len(skin), np.float32), head, texels)
    assert after[mark].mean() / after[around].mean() == pytest.approx(0.6, abs=0.08)


def test_colours_of_a_lamp_are_taken_back_to_what_skin_can_be(head: Head, texels: Texels) -> None:
    seen = np.ones(len(texels.rows), np.float32)
    for skin in ([70.0, 90, 190], [140.0, 140, 145 * 1.1]):
        before = np.tile(np.array(skin, np.float32), (len(seen), 1))
        blue, green, red = np.median(without_light(before, seen, head, texels), axis=0)
        assert 1.15 < red / green < 1.6
        assert 0.65 < blue / green < 1
    dark = np.tile(np.array([45.0, 60, 88], np.float32), (len(seen), 1))
    assert np.allclose(without_light(dark, seen, head, texels), dark, atol=1)
    grey = np.full((len(seen), 3), 120, np.float32)
    assert np.allclose(without_light(grey, seen, head, texels), grey, atol=1)


def test_where_no_face_was_seen_nothing_changes(head: Head, texels: Texels) -> None:
    colours = lit(head, texels, np.tile(SKIN, (len(texels.rows), 1)))
    nothing = np.zeros(len(colours), np.float32)
    assert np.array_equal(without_light(colours, nothing, head, texels), colours)
