# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.head.unit_sizes``: give the units of a head the size that faces and artists give them.

Multiplies and mixes the 52 units by the table ``unit_sizes.csv``, and what they are in expression coefficients
along with them; the ten components stay as they are. Writes the head's file, which changes its name. To be run once
on a head as it was refined.
"""

import argparse
import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
from mien.core.assets import head_path
from mien.core.model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES
from mien.core.model.head import Head, load_head
from numpy.typing import NDArray

from .rewrite import rewrite

TABLE = Path(__file__).with_name("unit_sizes.csv")


def main() -> None:
    """Resize the units of the head's file."""
    parser = argparse.ArgumentParser(
        prog="python -m training.head.unit_sizes", description=main.__doc__
    )
    parser.add_argument("--head", type=Path, default=head_path(), help="head.npz, written anew")
    arguments = parser.parse_args()
    head = rewrite(arguments.head, resized(load_head(arguments.head), read_sizes(TABLE)))
    print(f"head {head.id}")


def read_sizes(path: Path) -> NDArray[np.float32]:
    """How much of each source unit ``(52, 52)`` is in each of the 52 blendshapes; itself where the table is silent.

    Raises:
        ValueError: a row names no blendshape, or its size is not above 0.
    """
    sizes = np.eye(N_BLENDSHAPES, dtype=np.float32)
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    for row in csv.DictReader(lines):
        named = [k for k, unit in enumerate(ARKIT_BLENDSHAPES) if unit.startswith(row["name"])]
        if not named or float(row["size"]) <= 0:
            raise ValueError(f"{path}: {row['name']} is no unit, or its size is not above 0")
        for unit in named:
            sizes[unit, unit] = float(row["size"])
            if row.get("with"):
                side = ARKIT_BLENDSHAPES[unit].removeprefix(row["name"])
                sizes[unit, _place(row["with"] + side, path)] = float(row["share"])
    return sizes


def _place(unit: str, path: Path) -> int:
    if unit not in ARKIT_BLENDSHAPES:
        raise ValueError(f"{path}: {unit} is no unit to mix with")
    return ARKIT_BLENDSHAPES.index(unit)


def resized(head: Head, sizes: NDArray[np.float32]) -> Head:
    """The same head with blendshapes multiplied and mixed by ``(52, 52)`` shares of them."""
    return replace(
        head,
        blendshapes=np.tensordot(sizes, head.blendshapes, axes=1).astype(np.float32),
        blendshapes_to_expression=(sizes @ head.blendshapes_to_expression).astype(np.float32),
    )


if __name__ == "__main__":
    main()
