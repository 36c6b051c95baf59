# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.optimise.train_details``: train the network of mouth and brows beside a trained regressor.

It learns on crops as the regressor lays them, so that it corrects the errors it will meet.
"""

from functools import partial

import torch
from mien.core.assets import head_path
from mien.core.model.arkit import ARKIT_UNITS
from mien.core.model.head import load_head
from torch import Tensor
from torch.nn import functional

from ..geometry.face_model import FaceModel
from ..networks.details import DETAIL_UNITS, DetailReader, with_expression
from .losses import expression_distance, landmark_error
from .objective import FULL_WEIGHT, unvaried
from .parallel import usual_device
from .regressed_faces import Laid, laid_for, learn, reader_arguments

HELD_OUT = 2048
UNITS_WEIGHT, EXPRESSION_WEIGHT, LANDMARK_WEIGHT = 1.0, 5.0, 5.0
SQUARED_WEIGHT = 4e4
"""Of square metres: a distance of 2 mm counts 0.16."""


def main() -> None:
    """Draw faces, train, print what is gained on photos never trained on."""
    arguments = reader_arguments("details", main.__doc__, 40_000, 12).parse_args()
    torch.manual_seed(arguments.seed)
    head = load_head(head_path())
    reader, face = DetailReader(head), FaceModel(head).to(usual_device())

    if arguments.start:
        reader.load_state_dict(torch.load(arguments.start, map_location="cpu", weights_only=True))
    data, held_out = laid_for(arguments, HELD_OUT)
    learn(reader, data, arguments.epochs, partial(loss, reader, face))
    print_gain(reader.eval(), face, held_out)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    torch.save(reader.cpu().state_dict(), arguments.out)


def loss(reader: DetailReader, face: FaceModel, crop: Tensor, params: Tensor, rows: Laid) -> Tensor:
    """What training minimises, on a batch of faces.

    Distances alone would have the reader say the median, which is a mouth at rest wherever it is not sure;
    their squares ask for the mean.

    Args:
        reader: that learns.
        face: to place landmarks with.
        crop, params: what the reader sees (:func:`.laid.vary`).
        rows: the faces that they belong to.
    """
    units, expression = reader(crop, params)
    wanted, mask = rows.units[:, DETAIL_UNITS], rows.mask[:, DETAIL_UNITS]
    said = functional.binary_cross_entropy_with_logits(units, wanted, reduction="none")
    said = said * mask * (1 + (FULL_WEIGHT - 1) * wanted)
    corrected = with_expression(rows.params, expression)
    moved, truth = face.expressions(corrected), face.expressions(rows.truth)
    placed, wanted68 = face.landmarks(corrected), face.landmarks(rows.truth)
    return (
        UNITS_WEIGHT * said.sum() / mask.sum().clamp(min=1)
        + EXPRESSION_WEIGHT * expression_distance(moved, truth).mean()
        + SQUARED_WEIGHT * (moved - truth).square().sum(dim=1).mean()
        + LANDMARK_WEIGHT * landmark_error(placed, wanted68).mean()
    )


@torch.no_grad()
def print_gain(reader: DetailReader, face: FaceModel, data: Laid) -> None:
    """Print how far off regressor and reader are on faces, and how each unit correlates with the true one."""
    units, expression = reader(unvaried(data.crop), data.params)
    for name, params in (
        ("regressor", data.params), ("corrected", with_expression(data.params, expression))
    ):  # fmt: skip
        off = expression_distance(face.expressions(params), face.expressions(data.truth)).mean()
        error = landmark_error(face.landmarks(params), face.landmarks(data.truth)).mean()
        print(
            f"{name}: expression off by {float(off) * 100:.2f} mm, landmarks by {float(error):.2%}"
        )
    for k, unit in enumerate(DETAIL_UNITS):
        known = data.mask[:, unit] > 0
        both = torch.stack([units[known, k].sigmoid(), data.units[known, unit]])
        print(f"{ARKIT_UNITS[unit]:20} correlation {float(torch.corrcoef(both)[0, 1]):.2f}")


if __name__ == "__main__":
    main()
