# SPDX-License-Identifier: GPL-3.0-or-later
"""``mien retarget``: a take onto a character."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ..api import load_take, performance, read_live_link, solve
from ..core.errors import MienError
from ..core.modes import NeutralFace
from ..core.outputs import check_outputs
from ..core.performance.performance import Performance
from ..core.retarget.files import save_table
from ..core.solve.adjust import USUAL, Adjustments
from ..core.solve.neutral import Neutral
from ..scene.write import require_blender
from ..terminal.printing import tell, warn
from .arguments import add_adjustments, add_keying, adjustments_of, keying_of, suffixed


def add_retarget(parser: ArgumentParser) -> None:
    """The words of ``mien retarget``."""
    parser.add_argument(
        "--take", type=suffixed(".npz", ".csv"), required=True, metavar="NPZ|CSV",
        help="take, or a recording of Live Link Face",
    )  # fmt: skip
    parser.add_argument("--target", required=True, metavar="NAME", help="object of the character")
    parser.add_argument(
        "--output", type=suffixed(".blend"), required=True, metavar="BLEND",
        help="the character's file with the performance in it",
    )  # fmt: skip
    parser.add_argument(
        "--avatar", type=suffixed(".blend"), metavar="BLEND",
        help="file with the character (default: the one that Blender has open)",
    )  # fmt: skip
    parser.add_argument(
        "--map", type=suffixed(".toml"), metavar="TOML", help="mapping table to use"
    )
    parser.add_argument(
        "--save-map", type=suffixed(".toml"), metavar="TOML",
        help="write down what was matched, to be edited and used with --map",
    )  # fmt: skip
    parser.add_argument("--fps", type=float, help="rate of a recording, if it is not 60")
    add_adjustments(parser)
    add_keying(parser, keys=False)
    parser.add_argument("--no-head", action="store_true", help="move the face only")
    parser.add_argument(
        "--guesses", action="store_true",
        help="move also what the report calls doubtful: names that are only like those of the table",
    )  # fmt: skip


def run_retarget(arguments: Namespace) -> int:
    """Key a take onto a character and save its file."""
    require_blender()
    import bpy

    from ..avatar.retarget_file import retarget_file

    character = arguments.avatar or (Path(bpy.data.filepath) if bpy.data.filepath else None)
    check_outputs(
        (arguments.output, arguments.save_map), (arguments.take, character, arguments.map)
    )
    if character is None:
        raise MienError(
            "No file with a character is open; give one with --avatar, or as blender -b FILE.blend."
        )
    warnings: list[str] = []
    wanted, neutral = adjustments_of(arguments), arguments.neutral
    played = read_performance(arguments.take, arguments.fps, warnings, wanted, neutral)
    for warning in warnings:
        warn(f"warning: {warning}")
    result = retarget_file(
        played, arguments.target, arguments.output,
        arguments.avatar, arguments.map, head=not arguments.no_head, keying=keying_of(arguments),
        guesses=arguments.guesses,
    )  # fmt: skip
    tell(result.report())
    if arguments.save_map is not None:
        save_table(result.match.table, arguments.save_map)
        tell(f"map         {arguments.save_map}")
    tell(f"scene       {arguments.output}")
    return 0


def read_performance(
    path: Path,
    fps: float | None = None,
    warnings: list[str] | None = None,
    wanted: Adjustments = USUAL,
    neutral: Neutral = NeutralFace.AUTO,
) -> Performance:
    """The performance of a take, or of a recording of Live Link Face.

    Args:
        path: of the file.
        fps: rate of a recording, see :func:`mien.core.formats.live_link.read_live_link`.
        warnings: what was odd about a recording is added here.
        wanted, neutral: how a take is adjusted; a recording is taken as it is.

    Raises:
        MienError: the file is missing, damaged, or of another head.
    """
    if path.suffix.lower() == ".csv":
        return read_live_link(path, fps, warnings)
    return performance(solve(load_take(path), neutral=neutral, **vars(wanted)))
