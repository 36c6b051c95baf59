# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
from mien.core.refine.raster import rasterise

SQUARE = np.array([[2, 2, 0], [2, 7, 0], [7, 7, 0], [7, 2, 0]], np.float32)
TWO = np.array([[0, 1, 2], [0, 2, 3]], np.int32)


def test_two_triangles_cover_their_square_without_a_gap() -> None:
    seen = rasterise(SQUARE, TWO, 10, 12)
    covered = np.zeros((10, 12), bool)
    covered[2:8, 2:8] = True
    assert np.array_equal(seen.triangle >= 0, covered)
    assert np.allclose(seen.weights[covered].sum(axis=1), 1, atol=1e-5)
    corners = TWO[seen.triangle]
    where = np.einsum("hwk,hwkx->hwx", seen.weights, SQUARE[corners][..., :2])
    rows, columns = np.nonzero(covered)
    assert np.allclose(where[covered], np.stack([columns, rows], axis=1), atol=1e-3)


def test_the_nearest_is_seen_and_the_back_is_not() -> None:
    both = np.concatenate([SQUARE, SQUARE + [1, 1, 5]]).astype(np.float32)
    seen = rasterise(both, np.concatenate([TWO + 4, TWO]), 10, 12)
    assert seen.triangle[5, 5] in (0, 1)
    assert seen.depth[5, 5] == 5
    assert seen.triangle[2, 2] in (2, 3)
    assert (rasterise(both, TWO[:, ::-1], 10, 12).triangle == -1).all()


def test_what_lies_beside_the_picture_is_no_harm() -> None:
    far = SQUARE * 40 - 100
    assert (rasterise(far, TWO, 10, 12).triangle >= 0).all()
    assert (rasterise(SQUARE + 50, TWO, 10, 12).triangle == -1).all()
