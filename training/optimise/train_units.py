# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.optimise.train_units``: teach a trained network of mouth and brows some blendshapes anew.

Where the head has got another unit of a blendshape, its weight has to be said otherwise, and all else that was
learnt holds. So the last layer's rows of these blendshapes alone learn, and nothing else of the network changes.
"""

import torch
from mien.core.assets import head_path
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.head import load_head
from torch import Tensor, nn

from ..networks.details import DETAIL_BLENDSHAPES, SAID, MouthBrowRefiner
from ..saving import save_tensors
from .objective import blendshape_entropy, to_network_input
from .regressed_faces import RegressedFaces, learn, reader_arguments, regressed_faces_for

HELD_OUT = 2048
"""Faces of photos never trained on, by which is printed what came of it."""
NAMES = [ARKIT_BLENDSHAPES[k] for k in DETAIL_BLENDSHAPES]


def main() -> None:
    """Draw faces, train the rows of some blendshapes, print how they fare on photos never trained on."""
    parser = reader_arguments("units", main.__doc__, 40_000, 4)
    parser.add_argument("--units", nargs="+", required=True, choices=NAMES, metavar="NAME")
    arguments = parser.parse_args()
    if arguments.start is None:
        parser.error("--start names what train_details wrote")
    torch.manual_seed(arguments.seed)
    reader = MouthBrowRefiner(load_head(head_path()))
    reader.load_state_dict(torch.load(arguments.start, map_location="cpu", weights_only=True))
    data, held_out = regressed_faces_for(arguments, HELD_OUT)
    rows = [NAMES.index(name) for name in arguments.units]
    print_errors("before", reader, rows, held_out)
    teach(reader, rows, data, arguments.epochs)
    print_errors("after", reader, rows, held_out)
    save_tensors(reader.cpu().state_dict(), arguments.out)


def teach(reader: MouthBrowRefiner, rows: list[int], data: RegressedFaces, epochs: int) -> None:
    """Train rows of the layer of weights, in place.

    Args:
        reader: of which all else stays as it is.
        rows: places in :data:`.details.DETAIL_BLENDSHAPES`.
        data: to train on.
        epochs: how often each face is seen.
    """
    reader.to(data.crop.device).eval()
    said = nn.Linear(SAID, len(rows))
    with torch.no_grad():
        said.weight.copy_(reader.units.weight[rows])
        said.bias.copy_(reader.units.bias[rows])
    columns = [DETAIL_BLENDSHAPES[row] for row in rows]

    def loss(crop: Tensor, params: Tensor, faces: RegressedFaces) -> Tensor:
        with torch.no_grad():
            thought = reader.thought(crop, params)
        wanted, mask = faces.blendshapes[:, columns], faces.mask[:, columns]
        off = blendshape_entropy(said(thought), wanted) * mask
        return off.sum() / mask.sum().clamp(min=1)

    learn(said, data, epochs, loss)
    with torch.no_grad():
        reader.units.weight[rows] = said.weight
        reader.units.bias[rows] = said.bias


@torch.no_grad()
def print_errors(
    when: str, reader: MouthBrowRefiner, rows: list[int], data: RegressedFaces
) -> None:
    """Print the mean difference to the true weights, and of each blendshape the correlation with them."""
    reader.eval()
    parts = zip(
        torch.split(to_network_input(data.crop), 256), torch.split(data.params, 256), strict=True
    )
    said = torch.cat([reader(*part)[0].sigmoid() for part in parts])
    for row in rows:
        column = DETAIL_BLENDSHAPES[row]
        known = data.mask[:, column] > 0
        here, there = said[known, row], data.blendshapes[known, column]
        off = float((here - there).abs().mean())
        r = float(torch.corrcoef(torch.stack([here, there]))[0, 1])
        print(f"{when}: {NAMES[row]:20} off by {off:.3f}, correlation {r:.2f}")


if __name__ == "__main__":
    main()
