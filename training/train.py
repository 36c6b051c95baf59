# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.train``: train a network on generated samples, for a time or some steps.

One step draws a batch out of the pool, varies it in the plane, and minimises the vertex distance
(equation 4, in its unsquared form), the weighted parameter distance (algorithm 2), the distance of
the landmarks, the auxiliary landmark regression (section 2.3), the units and the confidence.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import torch
from mien.core.assets import head_path
from mien.core.head import load_head
from mien.core.params import CROP_SIZE
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from .augment import augment
from .losses import FaceModel, fwpdc, lrr, vdc, vertex_distance
from .network import Regressor, ZScore, normalise
from .samples import Pool

WARM_UP = 4096
GROWTH = ((0.35, 64), (0.6, 96), (float("inf"), CROP_SIZE))
"""Until which share of the schedule which size of crop is trained on. Small crops teach the coarse
things at a third of the cost; the network has no layer that depends on the size."""
AVERAGE = 0.999
REUSE = 8.0
"""How many times a drawn sample is trained on, each time varied anew. On a few cores, drawing
waits for training, so that little of their time goes into samples; on a fast device training
waits for samples only past twice this."""
LOG_EVERY = 50
SAVE_SECONDS = 60.0


def step_losses(
    network: nn.Module, face: FaceModel, zscore: ZScore, batch: dict[str, Tensor], size: int
) -> dict[str, Tensor]:
    """All terms of the loss on one batch, each a mean over its faces, at a crop of ``size`` pixels."""
    crop = (
        normalise(batch["crop"]).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
    )
    crop, truth = augment(crop, batch["params"], size)
    device = crop.device.type
    with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
        out = network(crop)
    params = zscore.decode(out.params.float())
    here = batch["face"]
    share = here / here.sum().clamp(min=1)
    wanted, wanted68 = face.vertices(truth), face.landmarks(truth)
    placed, placed68 = face.vertices(params), face.landmarks(params)
    encoded, encoded_truth = zscore.encode(params), zscore.encode(truth)
    mask = batch["units_mask"] * here[:, None]
    units = functional.smooth_l1_loss(
        out.units.float().sigmoid(), batch["units"], reduction="none", beta=0.1
    )
    return {
        "vertices": (vertex_distance(placed, wanted) * share).sum(),
        "landmarks": (vertex_distance(placed68, wanted68) * share).sum(),
        "vdc": (vdc(placed, wanted) * share).sum(),
        "fwpdc": (fwpdc(params, truth, face) * share).sum(),
        "params": ((encoded - encoded_truth).abs().mean(dim=1) * share).sum(),
        "lrr": (lrr(out.landmarks.float(), wanted68) * share).sum(),
        "units": (units * mask).sum() / mask.sum().clamp(min=1),
        "face": functional.binary_cross_entropy_with_logits(out.face.float(), here),
    }


WEIGHTS = {
    "vertices": 10.0,
    "landmarks": 15.0,
    "params": 0.5,
    "lrr": 2.0,
    "units": 5.0,
    "face": 0.2,
}


def main() -> None:
    """Train; write checkpoints, a log and the averaged weights into the run's folder."""
    parser = argparse.ArgumentParser(prog="python -m training.train", description=main.__doc__)
    parser.add_argument("--backbone", default="mobilenet_x1")
    parser.add_argument("--labels", type=Path, default=Path("cache/labels.npz"))
    parser.add_argument("--out", type=Path, default=Path("runs/mobilenet_x1"))
    parser.add_argument(
        "--minutes", type=float, default=40.0, help="training time of the whole schedule"
    )
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--pool", type=int, default=30_000, help="samples kept for reuse")
    parser.add_argument("--clips", action="store_true", help="draw short clips (section 2.4)")
    parser.add_argument("--start", type=Path, help="weights of an earlier run to begin from")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    Trainer(arguments).run()


class Trainer:
    """A run: its network, its place in the schedule, its files."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.manual_seed(arguments.seed)
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cudnn.benchmark = True
        self.random = torch.Generator(self.device).manual_seed(arguments.seed)
        head = load_head(head_path())
        self.face = FaceModel(head).to(self.device)
        network = Regressor(arguments.backbone).to(self.device)
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = torch.optim.swa_utils.AveragedModel(
            self.network,
            multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(AVERAGE),  # type: ignore[no-untyped-call]
            use_buffers=True,
        )
        decayed = [p for p in self.network.parameters() if p.ndim > 1]
        plain = [p for p in self.network.parameters() if p.ndim <= 1]
        self.optimiser = torch.optim.AdamW(
            [{"params": decayed, "weight_decay": 0.02}, {"params": plain, "weight_decay": 0.0}],
            lr=arguments.rate,
        )
        self.zscore = ZScore().to(self.device)
        self.state: dict[str, Any] = {"step": 0, "seconds": 0.0}
        arguments.out.mkdir(parents=True, exist_ok=True)
        self.checkpoint = arguments.out / "checkpoint.pt"
        seed = arguments.seed
        if self.checkpoint.exists():
            self._resume()
            seed += self.state["step"]  # go on with new samples
        elif arguments.start:
            saved = torch.load(arguments.start, map_location=self.device, weights_only=True)
            self.network.load_state_dict(saved["average"])
            self.average.module.load_state_dict(saved["average"])
            self.zscore.load_state_dict(saved["zscore"])
            self.state["fitted"] = True
        self.pool = Pool(
            arguments.labels, seed, arguments.workers, arguments.pool, self.device, arguments.clips
        )

    def run(self) -> None:
        """Train to the end of the schedule."""
        begun = self.state["step"]
        self.pool.allow(WARM_UP)
        while not self.pool.ready(min(WARM_UP, self.arguments.pool)):
            time.sleep(0.2)
        if not self.state["step"] and not self.state.get("fitted"):
            seen = self.pool.first(min(WARM_UP, self.arguments.pool))
            faces = seen["params"][seen["face"] > 0]
            self.zscore.load_state_dict(ZScore(faces).state_dict())
        budget = self.arguments.minutes * 60
        bar = tqdm(total=int(budget), initial=int(self.state["seconds"]), unit="s")
        last = saved = time.monotonic()
        self.network.train()
        while self.state["seconds"] < budget:
            used = (self.state["step"] - begun) * self.arguments.batch
            self.pool.allow(WARM_UP + int(used / REUSE))
            if used > 2 * REUSE * self.pool.drawn:
                time.sleep(0.005)
            else:
                terms = self._step(self.state["seconds"] / budget)
                if self.state["step"] % LOG_EVERY == 0:
                    self._log(terms, bar)
            now = time.monotonic()
            self.state["seconds"] += now - last
            bar.update(int(self.state["seconds"]) - bar.n)
            last = now
            if now - saved > SAVE_SECONDS:
                self._save()
                saved = now
        self._save()
        self.pool.close()

    def _step(self, progress: float) -> dict[str, Tensor]:
        rate = self.arguments.rate * min(1.0, self.state["step"] / 300) * _cosine(progress)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        batch = self.pool.batch(self.arguments.batch, self.random)
        terms = step_losses(self.network, self.face, self.zscore, batch, _size(progress))
        loss = sum(WEIGHTS[name] * terms[name] for name in WEIGHTS)
        self.optimiser.zero_grad(set_to_none=True)
        assert isinstance(loss, Tensor)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), 2.0)
        self.optimiser.step()
        self.average.update_parameters(self.network)
        self.state["step"] += 1
        return {"loss": loss, **terms}

    def _log(self, terms: dict[str, Tensor], bar: "tqdm[Any]") -> None:
        row = {name: round(float(value.detach()), 5) for name, value in terms.items()}
        row |= {
            "step": self.state["step"],
            "seconds": round(self.state["seconds"], 1),
            "drawn": self.pool.drawn,
        }
        with (self.arguments.out / "log.jsonl").open("a") as file:
            file.write(json.dumps(row) + "\n")
        bar.set_postfix(lm=f"{row['landmarks']:.4f}", step=row["step"], drawn=self.pool.drawn)

    def _save(self) -> None:
        part = self.checkpoint.with_suffix(".part")
        torch.save(
            {
                "backbone": self.arguments.backbone,
                "network": self.network.state_dict(),
                "average": self.average.module.state_dict(),
                "counted": int(self.average.n_averaged),
                "optimiser": self.optimiser.state_dict(),
                "zscore": self.zscore.state_dict(),
                "random": self.random.get_state(),
                "state": self.state,
            },
            part,
        )
        part.replace(self.checkpoint)
        torch.save(
            {
                "backbone": self.arguments.backbone,
                "average": self.average.module.state_dict(),
                "zscore": self.zscore.state_dict(),
            },
            self.arguments.out / "weights.pt",
        )

    def _resume(self) -> None:
        saved = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        self.network.load_state_dict(saved["network"])
        self.average.module.load_state_dict(saved["average"])
        self.average.n_averaged.fill_(saved["counted"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.zscore.load_state_dict(saved["zscore"])
        self.random.set_state(saved["random"].cpu())
        self.state = saved["state"]


def _size(progress: float) -> int:
    return next(size for end, size in GROWTH if progress < end)


def _cosine(progress: float) -> float:
    return 0.5 * (1 + torch.cos(torch.tensor(progress * torch.pi)).item()) + 1e-3


if __name__ == "__main__":
    main()
