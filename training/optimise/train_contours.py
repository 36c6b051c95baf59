# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.optimise.train_contours``: train the network of contours beside a trained regressor.

Half of what it learns from are photos with the points that the labelling tool found, so that it tells what real
edges look like, and half drawn faces, which do more than sitters do.
"""

from functools import partial
from pathlib import Path

import torch
from mien.core.assets import head_path
from mien.core.model.head import load_head
from mien.core.refine.contour_regions import REGIONS
from torch import Tensor
from torch.nn import functional

from ..networks.contours import ContourReader, in_region
from ..saving import save_tensors
from .contour_faces import ContourFaces, drawn_faces, photo_faces
from .objective import to_network_input
from .regressed_faces import BATCH, learn, reader_arguments

HELD_OUT = 1024
"""Crops of photos never trained on, by which the error is printed."""
MILLIMETRE = 1e-3
"""Errors up to so much count by their square, larger ones as they are: a millimetre is what the tool errs by."""
SHAPE_WEIGHT = 2.0
"""How much more it counts how points lie to each other than where all of them lie: of a contour the former is asked
(chosen by eye)."""
DISTANCES = (
    ("mouth's width", 0, (61, 291), 0), ("corners' heights", 0, (61, 291), 1), ("lips apart", 0, (14, 13), 1),
    ("brows apart", 1, (55, 285), 0), ("brows' heights", 1, (55, 285), 1),
)  # fmt: skip
"""What is printed of held-out faces: its name, region, two points and the axis of their distance."""


def main() -> None:
    """Draw faces, train, print how far off the contours are on photos never trained on."""
    parser = reader_arguments("contours", main.__doc__, 60_000, 8)
    parser.add_argument("--people", type=Path, help="file that made-up people are drawn with")
    parser.add_argument("--workers", type=int, default=2, help="processes that draw")
    arguments = parser.parse_args()
    if arguments.data is not None:
        parser.error("--data holds no points; leave it out")
    torch.manual_seed(arguments.seed)
    reader = ContourReader(load_head(head_path()))
    if arguments.start:
        reader.load_state_dict(torch.load(arguments.start, map_location="cpu", weights_only=True))
    weights, labels, seed = arguments.weights, arguments.labels, arguments.seed
    half = arguments.count // 2
    drawn = drawn_faces(weights, labels, seed, half, arguments.workers, arguments.people)
    photos = photo_faces(weights, labels, seed, half)
    faces = ContourFaces.joined([drawn, photos])
    held_out = photo_faces(weights, labels, seed + 1, HELD_OUT, held_out=True)
    learn(reader, faces, arguments.epochs, partial(loss, reader))
    print_errors(reader.eval(), held_out)
    save_tensors(reader.cpu().state_dict(), arguments.out)


def loss(reader: ContourReader, crop: Tensor, params: Tensor, faces: ContourFaces) -> Tensor:
    """What training minimises, on a batch of faces: how far points are off in each region, metres on the head.

    Args:
        reader: that learns.
        crop, params: what it sees (:func:`.regressed_faces.vary`).
        faces: that they belong to.
    """
    total = crop.new_zeros(())
    frames = reader.frames(params)
    for told, points in zip(reader.tell(crop, frames), wanted(faces, frames), strict=True):
        off = (told - points) / MILLIMETRE
        apart = off - off.mean(dim=1, keepdim=True)
        total = total + _robust(off) + SHAPE_WEIGHT * _robust(apart)
    return total


def _robust(off: Tensor) -> Tensor:
    return functional.smooth_l1_loss(off, torch.zeros_like(off))


@torch.no_grad()
def print_errors(reader: ContourReader, data: ContourFaces) -> None:
    """Print how far off points are, and how what they say of lips and brows goes with the truth."""
    told, true = [], []
    for start in range(0, len(data), BATCH):
        part = data.rows(torch.arange(start, min(start + BATCH, len(data))))
        crop = to_network_input(part.crop)
        frames = reader.frames(part.params)
        told.append(reader.tell(crop, frames))
        true.append(wanted(part, frames))
    here, there = ([torch.cat(parts) for parts in zip(*rows, strict=True)] for rows in (told, true))
    for region, one, other in zip(REGIONS, here, there, strict=True):
        print(f"{region.name} off by {float((one - other).norm(dim=2).mean()) / MILLIMETRE:.2f} mm")
    for name, number, pair, axis in DISTANCES:
        first, second = (REGIONS[number].points.index(point) for point in pair)
        both = [
            points[number][:, second, axis] - points[number][:, first, axis]
            for points in (here, there)
        ]
        print(f"{name}: correlation {float(torch.corrcoef(torch.stack(both))[0, 1]):.2f}")


def wanted(faces: ContourFaces, frames: list[Tensor]) -> list[Tensor]:
    """The points of each region as its reader should tell them, metres, by :meth:`ContourReader.frames`."""
    counts = [len(region.points) for region in REGIONS]
    return [
        in_region(points, frame)
        for frame, points in zip(frames, torch.split(faces.points, counts, dim=1), strict=True)
    ]


if __name__ == "__main__":
    main()
