# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.optimise.train_confidence WEIGHTS``: teach a trained regressor what is no face.

Training shows one crop without a face in twelve, and faces so dark that nothing of them is left, from which the
confidence learns to believe in the dark. Here only its layer learns on: as many crops without a face as with one,
nothing at all among them, and no face that cannot be seen. All that is said of faces stays as it is.
"""

import argparse
import math
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from ..data.samples import open_generator
from ..generator.generator import Generator
from ..networks.weights import load_weights
from ..saving import save_tensors
from .descent import Descent
from .loop import Loop
from .objective import to_network_input
from .optimisers import adamw

COUNT = 3000
"""Crops of each kind: some twenty for each number of the layer's half that matters."""
NOTHING = 0.1
"""Share of the crops without a face that show nothing: black, of one colour, or noise."""
LEAST_SEEN = 8.0
"""Deviation of the bytes of a crop below which the face in it is not seen."""
STEPS, LEARNING_RATE, WEIGHT_DECAY = 400, 1e-3, 1e-2
"""Of one layer on features that are computed once, with their rate and weight decay (chosen by eye)."""


def main() -> None:
    """Draw crops, train the layer, write the weights with it."""
    parser = argparse.ArgumentParser(
        prog="python -m training.optimise.train_confidence", description=main.__doc__
    )
    parser.add_argument("weights", type=Path, help="weights.pt of the regressor")
    parser.add_argument("--labels", type=Path, default=Path("cache/labels.npz"))
    parser.add_argument("--people", type=Path, help="file that made-up people are drawn with")
    parser.add_argument("--count", type=int, default=COUNT, help="crops of each kind")
    parser.add_argument("--out", type=Path, default=Path("runs/confidence/weights.pt"))
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    saved = torch.load(arguments.weights, map_location="cpu", weights_only=True)
    network = load_weights(arguments.weights)[0].eval()
    crops, truth = draw(
        open_generator(arguments.labels, arguments.seed, people=arguments.people), arguments.count
    )
    unseen = draw(open_generator(arguments.labels, arguments.seed + 1, held_out=True), 300)
    with torch.no_grad():
        features = _features(network.backbone, crops)
        seen = _features(network.backbone, unseen[0])
    print(f"before: {_mistakes(network.face(seen), unseen[1])}")
    descent = Descent(network.face, partial(adamw, decay=WEIGHT_DECAY, longest=math.inf), None)

    def take(_: float) -> int:
        said = network.face(features).squeeze(1)
        descent.step(functional.binary_cross_entropy_with_logits(said, truth), LEARNING_RATE)
        return 1

    Loop(STEPS).run(take)
    print(f"after: {_mistakes(network.face(seen), unseen[1])}")
    saved["average"] |= {f"face.{name}": p.detach() for name, p in network.face.named_parameters()}
    save_tensors(saved, arguments.out)


def draw(generator: Generator, count: int) -> tuple[Tensor, Tensor]:
    """So many crops with a face that can be seen and as many without, and which is which.

    Returns:
        Bytes ``(2 count, 120, 120, 3)``, and 1 or 0 for each.
    """
    rng = generator.rng
    faces: list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]] = []
    bar = tqdm(total=count, unit=" crops", leave=False)
    while len(faces) < count:
        crop = generator.single()["crop"]
        if crop.std() > LEAST_SEEN:
            faces.append(crop)
            bar.update()
    others = [
        _nothing(rng) if rng.random() < NOTHING else generator.negative()["crop"]
        for _ in range(count)
    ]
    truth = torch.cat([torch.ones(count), torch.zeros(count)])
    return torch.from_numpy(np.stack(faces + others)), truth


def _nothing(rng: np.random.Generator) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """A crop that is black, of one colour, or noise."""
    colour = rng.uniform(0, 255, 3) * rng.choice([0.0, 0.1, 1.0])
    noise = rng.normal(size=(120, 120, 3)) * rng.choice([0.0, 2.0, 10.0, 60.0])
    return np.clip(colour + noise, 0, 255).astype(np.uint8)


def _features(backbone: torch.nn.Module, crops: Tensor) -> Tensor:
    return torch.cat([backbone(to_network_input(part)) for part in torch.split(crops, 128)])


def _mistakes(logits: Tensor, truth: Tensor) -> str:
    """Shares of faces called none, and of others called faces, at a confidence of 0.9."""
    sure = logits.detach().squeeze(1).sigmoid() >= 0.9
    missed = float((~sure[truth > 0.5]).float().mean())
    return f"{missed:.1%} of faces missed, {float(sure[truth < 0.5].float().mean()):.1%} of others taken"


if __name__ == "__main__":
    main()
