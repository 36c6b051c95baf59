# SPDX-License-Identifier: GPL-3.0-or-later
"""What faces do: acts of several weights, drawn from the table ``acts.toml``."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from mien.core.model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES
from numpy.typing import NDArray

from ..labels.opposites import OPPOSITES

F = NDArray[np.float32]
Rng = np.random.Generator

TABLE = Path(__file__).with_name("acts.toml")
"""The acts."""
BOTH = "LR"
"""What a name in it ends with that stands for both sides."""
ONE_SIDED = 0.2
"""How many acts are done on one side only: people smile, sneer and lift a brow so."""
LEAN, SPREAD = 0.12, 0.2
"""Deviations of how much stronger one side is, and of each weight's share."""
_SIDES = ("Left", "Right")
"""What ARKit's names end with."""
_ONLY = [
    np.array([not n.endswith(other) or n in ("mouthLeft", "mouthRight", "jawLeft", "jawRight")
              for n in ARKIT_BLENDSHAPES], np.float32)
    for other in _SIDES
]  # fmt: skip
"""Masks ``(52,)`` that leave out the other side; what moves jaw or mouth sideways stays."""
_LEANING = np.array([n.endswith("Left") - float(n.endswith("Right")) for n in ARKIT_BLENDSHAPES])
"""1 for the left side, -1 for the right one, 0 for what has none."""


@dataclass(frozen=True)
class Acts:
    """Shares ``(n, 52)`` of the acts of mouth, of brows and eyes, and of the whole face."""

    mouth: F
    brows: F
    whole: F


@lru_cache(maxsize=1)
def load_acts() -> Acts:
    """Read the table.

    Raises:
        ValueError: it names what is not among the 52.
    """
    table = tomllib.loads(TABLE.read_text())
    return Acts(*(np.stack([_weights(a) for a in table[part].values()]) for part in
                  ("mouth", "brows", "whole")))  # fmt: skip


def _weights(act: dict[str, float]) -> F:
    out = np.zeros(N_BLENDSHAPES, np.float32)
    for name, share in act.items():
        sides = _SIDES if name.endswith(BOTH) else ("",)
        for side in sides:
            out[ARKIT_BLENDSHAPES.index(name.removesuffix(BOTH) + side)] = share
    return out


def draw_act(rng: Rng, acts: F) -> F:
    """Weights ``(52,)`` of one of some acts ``(n, 52)``, more often strong than faint."""
    shares = acts[rng.integers(len(acts))]
    strength = rng.beta(1.5, 1.0) * 1.1
    out = strength * shares * rng.normal(1, SPREAD, N_BLENDSHAPES).clip(0.3, 1.7)
    out = (
        out * _ONLY[rng.integers(2)]
        if rng.random() < ONE_SIDED
        else out * (1 + rng.normal(0, LEAN) * _LEANING)
    )
    return np.clip(out, 0, 1).astype(np.float32)


def consistent(blendshapes: F) -> F:
    """The same weights ``(52,)`` without opposites, and with lips that close no further than the jaw opens."""
    out = blendshapes.copy()
    for a, b in OPPOSITES:
        out[a if out[a] < out[b] else b] = 0
    close, jaw = ARKIT_BLENDSHAPES.index("mouthClose"), ARKIT_BLENDSHAPES.index("jawOpen")
    out[close] = min(out[close], out[jaw])
    return out
