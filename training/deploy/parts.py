# SPDX-License-Identifier: GPL-3.0-or-later
"""The networks of eyes, mouth and brows as one: they look one after the other, and think and answer together."""

import copy
from typing import NamedTuple, cast

import torch
from mien.core.model.arkit import N_BLENDSHAPES
from mien.core.model.params import N_EXPRESSION, N_PARAMS
from torch import Tensor, nn
from torch.nn import functional

from ..networks.details import DETAIL_BLENDSHAPES, REGIONS, SAID, SEEN, Looked, MouthBrowRefiner
from ..networks.eyes import EYE_BLENDSHAPES, N_KINDS, EyeRefiner
from ..networks.patches import EVEN
from .folding import CONTRAST, fold_normalisation
from .patch_sampler import PatchSampler

FACING = 3
"""Numbers that say where the head faces: the third row of its rotation."""
_LOOKED = len(REGIONS) * SEEN
_READ = _LOOKED + FACING + N_EXPRESSION
"""What the network of mouth and brows thinks of comes first; what was seen of both eyes stands behind it."""
_EYE = 64
"""What the eyes' network sees of an eye, and how much it thinks of it."""


class Readers(NamedTuple):
    """The networks of the parts of a face, trained on the weights that they ship with."""

    eyes: EyeRefiner
    details: MouthBrowRefiner


class Parts(nn.Module):
    """Crops and their parameters to the 52 weights, and to parameters whose expression is corrected.

    What both networks do with what they see is packed into two layers, with zeros between what belongs to one
    and what belongs to the other.
    """

    def __init__(self, readers: Readers) -> None:
        super().__init__()
        eyes, details = copy.deepcopy(readers)
        for reader in (eyes, details):
            fold_normalisation(reader.cpu().eval())
        self.sample = PatchSampler(eyes, details)
        self.eyes, self.details = (
            nn.ModuleDict({"see": eyes.see}),
            nn.ModuleDict({"looks": details.looks}),
        )
        self.think = nn.Linear(_READ + 2 * _EYE, SAID + 2 * _EYE)
        self.answer = nn.Linear(SAID + 2 * _EYE, N_BLENDSHAPES + N_EXPRESSION)
        with torch.no_grad():
            self._pack(eyes, details)

    def _pack(self, eyes: EyeRefiner, details: MouthBrowRefiner) -> None:
        for layer in (self.think, self.answer):
            layer.weight.zero_()
        think, say = (cast(nn.Linear, layers[0]) for layers in (details.think, eyes.say))
        self.think.weight[:SAID, :_READ] = think.weight
        self.think.bias[:SAID] = think.bias
        self.answer.weight[DETAIL_BLENDSHAPES, :SAID] = details.units.weight
        self.answer.bias[DETAIL_BLENDSHAPES] = details.units.bias
        self.answer.weight[N_BLENDSHAPES:, :SAID] = details.correction.weight
        self.answer.bias[N_BLENDSHAPES:] = details.correction.bias
        for eye, mirror in enumerate((1, -1)):
            thought = slice(SAID + eye * _EYE, SAID + (eye + 1) * _EYE)
            own, other = _READ + eye * _EYE, _READ + (1 - eye) * _EYE
            self.think.weight[thought, own : own + _EYE] = say.weight[:, :_EYE]
            self.think.weight[thought, other : other + _EYE] = say.weight[:, _EYE : 2 * _EYE]
            turn = say.weight[:, 2 * _EYE :] * torch.tensor([mirror, 1, 1])
            self.think.weight[thought, _LOOKED : _LOOKED + FACING] = turn
            self.think.bias[thought] = say.bias
            units = EYE_BLENDSHAPES[eye * N_KINDS : (eye + 1) * N_KINDS]
            self.answer.weight[units, thought] = eyes.answer.weight
            self.answer.bias[units] = eyes.answer.bias

    def forward(self, rows: Tensor, params: Tensor) -> tuple[Tensor, Tensor]:
        """Weights ``(B, 52)`` and parameters ``(B, 62)``.

        Args:
            rows: ``(B, 1, 120, 360)`` of :func:`training.deploy.folding.grey_rows`.
            params: ``(B, 62)`` raw.
        """
        facing, patches = self.sample(rows, params)
        *parts, eyes = (_evenly_lit(patch) for patch in patches)
        looks = zip(cast(nn.ModuleList, self.details["looks"]), parts, strict=True)
        seen = [cast(Looked, look).after(part) for look, part in looks]
        both = self.eyes["see"](eyes).reshape(-1, 2 * _EYE)
        fixed, expression = torch.split(params, [N_PARAMS - N_EXPRESSION, N_EXPRESSION], dim=1)
        thought = self.think(torch.cat([*seen, facing, expression, both], dim=1)).relu()
        logits, more = torch.split(self.answer(thought), [N_BLENDSHAPES, N_EXPRESSION], dim=1)
        return logits.sigmoid(), torch.cat([fixed, expression + more], dim=1)


def _evenly_lit(patch: Tensor) -> Tensor:
    """As :func:`training.networks.patches.evenly_lit`, of what was not divided."""
    shape = [int(n) for n in patch.shape[1:]]  # a constant to the exporter
    return functional.layer_norm(patch, shape, eps=EVEN * CONTRAST**2)


def unpack_parts(stored: dict[str, Tensor]) -> None:
    """Give the layers of both networks their own names and shapes again among a file's tensors, in place."""
    if "parts.think.weight" not in stored:
        return
    for name in list(stored):
        for part in ("eyes", "details"):
            if name.startswith(f"parts.{part}."):
                stored[name.removeprefix("parts.")] = stored.pop(name)
    think, say = stored["parts.think.weight"], stored["parts.think.bias"]
    answer, offset = stored["parts.answer.weight"], stored["parts.answer.bias"]
    left, unit = slice(SAID, SAID + _EYE), EYE_BLENDSHAPES[:N_KINDS]
    turn = think[left, _LOOKED : _LOOKED + FACING]
    stored |= {
        "details.think.0.weight": think[:SAID, :_READ],
        "details.think.0.bias": say[:SAID],
        "details.units.weight": answer[DETAIL_BLENDSHAPES, :SAID],
        "details.units.bias": offset[DETAIL_BLENDSHAPES],
        "details.correction.weight": answer[N_BLENDSHAPES:, :SAID],
        "details.correction.bias": offset[N_BLENDSHAPES:],
        "eyes.say.0.weight": torch.cat([think[left, _READ:], turn], dim=1),
        "eyes.say.0.bias": say[left],
        "eyes.answer.weight": answer[unit, left],
        "eyes.answer.bias": offset[unit],
    }
