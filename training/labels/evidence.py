# SPDX-License-Identifier: GPL-3.0-or-later
"""What is believed of each of the 52 weights before the points are seen."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from mien.core.model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES
from numpy.typing import NDArray

TABLE = Path(__file__).with_name("evidence.csv")
"""How each weight is told from a photo; its own head says how its values were chosen."""
IDENTITY_SIGMA = 1.5
"""Spread of an identity's coefficients, in those of the people that were sampled, where a witness says what a face
does: at 1 the width of a mouth and the height of brows that are a person's own go into the weights."""
POINTS_SIGMA = 0.45
"""Spread of a weight about rest where there is no witness."""

FloatArray = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Evidence:
    """A normal prior and a price for each weight.

    Attributes:
        mean, sigma: ``(n,)`` of the weight before the points are seen.
        sparsity: ``(n,)`` L1 price of a weight of 1.
        identity_sigma: spread of each of the identity's coefficients.
    """

    mean: FloatArray
    sigma: FloatArray
    sparsity: FloatArray
    identity_sigma: float

    def of(self, blendshapes: list[int]) -> "Evidence":
        """The same for some of the weights."""
        return Evidence(
            self.mean[blendshapes],
            self.sigma[blendshapes],
            self.sparsity[blendshapes],
            self.identity_sigma,
        )


def read_evidence(witness: FloatArray | None) -> Evidence:
    """What the table makes of a witness's scores ``(52,)``; without any, every weight is likely to rest."""
    if witness is None:
        zeros = np.zeros(N_BLENDSHAPES)
        return Evidence(zeros, np.full(N_BLENDSHAPES, POINTS_SIGMA), zeros, 1.0)
    listened, sigma, sparsity = _table()
    return Evidence(listened * np.clip(witness, 0, 1), sigma, sparsity, IDENTITY_SIGMA)


@lru_cache(maxsize=1)
def _table() -> tuple[FloatArray, FloatArray, FloatArray]:
    """Share of the witness in the mean, sigma, and sparsity, ``(52,)`` each; others rest."""
    listened, sigma, sparsity = (
        np.zeros(N_BLENDSHAPES),
        np.full(N_BLENDSHAPES, 0.1),
        np.zeros(N_BLENDSHAPES),
    )
    lines = [line for line in TABLE.read_text().splitlines() if not line.startswith("#")]
    for row in csv.DictReader(lines):
        for k, unit in enumerate(ARKIT_BLENDSHAPES):
            if unit.startswith(row["name"]):
                listened[k] = float(row["mean"] == "witness")
                sigma[k], sparsity[k] = float(row["sigma"]), float(row["sparsity"])
    return listened, sigma, sparsity
