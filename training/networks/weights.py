# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of weights that a training run leaves."""

from pathlib import Path

import torch

from .network import Regressor, ZScore


def load_weights(path: Path) -> tuple[Regressor, ZScore, str]:
    """Read ``weights.pt`` of a run: the averaged network, its z-score, its backbone's name."""
    saved = torch.load(path, map_location="cpu", weights_only=True)
    network = Regressor(saved["backbone"])
    network.load_state_dict(saved["average"])
    zscore = ZScore()
    zscore.load_state_dict(saved["zscore"])
    return network, zscore, saved["backbone"]
