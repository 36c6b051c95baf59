# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.train_eyes``: train the eyes' network beside a trained regressor.

It learns on crops as the regressor lays its eyes on them, so that it knows the errors it will meet.
"""

import argparse
import math
from pathlib import Path

import torch
from mien.core.assets import head_path
from mien.core.head import load_head
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from .export import load_weights
from .eyes import EYE_UNITS, KINDS, SIDES, EyeReader
from .objective import unvaried
from .samples import draw_chunk, open_generator

RATE, DECAY, BATCH = 4e-3, 1e-2, 128
JITTER = 0.04
"""Standard deviation by which parameters are varied, in shares of the eye's place and size."""
SHUT_WEIGHT = 3.0
"""How much more a shut eye counts: few are, and each must be noticed."""
BLINKS = torch.tensor([float(kind == "Blink") for _ in SIDES for kind in KINDS])
HELD_OUT = 512


def main() -> None:
    """Draw faces, train, print the correlation of each weight on photos never trained on."""
    parser = argparse.ArgumentParser(prog="python -m training.train_eyes", description=main.__doc__)
    parser.add_argument("weights", type=Path, help="weights.pt of the regressor")
    parser.add_argument("--labels", type=Path, default=Path("cache/labels.npz"))
    parser.add_argument("--count", type=int, default=20_000, help="samples to draw")
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--out", type=Path, default=Path("runs/eyes.pt"))
    parser.add_argument("--start", type=Path, help="go on from these, on other samples (--seed)")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    network, zscore, _ = load_weights(arguments.weights)

    def lay(crop: Tensor) -> Tensor:
        with torch.no_grad():
            parts = [network.eval()(unvaried(part)).params for part in torch.split(crop, 256)]
        return zscore.decode(torch.cat(parts)).detach()

    def draw(count: int, held_out: bool) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        generator = open_generator(arguments.labels, arguments.seed, held_out=held_out)
        chunks = [
            draw_chunk(generator, False)
            for _ in tqdm(range(0, count, 64), unit=" chunks", disable=held_out)
        ]
        crop, face, units, mask = (
            torch.cat([c[name] for c in chunks]) for name in ("crop", "face", "units", "units_mask")
        )
        here = face > 0
        crop = crop[here]
        return crop, lay(crop), units[here][:, EYE_UNITS], mask[here][:, EYE_UNITS]

    reader = EyeReader(load_head(head_path()))
    if arguments.start:
        reader.load_state_dict(torch.load(arguments.start, map_location="cpu", weights_only=True))
    _train(reader, draw(arguments.count, False), arguments.epochs)
    crop, params, wanted, _ = draw(HELD_OUT, True)
    with torch.no_grad():
        said = reader.eval()(unvaried(crop), params)
    for k, kind in enumerate(KINDS):
        sides = [k, k + len(KINDS)]
        both = torch.stack([said[:, sides].sigmoid().flatten(), wanted[:, sides].flatten()])
        print(f"eye{kind:10} correlation {float(torch.corrcoef(both)[0, 1]):.2f}")
    blinks = [0, len(KINDS)]
    place = best_threshold(said[:, blinks].flatten(), wanted[:, blinks].flatten() > 0.5)
    with torch.no_grad():
        reader.answer.bias[0] -= place
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    torch.save(reader.state_dict(), arguments.out)


def best_threshold(logits: Tensor, true: Tensor) -> float:
    """The logit above which a closed eye is told best (F1); it becomes one half.

    Closed eyes are rare, so that what is most likely is seldom over one half.
    """
    places = torch.linspace(-3, 3, 61)
    above = logits[:, None] > places
    hits = (above & true[:, None]).sum(dim=0)
    f1 = 2 * hits / (above.sum(dim=0) + true.sum()).clamp(min=1)
    return float(places[int(f1.argmax())])


def _train(reader: EyeReader, data: tuple[Tensor, ...], epochs: int) -> None:
    count = len(data[0])
    optimiser = torch.optim.AdamW(reader.parameters(), RATE, weight_decay=DECAY)
    steps = epochs * (count // BATCH)
    bar = tqdm(total=steps, unit=" steps")
    step = 0
    for _ in range(epochs):
        for index in torch.split(torch.randperm(count), BATCH)[: count // BATCH]:
            crop, params, wanted, mask = (part[index] for part in data)
            for group in optimiser.param_groups:
                group["lr"] = (
                    RATE
                    * min(1.0, 20 * step / steps)
                    * 0.5
                    * (1 + math.cos(math.pi * step / steps))
                    + 1e-6
                )
            said = reader.train()(*_vary(unvaried(crop), params))
            loss = functional.binary_cross_entropy_with_logits(said, wanted, reduction="none")
            share = mask * (1 + (SHUT_WEIGHT - 1) * wanted * BLINKS)
            loss = (loss * share).sum() / mask.sum().clamp(min=1)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(reader.parameters(), 2.0)
            optimiser.step()
            step += 1
            bar.update()
            if step % 50 == 0:
                bar.set_postfix(loss=f"{float(loss):.4f}")


def _vary(crop: Tensor, params: Tensor) -> tuple[Tensor, Tensor]:
    """Other light and grain, and eyes that are not quite where they were said to be."""
    count = len(crop)
    light = (torch.randn(count, 1, 1, 1) * 0.2).exp()
    crop = crop * light + torch.randn(count, 3, 1, 1) * 0.1
    crop = crop + torch.randn(crop.shape) * (torch.rand(count, 1, 1, 1) ** 2 * 0.1)
    params = params.clone()
    params[:, :12] *= (torch.randn(count, 1) * JITTER).exp()
    params[:, [3, 7]] += torch.randn(count, 2) * 1.5
    return crop, params


if __name__ == "__main__":
    main()
