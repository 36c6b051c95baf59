# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenes to find faces in: cut-outs at any size and turn before all sorts of backgrounds."""

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
from mien.core.model.crop import CropBox, box_around_landmarks
from mien.core.model.head import Head
from numpy.typing import NDArray

from ..generator.accessories import hide_part
from ..generator.backgrounds import draw_background
from ..labels.store import LabelledPhoto
from .cutouts import Cutout, Cutter

F = NDArray[np.float32]
U8 = NDArray[np.uint8]
Rng = np.random.Generator

COUNTS = {0: 0.2, 1: 0.4, 2: 0.15, 3: 0.1, 5: 0.1, 8: 0.05}
"""How many faces a scene has, and how often."""
LEAST, MOST = 11.0, 1.15
"""Longer side of the landmarks' box: at least so many pixels, at most this share of the height."""
RENDERED = 0.55
"""Share of the faces that are drawn; the others are photos as they are."""
TOUCH = 0.5
"""No two crops' middles are nearer to each other than this share of the larger crop."""
HIDDEN = 0.2
"""Share of faces behind something, chosen by eye."""
NEW = 0.3
"""How often a cut-out is made anew until enough are kept."""
NOISE_SIDE = 320
"""Frames are no larger than this."""


@dataclass
class Scene:
    """A frame with its faces.

    Attributes:
        image: ``(h, w, 3)`` BGR uint8.
        boxes: the crops that the regressor should look at.
    """

    image: U8
    boxes: list[CropBox] = field(default_factory=list)


class SceneMaker:
    """Makes scenes without end; the same seed gives the same scenes.

    Args:
        head, photos: what faces are made of.
        seed: of everything.
        kept: how many drawn heads, and how many photos, are kept to be used many times.
    """

    def __init__(self, head: Head, photos: list[LabelledPhoto], seed: int, kept: int) -> None:
        self.cutter = Cutter(head, photos, seed)
        self.photos, self.rng = photos, np.random.default_rng(seed)
        self.kept = kept
        self.cutouts: dict[Callable[[], Cutout], list[Cutout]] = {}
        side = 2 * NOISE_SIDE
        self.noise = self.rng.standard_normal((side, side, 3), dtype=np.float32)

    def make(self, width: int, height: int) -> Scene:
        """One scene of that size."""
        rng = self.rng
        image = self._background(width, height)
        scene = Scene(np.zeros((height, width, 3), np.uint8))
        wanted = int(rng.choice(list(COUNTS), p=list(COUNTS.values())))
        for _ in range(wanted):
            self._put(image, scene)
        if rng.random() < 0.25:
            side = max(width, height)
            square = cv2.resize(image, (side, side))
            hide_part(rng, square, draw_background(rng, self.photos, side))
            hands = cv2.resize(square, (width, height))
            if not scene.boxes:
                image = hands
        scene.image = self._expose(image)
        return scene

    def _cutout(self) -> Cutout:
        cut = self.cutter.rendered if self.rng.random() < RENDERED else self.cutter.photo
        kept = self.cutouts.setdefault(cut, [])
        if len(kept) < self.kept and self.rng.random() < NEW:
            kept.append(cut())
            return kept[-1]
        if not kept:
            kept.append(cut())
        return kept[int(self.rng.integers(len(kept)))]

    def _put(self, image: F, scene: Scene) -> None:
        rng = self.rng
        height, width = image.shape[:2]
        cutout = self._cutout()
        points = cutout.points
        inner = np.array([[40, 40], [120, 120]], np.float32) if points is None else points
        extent = float(np.ptp(inner, axis=0).max())
        high = MOST * height if not scene.boxes else 0.5 * height
        size = float(np.exp(rng.uniform(np.log(LEAST), np.log(max(high, LEAST + 1)))))
        roll = rng.normal(0, 14) if rng.random() < 0.8 else rng.uniform(-60, 60)
        at = rng.uniform(0, 1, 2) * [width, height]
        if size > 0.4 * height:  # large faces are mostly within the frame
            at = np.array([width, height]) * rng.normal(0.5, 0.15, 2)
        box = CropBox(float(at[0]), float(at[1]), size * 1.4)
        if any(_near(box, other) for other in scene.boxes):
            return
        middle = (inner.min(axis=0) + inner.max(axis=0)) / 2
        matrix = cv2.getRotationMatrix2D(
            (float(middle[0]), float(middle[1])), float(roll), size / extent
        )
        matrix[:, 2] += at - middle
        if rng.random() < HIDDEN:
            cutout = _covered(rng, cutout, inner)
        paste(image, cutout.picture, matrix, size / extent)
        if points is not None:
            moved = points @ matrix[:, :2].T + matrix[:, 2]
            box = box_around_landmarks(moved.astype(np.float32))
            # What lies mostly outside of the frame is nobody's business.
            if 0 <= box.x < width and 0 <= box.y < height:
                scene.boxes.append(box)

    def _background(self, width: int, height: int) -> F:
        rng = self.rng
        side = max(width, height)
        kind = rng.random()
        if kind < 0.3:
            out = _cloudy(rng, width, height)
        else:
            out = draw_background(rng, self.photos, side)[:height, :width].copy()
        if kind > 0.5:  # furniture, posters, windows
            for _ in range(int(rng.integers(1, 8))):
                w, h = (int(n) for n in rng.uniform(0.05, 0.5, 2) * [width, height])
                x, y = (int(rng.integers(-w // 2, n - 1)) for n in (width, height))
                part = draw_background(rng, self.photos, max(8, w, h))[:h, :w]
                x0, y0, x1, y1 = max(0, x), max(0, y), min(width, x + w), min(height, y + h)
                if x1 > x0 and y1 > y0:
                    out[y0:y1, x0:x1] = part[y0 - y : y1 - y, x0 - x : x1 - x]
        return np.ascontiguousarray(out, np.float32)

    def _expose(self, image: F) -> U8:
        """What camera, light and codec do to a frame."""
        rng = self.rng
        if rng.random() < 0.3:
            image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 1.2)).astype(np.float32)
        if rng.random() < 0.15:
            image = np.repeat(image.mean(axis=2, keepdims=True), 3, axis=2)
        gain = np.exp(rng.normal(0, 0.25)) * (1 + rng.normal(0, 0.07, 3))
        image = image * gain.astype(np.float32) + np.float32(rng.normal(0, 10))
        if rng.random() < 0.3:
            power: F = np.power(
                np.clip(image, 0, 255) / 255, np.float32(np.exp(rng.normal(0, 0.35)))
            )
            image = 255 * power
        if rng.random() < 0.2:  # darkness
            image = image * np.float32(rng.uniform(0.06, 0.5))
        x, y = rng.integers(0, NOISE_SIDE, 2)
        height, width = image.shape[:2]
        grain = self.noise[y : y + height, x : x + width]
        image = image + np.float32(abs(rng.normal(0, 4))) * grain
        out = np.clip(image, 0, 255).astype(np.uint8)
        if rng.random() < 0.3:
            quality = int(rng.integers(20, 90))
            packed = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
            out = cv2.imdecode(packed, cv2.IMREAD_COLOR).astype(np.uint8)
        return out


def _near(one: CropBox, other: CropBox) -> bool:
    away = np.hypot(one.x - other.x, one.y - other.y)
    return bool(away < TOUCH * max(one.size, other.size) + 0.3 * min(one.size, other.size))


def _covered(rng: Rng, cutout: Cutout, inner: F) -> Cutout:
    """Put a hand, a mask or a scarf, or something else before the face."""
    picture = cutout.picture.copy()
    low, high = inner.min(axis=0), inner.max(axis=0)
    side = int(max(high - low)) + 2
    x, y = (max(0, int(n)) for n in low)
    part = picture[y : y + side, x : x + side, :3].astype(np.float32)
    if rng.random() < 0.4:
        part[int(len(part) * rng.uniform(0.55, 0.8)) :] = rng.uniform(0, 255, 3)
    else:
        square = cv2.resize(part, (side, side))
        hide_part(rng, square, np.full_like(square, rng.uniform(0, 255)))
        part = cv2.resize(square, part.shape[1::-1])
    picture[y : y + side, x : x + side, :3] = np.clip(part, 0, 255)
    return Cutout(picture, cutout.points)


def paste(image: F, picture: U8, matrix: NDArray[np.float64], scale: float) -> None:
    """Put a cut-out into an image, in place, moved by a matrix ``(2, 3)`` of a certain scale."""
    shrink = 1
    while scale * shrink < 0.5:
        shrink *= 2
    if shrink > 1:  # fine texture is averaged first, as a lens does
        size = (max(1, picture.shape[1] // shrink), max(1, picture.shape[0] // shrink))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
        grow = np.array([[shrink, 0, (shrink - 1) / 2], [0, shrink, (shrink - 1) / 2], [0, 0, 1]])
        matrix = matrix @ grow
    height, width = image.shape[:2]
    corners = np.array([[0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1]]) * [*picture.shape[1::-1], 1]
    places = corners @ matrix.T
    x0, y0 = (max(0, int(n) - 1) for n in places.min(axis=0))
    x1, y1 = (min(m, int(n) + 2) for n, m in zip(places.max(axis=0), (width, height), strict=True))
    if x1 <= x0 or y1 <= y0:
        return
    here = matrix - [[0, 0, x0], [0, 0, y0]]
    layers = cv2.warpAffine(picture, here, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR)
    opaque = layers[..., 3:].astype(np.float32) / 255
    region = image[y0:y1, x0:x1]
    region += opaque * (layers[..., :3] - region)


def _cloudy(rng: Rng, width: int, height: int) -> F:
    """A picture whose detail falls off with its size, as in nature."""
    out = np.zeros((height, width, 3), np.float32)
    fall = rng.uniform(0.45, 0.8)
    for level in range(1, 6):
        grid = rng.normal(0, 1, (2**level, 2**level, 1 if rng.random() < 0.5 else 3))
        layer = cv2.resize(
            np.broadcast_to(grid, (*grid.shape[:2], 3)).astype(np.float32), (width, height),
            interpolation=cv2.INTER_CUBIC,
        )  # fmt: skip
        out += fall**level * layer
    tone = rng.uniform(20, 220, 3)
    return np.clip(tone + out * rng.uniform(20, 120), 0, 255).astype(np.float32)
