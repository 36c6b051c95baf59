# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.optimise.train_details``: train the network of mouth and brows beside a trained regressor.

It learns on crops as the regressor lays them, so that it corrects the errors it will meet.
"""

from functools import partial

import torch
from mien.core.assets import head_path
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.head import load_head
from torch import Tensor

from ..geometry.face_model import FaceModel
from ..networks.details import DETAIL_BLENDSHAPES, MouthBrowRefiner, with_expression
from ..saving import save_tensors
from .losses import expression_distance, landmark_error
from .objective import blendshape_entropy, to_network_input
from .parallel import usual_device
from .regressed_faces import RegressedFaces, learn, reader_arguments, regressed_faces_for

HELD_OUT = 2048
"""Faces of photos never trained on, by which the gain is printed."""
BLENDSHAPES_WEIGHT, EXPRESSION_WEIGHT, LANDMARK_WEIGHT = 1.0, 5.0, 5.0
"""Of the weights' cross entropy, the expression's distances and the landmarks' (chosen by eye)."""
SQUARED_WEIGHT = 4e4
"""Of square metres: a distance of 2 mm counts 0.16."""


def main() -> None:
    """Draw faces, train, print what is gained on photos never trained on."""
    arguments = reader_arguments("details", main.__doc__, 40_000, 12).parse_args()
    torch.manual_seed(arguments.seed)
    head = load_head(head_path())
    reader, face = MouthBrowRefiner(head), FaceModel(head).to(usual_device())

    if arguments.start:
        reader.load_state_dict(torch.load(arguments.start, map_location="cpu", weights_only=True))
    data, held_out = regressed_faces_for(arguments, HELD_OUT)
    learn(reader, data, arguments.epochs, partial(loss, reader, face))
    print_gain(reader.eval(), face, held_out)
    save_tensors(reader.cpu().state_dict(), arguments.out)


def loss(
    reader: MouthBrowRefiner, face: FaceModel, crop: Tensor, params: Tensor, rows: RegressedFaces
) -> Tensor:
    """What training minimises, on a batch of faces.

    Distances alone would have the reader say the median, which is a mouth at rest wherever it is not sure;
    their squares ask for the mean.

    Args:
        reader: that learns.
        face: to place landmarks with.
        crop, params: what the reader sees (:func:`.laid.vary`).
        rows: the faces that they belong to.
    """
    blendshapes, expression = reader(crop, params)
    wanted, mask = rows.blendshapes[:, DETAIL_BLENDSHAPES], rows.mask[:, DETAIL_BLENDSHAPES]
    said = blendshape_entropy(blendshapes, wanted) * mask
    corrected = with_expression(rows.params, expression)
    moved, truth = face.expressions(corrected), face.expressions(rows.truth)
    placed, wanted68 = face.landmarks(corrected), face.landmarks(rows.truth)
    return (
        BLENDSHAPES_WEIGHT * said.sum() / mask.sum().clamp(min=1)
        + EXPRESSION_WEIGHT * expression_distance(moved, truth).mean()
        + SQUARED_WEIGHT * (moved - truth).square().sum(dim=1).mean()
        + LANDMARK_WEIGHT * landmark_error(placed, wanted68).mean()
    )


@torch.no_grad()
def print_gain(reader: MouthBrowRefiner, face: FaceModel, data: RegressedFaces) -> None:
    """Print how far off regressor and reader are on faces, and how each blendshape correlates with the true one."""
    blendshapes, expression = reader(to_network_input(data.crop), data.params)
    for name, params in (
        ("regressor", data.params), ("corrected", with_expression(data.params, expression))
    ):  # fmt: skip
        off = expression_distance(face.expressions(params), face.expressions(data.truth)).mean()
        error = landmark_error(face.landmarks(params), face.landmarks(data.truth)).mean()
        print(
            f"{name}: expression off by {float(off) * 100:.2f} mm, landmarks by {float(error):.2%}"
        )
    for k, blendshape in enumerate(DETAIL_BLENDSHAPES):
        known = data.mask[:, blendshape] > 0
        both = torch.stack([blendshapes[known, k].sigmoid(), data.blendshapes[known, blendshape]])
        print(
            f"{ARKIT_BLENDSHAPES[blendshape]:20} correlation {float(torch.corrcoef(both)[0, 1]):.2f}"
        )


if __name__ == "__main__":
    main()
