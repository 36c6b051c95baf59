# SPDX-License-Identifier: GPL-3.0-or-later
"""What is exported: the trained networks as one, which computes what they do in fewer steps."""

import copy
from typing import cast

import torch
from mien.core.model.params import N_PARAMS
from torch import Tensor, nn

from ..networks.network import Regressor, ZScore
from .folding import ViewsByConvolution, fold_normalisation, grey_rows, on_rows, unfold_backbone
from .parts import Parts, Readers, unpack_parts

UNITS = ("units.weight", "units.bias")
"""Weights of the regressor's own word on the 52, which runs where there are no networks of the parts."""


class Shipped(nn.Module):
    """Bytes in, raw parameters, blendshape weights and confidence out.

    The auxiliary landmark head is left out. What the networks of eyes, mouth and brows say takes the place of
    what the regressor says of the same, which is all of the 52 weights; its own are then kept in
    :attr:`unused`, so that training can go on from the file.
    """

    def __init__(self, network: Regressor, zscore: ZScore, readers: Readers | None = None) -> None:
        super().__init__()
        network = copy.deepcopy(network).cpu().eval()
        fold_normalisation(network)
        first = cast(nn.Sequential, cast(nn.Sequential, network.backbone.body)[0])
        first[0] = on_rows(cast(nn.Conv2d, first[0]))
        if network.backbone.pool is not None:
            pool = ViewsByConvolution(network.backbone.pool)
            network.backbone.register_module("pool", pool)
        self.backbone, self.units = network.backbone, None if readers else network.units
        self.parts = Parts(readers) if readers else None
        self.unused = dict(zip(UNITS, network.units.parameters(), strict=True)) if readers else {}
        std = zscore.std.cpu()
        self.heads = nn.Linear(network.backbone.width, N_PARAMS + 1)
        with torch.no_grad():
            params, face = network.params, network.face
            self.heads.weight.copy_(torch.cat([params.weight * std[:, None], face.weight]))
            self.heads.bias.copy_(torch.cat([params.bias * std + zscore.mean.cpu(), face.bias]))

    def forward(self, crop: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Crops ``(N, 120, 120, 3)`` uint8 BGR to ``(N, 62)``, ``(N, 52)`` and ``(N,)``."""
        rows = grey_rows(crop)
        features = self.backbone(rows)
        params, face = torch.split(self.heads(features), [N_PARAMS, 1], dim=1)
        confidence = face.reshape(-1).sigmoid()
        if self.parts is not None:
            blendshapes, params = self.parts(rows, params)
            return params, blendshapes, confidence
        assert self.units is not None
        return params, self.units(features).sigmoid(), confidence


def unfold(stored: dict[str, Tensor]) -> None:
    """Give the tensors of an exported file the names and shapes that the trained networks have, in place.

    Batch normalisation stays in the convolutions, and the z-score in the layer of the parameters.

    Raises:
        KeyError: they are of no exported network.
    """
    unfold_backbone(stored)
    unpack_parts(stored)
    for kind in ("weight", "bias"):
        heads = stored[f"heads.{kind}"]
        stored[f"params.{kind}"], stored[f"face.{kind}"] = heads[:N_PARAMS], heads[N_PARAMS:]
