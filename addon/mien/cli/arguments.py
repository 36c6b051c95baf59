# SPDX-License-Identifier: GPL-3.0-or-later
"""Words that several commands share: what files end in, how a take is adjusted, where keys lie."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ..core.errors import MienError
from ..core.modes import CHOSEN_FACES, Faces, Hair, KeySet, NeutralFace, Timing
from ..core.solve.adjust import GAINS, USUAL, Adjustments, parse_gains
from ..core.solve.neutral import parse_neutral
from ..scene.timing import PLAIN, Keying

Value = TypeVar("Value")
Words = argparse.ArgumentParser | argparse._ArgumentGroup
"""What words are added to: a command, or a group of them in its help."""


def add_adjustments(parser: Words) -> None:
    """How a take is adjusted; the panel and ``mien.solve`` have the same with the same defaults."""
    parser.add_argument(
        "--smoothing", type=float, default=USUAL.smoothing, metavar="AMOUNT",
        help=f"how much jitter is taken out, 0 to 1 (default: {USUAL.smoothing:g})",
    )  # fmt: skip
    parser.add_argument(
        "--neutral", type=explained(parse_neutral), default=NeutralFace.AUTO, metavar="auto|off|SECONDS|FROM-TO",
        help="where the face is at rest, which is taken off (default: found by itself)",
    )  # fmt: skip
    parser.add_argument(
        "--gain", action="append", default=[], metavar="PART=FACTOR",
        help=f"how strongly a part moves: {', '.join(GAINS)}; may be given several times",
    )  # fmt: skip
    parser.add_argument(
        "--head-motion", action=argparse.BooleanOptionalAction, default=USUAL.head_motion,
        help="turn and move the head; otherwise only the face moves",
    )  # fmt: skip


def adjustments_of(arguments: argparse.Namespace) -> Adjustments:
    """What :func:`add_adjustments` was given.

    Raises:
        MienError: a value is out of its range.
    """
    return Adjustments(arguments.smoothing, parse_gains(arguments.gain), arguments.head_motion)


def add_keying(parser: Words, keys: bool = True) -> None:
    """Where keys lie in the scene.

    Args:
        parser: of the command.
        keys: whether Mien's own head is keyed, which has two sets of keys.
    """
    parser.add_argument(
        "--timing", choices=[t.value for t in Timing], default=PLAIN.timing,
        help="keys at the footage's own times, on whole scene frames, or a scene frame for each of its",
    )  # fmt: skip
    parser.add_argument(
        "--start-frame", type=float, metavar="FRAME",
        help="scene frame on which the footage begins (default: the scene's first)",
    )  # fmt: skip
    parser.add_argument(
        "--key-every",
        type=positive,
        default=PLAIN.step,
        metavar="N",
        help="key every so many frames",
    )
    parser.add_argument(
        "--tolerance", type=float, default=PLAIN.tolerance, metavar="AMOUNT",
        help="leave out keys that straight lines replace to within this (default: 0, which keeps all)",
    )  # fmt: skip
    if keys:
        parser.add_argument(
            "--keys", choices=[k.value for k in KeySet], default=PLAIN.keys,
            help="which shape keys move the face; the others are keyed and muted",
        )  # fmt: skip


def add_hair(parser: Words) -> None:
    """What hair Mien's own head has."""
    parser.add_argument(
        "--hair", choices=Hair, default=Hair.SHORT,
        help="style of the head's hair, in the actor's colour (default: %(default)s)",
    )  # fmt: skip


def add_capturing(parser: Words) -> None:
    """What is captured of some footage, and by which network."""
    parser.add_argument(
        "--fps", type=float, help="take at most so many frames a second; for images, their rate"
    )
    parser.add_argument(
        "--faces", choices=CHOSEN_FACES, default=Faces.LARGEST,
        help="the largest face, or all of them, each with a take and a head of its own",
    )  # fmt: skip
    parser.add_argument(
        "--refine", action=argparse.BooleanOptionalAction, default=True,
        help="then let the motion of the skin in the footage correct what the network said",
    )  # fmt: skip
    parser.add_argument(
        "--texture", action=argparse.BooleanOptionalAction, default=True,
        help="lay the actor's own skin on the head, as the footage shows it",
    )  # fmt: skip
    parser.add_argument(
        "--texture-sequence", action=argparse.BooleanOptionalAction, default=False,
        help="and let it change with every frame, by a folder of pictures beside the take, NAME.skin",
    )  # fmt: skip
    parser.add_argument(
        "--model",
        type=suffixed(".onnx"),
        metavar="ONNX",
        help="another network; by default the faster of the two that are shipped",
    )


def keying_of(arguments: argparse.Namespace) -> Keying:
    """What :func:`add_keying` was given.

    Raises:
        MienError: a value is out of its range.
    """
    return Keying(
        Timing(arguments.timing),
        arguments.key_every,
        arguments.tolerance,
        arguments.start_frame,
        KeySet(getattr(arguments, "keys", PLAIN.keys)),
    )


def explained(parse: Callable[[str], Value]) -> Callable[[str], Value]:
    """A reader of text for ``type=`` whose errors are shown as they are."""

    def convert(text: str) -> Value:
        try:
            return parse(text)
        except MienError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return convert


def suffixed(*suffixes: str) -> Callable[[str], Path]:
    """A path that ends in one of some suffixes, for ``type=``."""

    def convert(text: str) -> Path:
        path = Path(text)
        if path.suffix.lower() not in suffixes:
            raise argparse.ArgumentTypeError(f"{text!r} must end in {' or '.join(suffixes)}")
        return path

    return convert


def positive(text: str) -> int:
    """A whole number above 0, for ``type=``."""
    value = int(text) if text.isdigit() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return value
