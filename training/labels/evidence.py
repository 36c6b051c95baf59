# SPDX-License-Identifier: GPL-3.0-or-later
"""What is believed of each of the 52 weights before the points are seen."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from mien.core.model.arkit import ARKIT_UNITS, N_UNITS
from numpy.typing import NDArray

TABLE = Path(__file__).with_name("evidence.csv")
POINTS_SIGMA = 0.45
"""Spread of a weight about rest where there is no witness."""

FloatArray = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Evidence:
    """A normal prior and a price for each weight.

    Attributes:
        mean, sigma: ``(n,)`` of the weight before the points are seen.
        sparsity: ``(n,)`` L1 price of a weight of 1.
    """

    mean: FloatArray
    sigma: FloatArray
    sparsity: FloatArray

    def of(self, units: list[int]) -> "Evidence":
        """The same for some of the weights."""
        return Evidence(self.mean[units], self.sigma[units], self.sparsity[units])


def read_evidence(witness: FloatArray | None) -> Evidence:
    """What the table makes of a witness's scores ``(52,)``; without any, every weight is likely to rest."""
    if witness is None:
        zeros = np.zeros(N_UNITS)
        return Evidence(zeros, np.full(N_UNITS, POINTS_SIGMA), zeros)
    listened, sigma, sparsity = _table()
    return Evidence(listened * np.clip(witness, 0, 1), sigma, sparsity)


@lru_cache(maxsize=1)
def _table() -> tuple[FloatArray, FloatArray, FloatArray]:
    """Share of the witness in the mean, sigma, and sparsity, ``(52,)`` each; others rest."""
    listened, sigma, sparsity = np.zeros(N_UNITS), np.full(N_UNITS, 0.1), np.zeros(N_UNITS)
    lines = [line for line in TABLE.read_text().splitlines() if not line.startswith("#")]
    for row in csv.DictReader(lines):
        for k, unit in enumerate(ARKIT_UNITS):
            if unit.startswith(row["name"]):
                listened[k] = float(row["mean"] == "witness")
                sigma[k], sparsity[k] = float(row["sigma"]), float(row["sparsity"])
    return listened, sigma, sparsity
