# SPDX-License-Identifier: GPL-3.0-or-later
"""Figure 10: one row of the ablation with networks of several widths and sizes of crop.

Samples are drawn at 120 pixels; larger crops are enlarged ones, which cost what large ones cost and show no more.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from mien.core.model.params import CROP_SIZE

from ..ablation.data import Budget
from ..ablation.rows import Row
from ..ablation.study import Study
from ..networks.backbones import build_backbone
from ..networks.flops import count_cost
from .plots import Network

FAMILIES = {
    "MobileNet": "mobilenet",
    "MobileNet-V2": "mobilenet_v2",
    "MobileNet-V3": "mobilenet_v3",
}
WIDTHS = {"0.25": "x025", "0.5": "x05", "0.75": "x075", "1": "x1"}
SMALL, LARGE = (CROP_SIZE, 128), 224
"""Sides of crops at every width, and at the widest alone."""


class Variant(NamedTuple):
    """A network of the figure: whose line it is on, what stands beside it, its backbone, its crops' side."""

    family: str
    label: str
    backbone: str
    size: int


def variants() -> list[Variant]:
    """All that the paper draws of its own."""
    out = []
    for family, stem in FAMILIES.items():
        for width, ending in WIDTHS.items():
            for size in (*SMALL, LARGE) if width == "1" else SMALL:
                out.append(Variant(family, f"{width}, {size}", f"{stem}_{ending}", size))
    return [*out, Variant("ResNet", f"22, {CROP_SIZE}", "resnet22", CROP_SIZE)]


def train_variants(
    chosen: list[Variant], row: Row, budget: Budget, seeds: int, folder: Path, labels: Path, workers: int
) -> Iterator[Network]:  # fmt: skip
    """Train a row with each network, all on the same samples.

    Args:
        chosen: networks.
        row: of :data:`training.ablation.rows.ROWS`.
        budget: whose backbone and size give way to the network's.
        seeds: of each.
        folder: for a study of each network, beside their samples.
        labels: of photos.
        workers: processes that draw samples.
    """
    for variant in chosen:
        own = replace(budget, backbone=variant.backbone, size=variant.size)
        place = folder / f"{variant.backbone}_{variant.size}"
        study = Study(place, labels, own, workers, folder / "samples")
        errors = [float(study.trained(row, seed)["balanced"]) for seed in range(seeds)]
        macs = count_cost(build_backbone(variant.backbone), variant.size).macs
        yield Network(variant.family, variant.label, macs, errors)
