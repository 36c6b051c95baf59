# SPDX-License-Identifier: GPL-3.0-or-later
"""The paper's table 5, and what our backbones measure beside it."""

from typing import NamedTuple

from mien.core.model.params import CROP_SIZE, N_PARAMS
from torch import nn

from ..flops import count_cost, count_parameters
from .registry import build_backbone


class PaperRow(NamedTuple):
    """A row of table 5, and what it was counted for.

    The paper's counts are met when every value that passes batch normalisation counts four. Its
    MobileNet-V3 was counted with crops of 128 pixels and with the 136 landmark outputs.

    Attributes:
        parameters, macs: in millions.
        size: side of the crop.
        outputs: numbers regressed.
    """

    parameters: float
    macs: float
    size: int = CROP_SIZE
    outputs: int = N_PARAMS


PAPER = {
    "mobilenet_x1": PaperRow(3.27, 183.5),
    "mobilenet_x075": PaperRow(1.86, 105.9),
    "mobilenet_v3_x05": PaperRow(1.65, 27.4, 128, N_PARAMS + 136),
    "resnet22": PaperRow(18.45, 2663.0),
}
NORMALISATION_COST = 4
"""Operations that the paper's counts have for each normalised number."""


def measure(
    name: str, size: int = CROP_SIZE, outputs: int = N_PARAMS
) -> tuple[float, float, float]:
    """Millions of parameters, of MACs, and of MACs as the paper counts them."""
    backbone = build_backbone(name)
    network = nn.Sequential(backbone, nn.Linear(backbone.width, outputs))
    cost = count_cost(network, size)
    as_paper = cost.macs + NORMALISATION_COST * cost.normalised
    return count_parameters(network) / 1e6, cost.macs / 1e6, as_paper / 1e6
