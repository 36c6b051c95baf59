# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be said on the command line."""

import argparse
from pathlib import Path

from ..core.version import VERSION
from .batch import add_batch
from .commands import add_capture
from .export import add_export, add_import
from .retarget import add_retarget


def build_parser(prog: str) -> argparse.ArgumentParser:
    """The parser of every command; ``prog`` is how the program was called."""
    parser = argparse.ArgumentParser(prog=prog, description="A video becomes an animated face.")
    parser.add_argument("--version", action="version", version=f"Mien {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add_capture(commands.add_parser("capture", help="capture a face from footage"))
    add_export(commands.add_parser("export", help="write a take or a scene for other programs"))
    add_import(commands.add_parser("import", help="a recording of Live Link Face becomes a scene"))
    add_retarget(commands.add_parser("retarget", help="a take onto a character of yours"))
    info = commands.add_parser("info", help="print what a take holds")
    info.add_argument("take", type=Path)
    add_batch(commands.add_parser("batch", help="many clips onto many avatars"))
    demo = commands.add_parser("demo", help="capture the test clip of a talking man")
    demo.add_argument("--folder", type=Path, default=Path("out"), help="where the results go")
    return parser
