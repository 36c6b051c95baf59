# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.deploy.export_contours``: write the network of contours as the ONNX file that ships."""

import argparse
from pathlib import Path

import torch
from mien.core.assets import contours_path, head_path
from mien.core.model.head import load_head
from mien.core.model.params import CROP_SIZE, N_PARAMS
from mien.core.refine.contour_reader import LAYOUT
from torch import Tensor, nn

from ..networks.contours import ContourReader
from ..networks.network import normalise
from .onnx_writing import traced, write_model


class ShippedContours(nn.Module):
    """What is exported: crops of bytes and raw parameters in, points out."""

    def __init__(self, reader: ContourReader) -> None:
        super().__init__()
        self.reader = reader.cpu().eval()

    def forward(self, crop: Tensor, params: Tensor) -> Tensor:
        """Crops ``(N, 120, 120, 3)`` uint8 BGR and ``(N, 62)`` to ``(N, K, 2)`` pixels."""
        told: Tensor = self.reader(normalise(crop).permute(0, 3, 1, 2), params)
        return told


def to_onnx(reader: ContourReader, path: Path, head_id: str) -> None:
    """Write the network with the signature of :class:`ShippedContours`.

    Args:
        reader: trained weights.
        path: file to write, whole or not at all.
        head_id: of the head that the parameters shape.
    """
    example = torch.zeros(1, N_PARAMS)
    example[:, [0, 5, 10]] = 400.0  # a head that looks ahead; one of no size has no up
    model = traced(
        ShippedContours(reader),
        (torch.zeros(1, CROP_SIZE, CROP_SIZE, 3, dtype=torch.uint8), example),
        ["crop", "params"],
        ["points"],
        {name: {0: "N"} for name in ("crop", "params", "points")},
    )
    write_model(model, {"mien.contours": LAYOUT, "mien.head": head_id}, path)


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(
        prog="python -m training.deploy.export_contours", description=main.__doc__
    )
    parser.add_argument(
        "weights", type=Path, help="what python -m training.optimise.train_contours wrote"
    )
    parser.add_argument("--out", type=Path, default=Path("runs/contours.onnx"))
    parser.add_argument(
        "--ship", action="store_true", help="write over the file that Mien ships, not to --out"
    )
    arguments = parser.parse_args()
    out = contours_path() if arguments.ship else arguments.out
    head = load_head(head_path())
    reader = ContourReader(head)
    reader.load_state_dict(torch.load(arguments.weights, map_location="cpu", weights_only=True))
    to_onnx(reader, out, head.id)
    print(f"{out}: {out.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
