# SPDX-License-Identifier: GPL-3.0-or-later
"""A look at a take without Blender: footage, head over footage, head turned, side by side."""

from pathlib import Path
from types import TracebackType

import cv2
import numpy as np

from .errors import MienError
from .model.crop import ImageArray
from .model.eyeballs import irises, look
from .model.gaze import steady_gaze
from .model.head import MATERIALS, Head
from .model.params import FloatArray
from .model.rotation import to_matrices
from .solve.motion import Motion
from .writing import whole_file, write_whole

PANEL_HEIGHT = 360
TURN = np.radians(30.0)
OPACITY = 0.75
BACKDROP = (58, 58, 58)
LIGHT: FloatArray = np.array([0.30, 0.45, 0.84], np.float32)
AMBIENT = 0.30
# BGR of each region.
COLOURS = {
    "skin": (165, 190, 225), "lips": (120, 120, 200), "eyeball_left": (240, 240, 240),
    "eyeball_right": (240, 240, 240), "teeth": (225, 232, 236), "tongue": (110, 105, 190),
}  # fmt: skip
_SUBPIXEL = 4
IRIS = (50, 60, 75)


class PreviewPainter:
    """Paints the shaded head of a motion; quads are drawn from back to front."""

    def __init__(self, head: Head, motion: Motion) -> None:
        self._head, self._motion = head, motion
        self._gaze = steady_gaze(motion.blendshapes)
        self._colour = np.array([COLOURS[name] for name in MATERIALS], np.float32)[head.materials]
        self._colour[irises(head)] = IRIS

    def panels(self, frame: int, image: ImageArray) -> ImageArray:
        """The three panels of one frame next to each other.

        Args:
            frame: row of the motion.
            image: the footage's frame, BGR.
        """
        zoom = PANEL_HEIGHT / image.shape[0]
        size = (max(2, round(image.shape[1] * zoom)), PANEL_HEIGHT)
        footage = cv2.resize(
            image, size, interpolation=cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC
        )
        over = footage.copy()
        motion = self._motion
        if motion.confidence[frame] > 0:
            place = (motion.position[frame] + 0.5) * zoom - 0.5
            drawn = footage.copy()
            self._paint(drawn, frame, place, float(motion.scale[frame]) * zoom, 0.0)
            over = cv2.addWeighted(drawn, OPACITY, footage, 1 - OPACITY, 0)
        turned = np.full((PANEL_HEIGHT, PANEL_HEIGHT, 3), BACKDROP, np.uint8)
        self._paint(turned, frame, np.array([PANEL_HEIGHT / 2] * 2), PANEL_HEIGHT / 0.32, TURN)
        return np.hstack([footage, over, turned])

    def _paint(
        self, canvas: ImageArray, frame: int, place: FloatArray, scale: float, turn: float
    ) -> None:
        motion, head = self._motion, self._head
        shape = head.shape(motion.identity, motion.expression[frame])
        shape = look(shape, head, motion.identity, self._gaze[frame])
        rotation = to_matrices(motion.rotation[frame : frame + 1])[0]
        cosine, sine = np.cos(turn), np.sin(turn)
        about_y = np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]], np.float32)
        points = shape @ (about_y @ rotation).T
        corners = points[head.quads]
        across = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
        facing = np.flatnonzero(across[:, 2] > 0)
        order = facing[np.argsort(corners[facing, :, 2].mean(axis=1))]
        shade = AMBIENT + (1 - AMBIENT) * np.clip(self._smooth(across) @ LIGHT, 0, 1)
        colours = self._colour * shade[:, None]
        flat = corners[..., :2] * scale * np.array([1, -1]) + place
        polygons = np.rint(flat * 2**_SUBPIXEL).astype(np.int32)
        for quad in order:
            cv2.fillConvexPoly(
                canvas, polygons[quad], tuple(map(float, colours[quad])), cv2.LINE_8, _SUBPIXEL
            )

    def _smooth(self, across: FloatArray) -> FloatArray:
        """Unit normals ``(F, 3)`` of the quads, each taken from its corners' neighbourhoods."""
        quads = self._head.quads
        at_corners = np.zeros((len(self._head.vertices), 3), np.float32)
        for corner in range(4):
            np.add.at(at_corners, quads[:, corner], across)
        normals = at_corners[quads].sum(axis=1)
        return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)


class VideoSink:
    """Writes pictures to a video that is put in its place once it is whole and plays."""

    def __init__(self, path: Path, fps: float) -> None:
        self._path, self._fps = path, fps
        self._written = 0
        self._writer: cv2.VideoWriter | None = None
        self._whole = whole_file(path, check=self._plays)
        self._part = path

    def add(self, picture: ImageArray) -> None:
        """Append a picture; all must have the size of the first.

        Raises:
            MienError: the video cannot be written.
        """
        height, width = (n - n % 2 for n in picture.shape[:2])
        if self._writer is None:
            code = cv2.VideoWriter.fourcc(*"mp4v")
            self._writer = cv2.VideoWriter(str(self._part), code, self._fps, (width, height))
            if not self._writer.isOpened():
                raise MienError(
                    f"{self._path} cannot be written; choose an .mp4 in another folder."
                )
        self._writer.write(picture[:height, :width])
        self._written += 1

    def _plays(self, part: Path) -> None:
        """OpenCV says nothing of a full disk: the video is gone through once."""
        played = cv2.VideoCapture(str(part), cv2.CAP_FFMPEG)
        count = 0
        while played.grab():
            count += 1
        played.release()
        if count != self._written:
            raise MienError(
                f"{self._path} cannot be written (of {self._written} pictures {count} arrived); free "
                "some space or choose another folder."
            )

    def __enter__(self) -> "VideoSink":
        self._part = self._whole.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._writer is not None:
            self._writer.release()
        self._whole.__exit__(kind, error, trace)


def write_still(path: Path, picture: ImageArray) -> None:
    """Write a picture; an older file stays until the new one is whole.

    Raises:
        MienError: the file cannot be written.
    """
    write_whole(path, cv2.imencode(path.suffix, picture)[1].tobytes())
