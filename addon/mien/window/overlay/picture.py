# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture over the viewport with the faces in it, one of which the mouse points at."""

import math
from typing import Any

import blf
import bpy
import gpu
import numpy as np
from gpu_extras.presets import draw_texture_2d
from numpy.typing import NDArray

from ..state.typed import interface_scale
from . import shapes

LARGEST = 0.85
"""Of the region's width or height that the picture takes."""
DIM: shapes.Colour = (0.05, 0.05, 0.05, 0.75)
FACE: shapes.Colour = (1.0, 1.0, 1.0, 0.75)
CHOSEN: shapes.Colour = (0.28, 0.54, 1.0, 1.0)
"""Colours of the view behind the picture, of the frame about a face, and of the one pointed at."""
_open: list["Picture"] = []


class Picture:
    """Drawn over a viewport until it is closed.

    Args:
        area: the viewport in which it is drawn.
        image: ``(h, w, 3)`` RGB from the top.
        boxes: middle and size of each face as shares of the picture's width, from the upper left.
    """

    def __init__(
        self,
        area: Any,
        image: NDArray[np.uint8],
        boxes: tuple[tuple[float, float, float], ...],
    ) -> None:
        self._area = area
        self._size = (image.shape[1], image.shape[0])
        self._boxes = boxes
        self._pointed: int | None = None
        types: Any = gpu.types  # the stubs of these two take no arguments
        pixels = np.ones((*image.shape[:2], 4), np.float32)
        pixels[..., :3] = image[::-1] / np.float32(255)
        data = types.Buffer("FLOAT", pixels.size, pixels.ravel())
        self._texture = types.GPUTexture(self._size, format="RGBA16F", data=data)
        self._handle: Any = bpy.types.SpaceView3D.draw_handler_add(
            self._draw, (), "WINDOW", "POST_PIXEL"
        )
        _open.append(self)

    def point_at(self, region: Any, x: float, y: float) -> None:
        """Mark the face under a place of the region."""
        self._pointed = self._under(region, x, y)

    def face_at(self, region: Any, x: float, y: float) -> tuple[float, float] | None:
        """Middle of the face under a place, as shares of width and height from the upper left."""
        which = self._under(region, x, y)
        if which is None:
            return None
        across, down, _ = self._boxes[which]
        return across, down * self._size[0] / self._size[1]

    def close(self) -> None:
        """Draw it no more."""
        if self._handle is not None:
            bpy.types.SpaceView3D.draw_handler_remove(self._handle, "WINDOW")
            self._handle = None
            _open.remove(self)

    def _under(self, region: Any, x: float, y: float) -> int | None:
        found = []
        for number, (left, low, right, high) in enumerate(self._outlines(region)):
            if left <= x <= right and low <= y <= high:
                away = math.hypot(x - (left + right) / 2, y - (low + high) / 2)
                found.append((away, number))
        return min(found)[1] if found else None

    def _place(self, region: Any) -> tuple[float, float, float]:
        """Left and top of the picture in a region, and pixels of the region for one of its own."""
        width, height = self._size
        free = shapes.free_width(self._area, region)
        zoom = LARGEST * min(free / width, region.height / height)
        return (free - width * zoom) / 2, (region.height + height * zoom) / 2, zoom

    def _outlines(self, region: Any) -> list[tuple[float, float, float, float]]:
        left, top, zoom = self._place(region)
        unit = self._size[0] * zoom
        return [
            (left + (x - s / 2) * unit, top - (y + s / 2) * unit,
             left + (x + s / 2) * unit, top - (y - s / 2) * unit)
            for x, y, s in self._boxes
        ]  # fmt: skip

    def _draw(self) -> None:
        region = bpy.context.region
        if region is None or bpy.context.area != self._area:
            return
        left, top, zoom = self._place(region)
        width, height = self._size[0] * zoom, self._size[1] * zoom
        gpu.state.blend_set("ALPHA")
        shapes.bars(np.array([0.0]), np.array([region.width]), 0, region.height, DIM)
        draw_texture_2d(self._texture, (left, top - height), width, height)
        scale = interface_scale()
        for number, outline in enumerate(self._outlines(region)):
            pointed = number == self._pointed
            shapes.frame(*outline, (3 if pointed else 2) * scale, CHOSEN if pointed else FACE)
            blf.size(0, 14 * scale)
            blf.color(0, *(CHOSEN if pointed else FACE))
            blf.position(0, outline[0], outline[3] + 5 * scale, 0)
            blf.draw(0, str(number + 1))
        gpu.state.blend_set("NONE")


def close_all() -> None:
    """Close every picture that is still open."""
    for one in list(_open):
        one.close()
