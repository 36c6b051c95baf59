# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.head.refine LABELS``: where the labelling tool's points lie, learnt from real photos.

Pictures of drawn heads, by which the points are first found (:mod:`training.head.correspond`), are not quite
photos to the tool. Here the head is laid on the photos, and each point slides over the skin to where it leaves
least on average; then the head is laid anew. Photos that are held out of training only measure it.

Writes the points into the head's file, which changes its name, and the labels for it. Nothing but labels
depends on these points: weights and landmarks stay what they are, and ``training.export`` names the new head.
"""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from mien.core.assets import head_path
from mien.core.head import Head, load_head
from scipy.sparse import coo_matrix
from tqdm import tqdm

from ..labels.fit import Fit, Fitter
from ..labels.store import label_photo, load_labels, load_seen, save_labels
from ..mediapipe_tool import Found
from ..split import split_photos
from .archive import FloatArray
from .card import refined
from .correspond import SurfacePoints, nearest_among, partners
from .topology import IntArray

ROUNDS = 2
"""More of them drift: the units begin to follow points that follow the units."""
REACH = 4
"""How many edges a point may slide in a round; it cannot jump from lip to lip."""
STAY = 0.01
"""Weight of a point's present place, in photos' weights; of depth most, which photos hardly show."""
DEPTH_STAYS = 0.02


def main() -> None:
    """Slide the points, write the head and the labels, print what is left on held-out photos."""
    parser = argparse.ArgumentParser(
        prog="python -m training.head.refine", description=main.__doc__
    )
    parser.add_argument("labels", type=Path, help="labels.npz of photos, which is written anew")
    parser.add_argument("--head", type=Path, default=head_path(), help="head.npz, likewise")
    arguments = parser.parse_args()
    head = load_head(arguments.head)
    photos, seen = load_labels(arguments.labels, head), load_seen(arguments.labels)
    trained = {id(photo) for photo in split_photos(photos)[0]}
    used = [found for photo, found in zip(photos, seen, strict=True) if id(photo) in trained]
    for _ in range(ROUNDS):
        head = slid(head, used)
    with np.load(arguments.head, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    arrays["mediapipe_corners"] = head.mediapipe_corners.astype(np.uint16)
    arrays["mediapipe_weights"] = head.mediapipe_weights.astype(np.float32)
    np.savez(arguments.head, **arrays)
    head, before = load_head(arguments.head), photos
    fitter = Fitter(head)
    photos = [
        label_photo(photo.name, photo.image, photo.points, found, fitter)
        for photo, found in zip(tqdm(before, unit="photo"), seen, strict=True)
    ]
    save_labels(arguments.labels, photos, seen, head)
    then, now = (
        np.mean([photo.residual for photo in split_photos(all_of_them)[1]])
        for all_of_them in (before, photos)
    )
    print(f"head {head.id}: left on held-out photos {then:.2%} -> {now:.2%} of the face's box")
    card = arguments.head.with_name("figures.md")
    if card.exists():
        card.write_text(refined(card.read_text(), head.id, float(then), float(now)))


def slid(head: Head, seen: list[Found]) -> Head:
    """The head, its 468 points moved over the skin to where photos have them.

    Args:
        head: laid on every photo as it is.
        seen: the tool's points of the photos.

    Returns:
        The same head but for ``mediapipe_corners`` and ``mediapipe_weights``; its id is the old one.
    """
    fitter = Fitter(head)
    away, certainty = wanted([left_over(fitter, f) for f in tqdm(seen, unit="photo")])
    away = (away + away[partners(head.at_mediapipe().mean)] * [-1, 1, 1]) / 2
    vertices = head.vertices.astype(float)
    skin = head.quads[np.isin(head.materials, (0, 1))]
    triangles = skin[:, [[0, 1, 2], [0, 2, 3]]].reshape(-1, 3)
    points = SurfacePoints(head.mediapipe_corners, head.mediapipe_weights.astype(float))
    places = points.on(vertices) + away
    # Distances count as photos see them: much across, little in depth.
    metric = np.linalg.cholesky(certainty + DEPTH_STAYS * np.eye(3))
    near = within_reach(points.corners, triangles, len(vertices))
    moved = [
        nearest_among(place[None] @ metric, vertices @ metric, triangles[candidates][None])[0]
        for place, candidates in zip(places, near, strict=True)
    ]
    return replace(
        head,
        mediapipe_corners=np.concatenate([p.corners for p in moved]).astype(np.int32),
        mediapipe_weights=np.concatenate([p.weights for p in moved]).astype(np.float32),
    )


@dataclass(frozen=True)
class LeftOver:
    """What a fit leaves of one photo.

    Attributes:
        away: ``(468, 2)`` from the head's points to the tool's in the picture, metres on the head, y up.
        turn: ``(3, 3)`` the head's rotation.
    """

    away: FloatArray
    turn: FloatArray


def left_over(fitter: Fitter, found: Found) -> LeftOver:
    """Lay the head on a photo, and see what is left."""
    fit: Fit = fitter.fit(found)
    scale = float(np.linalg.norm(fit.transform[0, :3]))
    placed = fitter.placed(fit)[:, :2]
    seen = found.points[:, :2] * np.array([1.0, -1.0])
    return LeftOver((seen - placed) / scale, fit.transform[:, :3] / scale)


def wanted(left: list[LeftOver]) -> tuple[FloatArray, FloatArray]:
    """How far ``(468, 3)`` each point should move on the head (metres), and how surely, ``(3, 3)``.

    Least squares over the photos: of each only the part across the line of sight is seen, so that depth is told
    by turned heads alone.
    """
    across = np.stack([photo.turn[:2] for photo in left])
    certainty = np.einsum("nij,nik->jk", across, across) / len(left)
    pull = np.einsum("nij,nki->kj", across, np.stack([photo.away for photo in left])) / len(left)
    return pull @ np.linalg.inv(certainty + STAY * np.eye(3)), certainty


def within_reach(corners: IntArray, triangles: IntArray, vertices: int) -> list[IntArray]:
    """For each of ``(k, 3)`` corners, which triangles lie within :data:`REACH` edges of them."""
    edges = np.concatenate([triangles[:, [a, b]] for a, b in ((0, 1), (1, 2), (2, 0))])
    edges = np.concatenate([edges, edges[:, ::-1]])
    step = coo_matrix((np.ones(len(edges)), edges.T), (vertices, vertices)).tocsr()
    reached = np.zeros((vertices, len(corners)))
    reached[corners.T, np.arange(len(corners))] = 1
    for _ in range(REACH):
        reached = np.minimum(reached + step @ reached, 1)
    return [np.flatnonzero(one) for one in (reached[triangles] > 0).all(axis=1).T]


if __name__ == "__main__":
    main()
