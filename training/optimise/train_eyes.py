# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.optimise.train_eyes``: train the eyes' network beside a trained regressor.

It learns on crops as the regressor lays its eyes on them, so that it knows the errors it will meet.
"""

import torch
from mien.core.assets import head_path
from mien.core.model.head import load_head
from torch import Tensor
from torch.nn import functional

from ..networks.eyes import EYE_BLENDSHAPES, KINDS, SIDES, EyeRefiner
from ..saving import save_tensors
from .objective import to_network_input
from .regressed_faces import RegressedFaces, learn, reader_arguments, regressed_faces_for

SHUT_WEIGHT = 3.0
"""How much more a shut eye counts: few are, and each must be noticed."""
BLINKS = torch.tensor([float(kind == "Blink") for _ in SIDES for kind in KINDS])
"""1 where a weight is a lid's that shuts, in the order of the network's answers."""
HELD_OUT = 512
"""Faces of photos never trained on, by which the correlation is printed."""


def main() -> None:
    """Draw faces, train, print the correlation of each weight on photos never trained on."""
    arguments = reader_arguments("eyes", main.__doc__, 20_000, 16).parse_args()
    torch.manual_seed(arguments.seed)
    reader = EyeRefiner(load_head(head_path()))
    if arguments.start:
        reader.load_state_dict(torch.load(arguments.start, map_location="cpu", weights_only=True))

    def loss(crop: Tensor, params: Tensor, rows: RegressedFaces) -> Tensor:
        wanted, mask = rows.blendshapes[:, EYE_BLENDSHAPES], rows.mask[:, EYE_BLENDSHAPES]
        said = functional.binary_cross_entropy_with_logits(
            reader(crop, params), wanted, reduction="none"
        )
        share = mask * (1 + (SHUT_WEIGHT - 1) * wanted * BLINKS.to(wanted.device))
        return (said * share).sum() / mask.sum().clamp(min=1)

    data, held_out = regressed_faces_for(arguments, HELD_OUT)
    learn(reader, data, arguments.epochs, loss)
    wanted = held_out.blendshapes[:, EYE_BLENDSHAPES].cpu()
    with torch.no_grad():
        said = reader.eval()(to_network_input(held_out.crop), held_out.params).cpu()
    for k, kind in enumerate(KINDS):
        sides = [k, k + len(KINDS)]
        both = torch.stack([said[:, sides].sigmoid().flatten(), wanted[:, sides].flatten()])
        print(f"eye{kind:10} correlation {float(torch.corrcoef(both)[0, 1]):.2f}")
    blinks = [0, len(KINDS)]
    place = best_threshold(said[:, blinks].flatten(), wanted[:, blinks].flatten() > 0.5)
    with torch.no_grad():
        reader.answer.bias[0] -= place
    save_tensors(reader.cpu().state_dict(), arguments.out)


def best_threshold(logits: Tensor, true: Tensor) -> float:
    """The logit above which a closed eye is told best (F1); it becomes one half.

    Closed eyes are rare, so that what is most likely is seldom over one half.
    """
    places = torch.linspace(-3, 3, 61)
    above = logits[:, None] > places
    hits = (above & true[:, None]).sum(dim=0)
    f1 = 2 * hits / (above.sum(dim=0) + true.sum()).clamp(min=1)
    return float(places[int(f1.argmax())])


if __name__ == "__main__":
    main()
