# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.export``: trained weights to ONNX, everything the run time needs in the graph."""

import argparse
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from mien.core.assets import head_path
from mien.core.head import load_head
from mien.core.params import CROP_SIZE
from mien.core.regressor import LAYOUT

from .network import Regressor, ZScore, normalise

OPSET = 17


class Shipped(nn.Module):
    """Bytes in, raw parameters, weights and confidence out; the auxiliary head is dropped."""

    def __init__(self, network: Regressor, zscore: ZScore) -> None:
        super().__init__()
        self.network, self.zscore = network, zscore

    def forward(self, crop: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Crops ``(B, 120, 120, 3)`` uint8 BGR to params ``(B, 62)``, units ``(B, 52)``, ``(B,)``."""
        out = self.network(normalise(crop.permute(0, 3, 1, 2)))
        return self.zscore.decode(out.params), out.units.sigmoid(), out.face.sigmoid()


def load_weights(path: Path) -> Shipped:
    """The averaged weights of a run, ready to use."""
    saved = torch.load(path, map_location="cpu", weights_only=True)
    network, zscore = Regressor(saved["backbone"]), ZScore()
    network.load_state_dict(saved["average"])
    zscore.load_state_dict(saved["zscore"])
    return Shipped(network, zscore).eval()


def export(model: Shipped, path: Path, name: str) -> None:
    """Write a model as an ONNX file that :class:`mien.core.regressor.Regressor` loads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    axes = {0: "batch"}
    torch.onnx.export(
        model,
        (torch.zeros(1, CROP_SIZE, CROP_SIZE, 3, dtype=torch.uint8),),
        str(path),
        input_names=["crop"],
        output_names=["params", "units", "confidence"],
        dynamic_axes={"crop": axes, "params": axes, "units": axes, "confidence": axes},
        opset_version=OPSET,
        dynamo=False,
    )
    graph = onnx.load(str(path))
    stored = {
        "mien.model": name,
        "mien.version": LAYOUT,
        "mien.head": load_head(head_path()).id,
        "mien.licence": "CC0-1.0",
    }
    for key, value in stored.items():
        entry = graph.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.save(graph, str(path))


def main() -> None:
    """Export a run's weights."""
    parser = argparse.ArgumentParser(prog="python -m training.export", description=main.__doc__)
    parser.add_argument("weights", type=Path, help="weights.pt of a run")
    parser.add_argument("output", type=Path)
    parser.add_argument("--name", required=True, help="id stored in the file and in every take")
    arguments = parser.parse_args()
    export(load_weights(arguments.weights), arguments.output, arguments.name)
    print(f"{arguments.output}: {arguments.output.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
