# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.head``: build the head, its contact sheet and its figures."""

import argparse
from pathlib import Path

from ..saving import save_text
from .archive import fetch
from .build import build_head
from .card import figures
from .sheet import write_sheet


def main() -> None:
    """Build everything into the output folder and print the figures of the model card."""
    parser = argparse.ArgumentParser(prog="python -m training.head", description=main.__doc__)
    parser.add_argument("--cache", type=Path, default=Path("cache"), help="where the wheel is kept")
    parser.add_argument("--output", type=Path, default=Path("models/head"))
    arguments = parser.parse_args()
    head, report = build_head(fetch(arguments.cache), arguments.output / "head.npz")
    write_sheet(head, arguments.output / "contact_sheet.png")
    text = figures(head, report)
    save_text(arguments.output / "figures.md", text + "\n")
    print(text)


if __name__ == "__main__":
    main()
