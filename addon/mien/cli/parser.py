# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be said on the command line."""

import argparse
from pathlib import Path

from ..core.version import VERSION
from ..scene.key_sets import BLENDSHAPES, KEY_SETS
from .batch import add_batch
from .export import add_export, add_import
from .retarget import add_retarget

PREVIEW_SUFFIXES = (".png", ".jpg", ".jpeg", ".mp4")


def build_parser(prog: str) -> argparse.ArgumentParser:
    """The parser of every command; ``prog`` is how the program was called."""
    parser = argparse.ArgumentParser(prog=prog, description="A video becomes an animated face.")
    parser.add_argument("--version", action="version", version=f"Mien {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_capture(commands.add_parser("capture", help="capture a face from footage"))
    add_export(commands.add_parser("export", help="write a take or a scene for other programs"))
    add_import(commands.add_parser("import", help="a recording of Live Link Face becomes a scene"))
    add_retarget(commands.add_parser("retarget", help="a take onto a character of yours"))
    info = commands.add_parser("info", help="print what a take holds")
    info.add_argument("take", type=Path)
    add_batch(commands.add_parser("batch", help="many clips onto many avatars"))
    demo = commands.add_parser("demo", help="capture the test clip of a talking man")
    demo.add_argument("--folder", type=Path, default=Path("out"), help="where the results go")
    return parser


def _add_capture(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("footage", type=Path, help="video file, folder of images, or one image")
    parser.add_argument(
        "--output", type=suffixed(".blend"), required=True, metavar="BLEND",
        help="scene with the animated head",
    )  # fmt: skip
    parser.add_argument(
        "--take", type=suffixed(".npz"), metavar="NPZ",
        help="where to keep the take (default: beside the scene, as NAME.take.npz)",
    )  # fmt: skip
    parser.add_argument("--start", type=float, metavar="SECONDS", help="where to begin")
    parser.add_argument("--end", type=float, metavar="SECONDS", help="where to stop")
    parser.add_argument(
        "--fps", type=float, help="take at most so many frames a second; for images, their rate"
    )
    parser.add_argument(
        "--preview", type=suffixed(*PREVIEW_SUFFIXES), metavar="PNG|MP4",
        help="around the face: footage, head over footage and head side by side",
    )  # fmt: skip
    add_keys(parser)
    parser.add_argument(
        "--refine", action=argparse.BooleanOptionalAction, default=True,
        help="then let the motion of the skin in the footage correct what the network said",
    )  # fmt: skip
    parser.add_argument(
        "--texture", action=argparse.BooleanOptionalAction, default=True,
        help="lay the actor's own skin on the head, as the footage shows it",
    )  # fmt: skip
    parser.add_argument("--threads", type=positive, default=1, help="threads of the network")


def add_keys(parser: argparse.ArgumentParser) -> None:
    """Which of the head's shape keys act."""
    parser.add_argument(
        "--keys", choices=KEY_SETS, default=BLENDSHAPES,
        help="which shape keys move the face; the others are keyed and muted",
    )  # fmt: skip


def suffixed(*suffixes: str) -> "type[Path]":
    """A path that ends in one of some suffixes, for ``type=``."""

    def convert(text: str) -> Path:
        path = Path(text)
        if path.suffix.lower() not in suffixes:
            raise argparse.ArgumentTypeError(f"{text!r} must end in {' or '.join(suffixes)}")
        return path

    return convert  # type: ignore[return-value]


def positive(text: str) -> int:
    """A whole number above 0, for ``type=``."""
    value = int(text) if text.isdigit() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return value
