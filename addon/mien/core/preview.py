# SPDX-License-Identifier: GPL-3.0-or-later
"""A look at a take without Blender: around the face, footage, head over footage, head side by side."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import takewhile
from pathlib import Path

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter1d

from .capture.sources import Frame, open_source
from .errors import SourceError
from .ffmpeg import FfmpegWriter, Sound, ffmpeg_at_hand
from .model.crop import ImageArray
from .model.head import Head
from .model.looks import Tones
from .model.params import FloatArray
from .model.rotation import to_matrices
from .modes import Hair
from .outputs import check_outputs
from .painting import HeadPainter
from .solve.motion import Motion
from .take.take import Take
from .texture.packed import tones_of as texture_tones
from .texture.packed import unpack
from .tones import first_seen, tones_of
from .video_sink import EncoderError, Size, VideoSink, Writer, write_still

HEIGHTS = (288, 352)
"""Pixels that a panel is high, at least and at most."""
SHARE = 0.8
"""Of the footage's lines across what a panel shows that it has, within these heights (chosen by eye)."""
WIDTH = 0.8
"""Of a panel, over its height."""
WHOLE = 16
"""Pixels of the blocks that videos are coded in; height and width are multiples."""
REACH = 0.36
"""Metres that a panel is high: a head with hair and neck, and some room."""
ABOVE = 0.01
"""Metres above the head's origin, between the eyes, that the middle of a panel lies."""
FOLLOW = 0.5
"""Seconds within which the panels follow the head, so that quick motion is seen as motion."""
OPACITY = 0.75
"""Of the head over the footage, so that the face is seen through it (chosen by eye)."""
BACKDROP = (58, 58, 58)
"""Grey, BGR, behind the head and beyond the footage's edge (chosen by eye)."""

Encode = Callable[[Path, Size, float, float, Path], None]
"""Of a video: its size, its pictures a second, the second of the footage at which it starts, and the footage."""


class PreviewPainter:
    """Paints three panels around the face: the footage, the head over it, the head alone.

    Args:
        head, motion: to be painted.
        tones: of the actor, see :mod:`mien.core.tones`.
        texture: ``(side, side, 3)`` BGR, the actor's skin, if it was baked.
        hair: of the head, one of :data:`mien.core.modes.Hair`.
    """

    def __init__(
        self, head: Head, motion: Motion, tones: Tones | None = None,
        texture: ImageArray | None = None, hair: Hair = Hair.SHORT,
    ) -> None:  # fmt: skip
        self._motion = motion
        self._painter = HeadPainter(head, motion, tones or {}, texture, hair)
        self.height, self._width = panel_size(motion)
        self._middle, self._zoom = _framing(motion, self.height)
        self._bare = np.full((self.height, self._width, 3), BACKDROP, np.uint8)

    def panels(self, frame: int, image: ImageArray) -> ImageArray:
        """The three panels of one frame next to each other; where the face was lost the third is empty.

        Args:
            frame: row of the motion.
            image: the footage's frame, BGR.
        """
        motion, zoom = self._motion, float(self._zoom[frame])
        height, width = self.height, self._width
        corner = (self._middle[frame] + 0.5) * zoom - np.array([width, height]) / 2
        shift = np.array(
            [[zoom, 0, (zoom - 1) / 2 - corner[0]], [0, zoom, (zoom - 1) / 2 - corner[1]]]
        )
        small = image
        if zoom < 0.5:  # warping alone would skip pixels
            factor = 2.0 ** np.floor(np.log2(1 / zoom))
            size = tuple(max(1, round(n / factor)) for n in image.shape[1::-1])
            small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
            shift[:, :2] *= np.array(image.shape[1::-1]) / size
        out = np.empty((height, 3 * width, 3), np.uint8)
        footage, over, alone = (out[:, k * width : (k + 1) * width] for k in range(3))
        cv2.warpAffine(small, shift, (width, height), dst=footage, borderValue=BACKDROP)
        over[:], alone[:] = footage, self._bare
        if motion.confidence[frame] > 0:
            place = (motion.position[frame] + 0.5) * zoom - 0.5 - corner
            scale = float(motion.scale[frame]) * zoom
            painted = self._painter.paint(height, width, frame, place, scale)
            colours, covered = cv2.cvtColor(painted, cv2.COLOR_BGRA2BGR), painted[..., 3].copy()
            cv2.copyTo(colours, covered, alone)
            cv2.addWeighted(colours, OPACITY, footage, 1 - OPACITY, 0, dst=colours)
            cv2.copyTo(colours, covered, over)
        return out


def panel_size(motion: Motion) -> tuple[int, int]:
    """Height and width of a panel in pixels: as many as the face has in the footage are enough."""
    wanted = np.clip(SHARE * REACH * np.median(motion.scale), *HEIGHTS)
    height = int(wanted) // WHOLE * WHOLE
    return height, round(height * WIDTH / WHOLE) * WHOLE


def _framing(motion: Motion, height: int) -> tuple[FloatArray, FloatArray]:
    """Where the middle of the panels lies in the footage ``(F, 2)``, and their zoom ``(F,)``."""
    up = to_matrices(motion.rotation)[:, :2, 1] * [1, -1]
    middle = motion.position + up * motion.scale[:, None] * ABOVE
    sigma = FOLLOW * motion.fps
    steady = gaussian_filter1d(np.column_stack([middle, np.log(motion.scale)]), sigma, axis=0)
    zoom = height / (REACH * np.exp(steady[:, 2]))
    return steady[:, :2].astype(np.float32), zoom.astype(np.float32)


def write_preview(
    path: Path, take: Take, motion: Motion, head: Head, footage: Path, hair: Hair = Hair.SHORT,
    skin: bool = True, beside: Callable[[int, int], ImageArray] | None = None,
    encode: Encode | None = None, find_ffmpeg: Callable[[], str | None] = ffmpeg_at_hand,
) -> None:  # fmt: skip
    """Write the preview of a take: a still of the middle frame, or a video of all of them.

    Args:
        path: of the preview.
        take, motion: what was captured, and what is keyed of it.
        head: that moves.
        footage: that was captured.
        hair: of the head, one of :data:`mien.core.modes.Hair`.
        skin: whether the head wears the actor's, where the take has it.
        beside: paints a further panel, such as a character's, of a row of the motion and of a height.
        encode: encodes a video anew in its place, with the footage's sound, where no ffmpeg did so at once.
        find_ffmpeg: path of an ffmpeg, or None.

    Raises:
        SourceError: the footage is gone.
        MienError: the preview cannot be written.
    """
    check_outputs([path], [footage])
    tones = tones_of(open_source(footage, start=first_seen(motion)), head, motion)
    texture = unpack(take.texture) if skin and take.texture is not None else None
    if texture is not None:
        tones |= texture_tones(texture, head)
    painter = PreviewPainter(head, motion, tones, texture, hair)

    def panels(row: int, image: ImageArray) -> ImageArray:
        own = painter.panels(row, image)
        return own if beside is None else np.hstack([own, beside(row, len(own))])

    rows = {int(number): row for row, number in enumerate(take.frames)}
    still = path.suffix.lower() != ".mp4"
    wanted = {int(take.frames[len(take) // 2])} if still else set(rows)
    last = max(wanted)
    rate = (len(take) - 1) / (take.times[-1] - take.times[0]) if len(take) > 1 else take.info.fps

    def frames() -> Iterator[Frame]:
        source = takewhile(lambda f: f.number <= last, open_source(footage))
        return (f for f in source if f.number in wanted)

    if still:
        frame = next(frames(), None)
        if frame is None:
            raise SourceError(f"{footage} has changed since it was captured; capture it again.")
        write_still(path, panels(rows[frame.number], frame.image))
        return

    def write(sink: VideoSink) -> None:
        with sink:
            for frame in frames():
                sink.add(panels(rows[frame.number], frame.image))

    def encode_anew(video: Path, size: Size) -> None:
        if encode is not None:
            encode(video, size, float(rate), float(take.times[0]), footage)

    if program := find_ffmpeg():
        sound = Sound(footage, float(take.times[0]), len(take) / float(rate))

        def at_once(part: Path, size: Size) -> Writer:
            return FfmpegWriter(program, part, float(rate), size, sound)

        with suppress(EncoderError):
            return write(VideoSink(path, float(rate), open_writer=at_once))
    write(VideoSink(path, float(rate), encode_anew))
