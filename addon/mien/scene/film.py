# SPDX-License-Identifier: GPL-3.0-or-later
"""Encodes a video as browsers play it, H.264 with the footage's sound, by Blender's own sequencer."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import bpy
from bpy.types import Scene

from ..core.errors import MienError
from ..core.preview import Encode
from ..core.video_sink import KEYFRAMES, Size
from ..core.writing import whole_file
from .typed import loose


def encoder(say: Callable[[str], None]) -> Encode:
    """What encodes a preview; where it cannot, the video stays as it is and one sentence is said.

    Args:
        say: is given that sentence.
    """

    def run(video: Path, size: Size, rate: float, start: float, footage: Path) -> None:
        try:
            encode(video, size, rate, start, footage)
            if footage.is_file() and not bpy.app.build_options.audaspace:
                say("This Blender was built without sound, so the preview has none.")
        except MienError as error:
            say(str(error))

    return run


def encode(video: Path, size: Size, rate: float, start: float, footage: Path) -> None:
    """Encode a video anew in its place.

    Args:
        video: an .mp4 without sound.
        size: its width and height.
        rate: its pictures a second.
        start: second of the footage that its first picture shows.
        footage: whose sound it is given, if there is any.

    Raises:
        MienError: Blender cannot, and the video is as it was.
    """
    scene = bpy.data.scenes.new("Mien Film")
    sounds = set(bpy.data.sounds)
    try:
        heard = _cut(scene, video, size, rate, start, footage)
        with whole_file(video) as new:
            _write_to(scene, new, size, rate, heard)
            with _silent():
                bpy.ops.render.render(animation=True, scene=scene.name)
            if not new.stat().st_size:
                raise RuntimeError
    except (RuntimeError, TypeError) as error:
        raise MienError(
            "This Blender cannot encode H.264: the preview has no sound and browsers do not show it; open "
            "it in a video player."
        ) from error
    finally:
        bpy.data.scenes.remove(scene)
        bpy.data.batch_remove(set(bpy.data.sounds) - sounds)


def _cut(scene: Scene, video: Path, size: Size, rate: float, start: float, footage: Path) -> bool:
    """Lay pictures and sound on the sequencer's channels, from frame 1 on; whether there is sound."""
    editor = loose(scene.sequence_editor_create())
    strips = (
        editor.strips if hasattr(editor, "strips") else editor.sequences
    )  # the latter before 4.4
    pictures = strips.new_movie("Pictures", str(video), 1, 1)
    if (pictures.elements[0].orig_width, pictures.elements[0].orig_height) != size:
        raise RuntimeError  # Blender takes in what it cannot read, and shows nothing
    scene.frame_start, scene.frame_end = 1, pictures.frame_final_duration
    for name in ("use_cache_raw", "use_cache_final", "use_prefetch"):
        if hasattr(editor, name):
            setattr(editor, name, False)
    scene.render.fps = max(1, round(rate))
    scene.render.fps_base = scene.render.fps / rate
    if footage.is_file() and bpy.app.build_options.audaspace:
        with suppress(RuntimeError):  # an animated picture, which Blender does not listen to
            sound = strips.new_sound("Sound", str(footage), 2, 1)
            if sound.sound.channels != "INVALID":
                sound.frame_start = 1 - start * rate
                return True
            strips.remove(sound)
    return False


def _write_to(scene: Scene, path: Path, size: Size, rate: float, heard: bool) -> None:
    """Say how the scene is written."""
    render: Any = scene.render
    render.resolution_x, render.resolution_y, render.resolution_percentage = *size, 100
    render.filepath, render.use_file_extension = str(path), False
    render.dither_intensity = 0
    render.use_compositing = False
    loose(scene.view_settings).view_transform = "Standard"
    if hasattr(render.image_settings, "media_type"):  # from 5.0 on
        render.image_settings.media_type = "VIDEO"
    render.image_settings.file_format = "FFMPEG"
    render.image_settings.color_mode = "RGB"
    written = render.ffmpeg
    written.format, written.codec = "MPEG4", "H264"
    written.audio_codec = "AAC" if heard else "NONE"  # silence costs time as well
    written.constant_rate_factor, written.ffmpeg_preset = "MEDIUM", "REALTIME"
    written.gopsize = max(1, round(KEYFRAMES * rate))


@contextmanager
def _silent() -> Iterator[None]:
    """Blender says a line for every picture; what is printed inside goes nowhere."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
