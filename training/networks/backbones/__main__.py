# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.networks.backbones``: sizes and costs beside the paper's."""

from . import BACKBONES
from .table5 import PAPER, measure


def main() -> None:
    """Print every backbone with 62 outputs at 120 pixels, and the paper's rows as counted there."""
    print(f"{'backbone':20} {'parameters':>11} {'MACs':>9}   counted as the paper does: paper")
    for name in BACKBONES:
        size, macs, _ = measure(name)
        line = f"{name:20} {size:9.2f} M {macs:7.1f} M"
        if name in PAPER:
            row = PAPER[name]
            size, _, macs = measure(name, row.size, row.outputs)
            line += f"   {size:.2f} M, {macs:.1f} M: {row.parameters:g} M, {row.macs:g} M"
            line += f" ({row.outputs} outputs at {row.size} pixels)"
        print(line)


if __name__ == "__main__":
    main()
