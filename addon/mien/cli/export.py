# SPDX-License-Identifier: GPL-3.0-or-later
"""``mien export`` and ``mien import``: to and from the files of other programs."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ..api import load_take, performance, read_live_link, solve, write_live_link
from ..core.errors import MienError
from ..core.formats.table import write_table
from ..core.formats.take_text import write_landmarks
from ..core.model.head import shipped_head
from ..core.outputs import check_outputs
from ..core.performance.performance_to_motion import performance_to_motion
from ..scene.typed import scene_of
from ..scene.write import require_blender, write_scene
from ..terminal.printing import tell, warn
from .arguments import add_adjustments, add_keying, adjustments_of, keying_of, suffixed

SCENES = (".glb", ".fbx", ".usd", ".usda", ".usdc")


def add_export(parser: ArgumentParser) -> None:
    """The words of ``mien export``."""
    parser.add_argument(
        "source", type=Path,
        help="take (.npz), journal of a cut-off capture, or scene (.blend) with an animated face",
    )  # fmt: skip
    parser.add_argument(
        "--landmarks", type=suffixed(".csv"), metavar="CSV", help="68 landmarks a frame"
    )
    parser.add_argument(
        "--livelink", type=suffixed(".csv"), metavar="CSV",
        help="52 weights, head and eyes as Live Link Face writes them",
    )  # fmt: skip
    parser.add_argument(
        "--fps",
        type=float,
        help="even rate of the Live Link file (default: the footage's own times)",
    )
    parser.add_argument(
        "--start-frame", type=float, metavar="FRAME",
        help="frame of the Live Link file's timecode on which the footage begins (default: 0)",
    )  # fmt: skip
    parser.add_argument("--csv", type=suffixed(".csv"), help="every number of a take")
    parser.add_argument(
        "--output", type=suffixed(*SCENES), metavar="GLB|FBX|USD", help="of a scene: its face"
    )
    parser.add_argument("--object", metavar="NAME", help="of a scene: another object")
    add_adjustments(parser)


def add_import(parser: ArgumentParser) -> None:
    """The words of ``mien import``."""
    parser.add_argument("recording", type=Path, help="CSV of Live Link Face")
    parser.add_argument(
        "--output", type=suffixed(".blend"), required=True, metavar="BLEND",
        help="scene in which Mien's head plays it",
    )  # fmt: skip
    parser.add_argument("--fps", type=float, help="rate of the recording, if it is not 60")
    add_keying(parser)


def run_export(arguments: Namespace) -> int:
    """A take as text, or the face of a scene for another program."""
    scene = arguments.source.suffix.lower() == ".blend"
    texts = (arguments.landmarks, arguments.livelink, arguments.csv)
    check_outputs((*texts, arguments.output), [arguments.source])
    if scene and any(texts):
        raise MienError(
            f"{arguments.source} is a scene; landmarks and CSV come from a take (.npz)."
        )
    if not scene and (arguments.output or arguments.object):
        raise MienError(f"{arguments.source} is no scene; glTF, FBX and USD come from a .blend.")
    if arguments.livelink is None and (arguments.fps, arguments.start_frame) != (None, None):
        raise MienError("--fps and --start-frame are of a Live Link file; add --livelink FACE.csv.")
    if scene:
        if arguments.output is None:
            raise MienError("Say where the face goes: --output FACE.glb, .fbx or .usdc.")
        for line in export_scene(arguments.source, arguments.output, arguments.object):
            tell(f"otherwise   {line}")
        tell(f"exported    {arguments.output}")
        return 0
    if not any(texts):
        raise MienError("Say what to write: --landmarks, --livelink or --csv.")
    _export_take(arguments)
    return 0


def _export_take(arguments: Namespace) -> None:
    take = load_take(arguments.source)
    if arguments.landmarks is not None:
        write_landmarks(take, shipped_head(), arguments.landmarks)
        tell(f"landmarks   {arguments.landmarks}")
    motion = solve(take, neutral=arguments.neutral, **vars(adjustments_of(arguments)))
    if arguments.livelink is not None:
        written = performance(motion, arguments.fps)
        write_live_link(written, arguments.livelink, arguments.start_frame or 0)
        tell(f"live link   {arguments.livelink}")
    if arguments.csv is not None:
        write_table(take, motion, arguments.csv)
        tell(f"table       {arguments.csv}")


def export_scene(scene: Path, output: Path, name: str | None = None) -> list[str]:
    """Export the animated face of a Blender file, or another object of it with its family.

    Args:
        scene: the file, which is opened in this process and not changed.
        output: what to write, see :func:`mien.scene.exporting.export_things`.
        name: of the object; the one animated face by default.

    Returns:
        What the output lacks or has otherwise than it is seen, a line for each kind.

    Raises:
        MienError: the file cannot be opened, has no such object, or the output cannot be written.
    """
    require_blender()
    import bpy

    from ..scene.exporting import export_things, family, find_thing

    if not scene.is_file():
        raise MienError(f"{scene} does not exist; check the path.")
    try:
        bpy.ops.wm.open_mainfile(filepath=str(scene.absolute()), load_ui=False)
    except RuntimeError as error:
        raise MienError(f"{scene} is not a Blender file or is damaged ({error}).") from error
    return export_things(
        output, scene_of(bpy.context), family(find_thing(scene_of(bpy.context), name))
    )


def run_import(arguments: Namespace) -> int:
    """A recording of Live Link Face becomes a scene with Mien's head."""
    check_outputs([arguments.output], [arguments.recording])
    require_blender()
    warnings: list[str] = []
    played = read_live_link(arguments.recording, arguments.fps, warnings)
    for warning in warnings:
        warn(f"warning: {warning}")
    head = shipped_head()
    motion = performance_to_motion(played, head)
    write_scene(arguments.output, [motion], head, None, arguments.add, keying_of(arguments))
    lost = int((played.confidence == 0).sum())
    tell(f"recording   {len(played)} frames at {played.fps:g} a second, {lost} without a face")
    tell(f"scene       {arguments.output}")
    return 0
