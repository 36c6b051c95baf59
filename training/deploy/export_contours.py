# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.deploy.export_contours``: write the network of contours as the ONNX file that ships."""

import argparse
from pathlib import Path

import torch
from mien.core.assets import contours_path, head_path
from mien.core.model.head import load_head
from mien.core.refine.contour_reader import LAYOUT
from mien.core.refine.contour_regions import REGIONS
from torch import Tensor, nn

from ..networks.contours import ContourReader
from ..networks.network import normalise
from .onnx_writing import traced, write_model


class ShippedContours(nn.Module):
    """What is exported: patches of bytes in, points out."""

    def __init__(self, reader: ContourReader) -> None:
        super().__init__()
        self.readers = nn.ModuleList(reader.cpu().eval().readers())

    def forward(self, *patches: Tensor) -> Tensor:
        """Patches ``(N, height, width, 3)`` uint8 BGR of all regions to ``(N, K, 2)`` metres in the regions."""
        return torch.cat(
            [
                reader(normalise(patch).permute(0, 3, 1, 2))
                for reader, patch in zip(self.readers, patches, strict=True)
            ],
            dim=1,
        )


def to_onnx(reader: ContourReader, path: Path, head_id: str) -> None:
    """Write the network with the signature of :class:`ShippedContours`.

    Args:
        reader: trained weights.
        path: file to write, whole or not at all.
        head_id: of the head whose parameters lay the regions on faces.
    """
    names = [region.name for region in REGIONS]
    patches = [torch.zeros(1, *region.size[::-1], 3, dtype=torch.uint8) for region in REGIONS]
    model = traced(
        ShippedContours(reader), tuple(patches), names, ["points"],
        {name: {0: "N"} for name in (*names, "points")},
    )  # fmt: skip
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
