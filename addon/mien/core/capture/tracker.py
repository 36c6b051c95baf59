# SPDX-License-Identifier: GPL-3.0-or-later
"""Follows one face from frame to frame: find it, keep it, notice when it is gone, find it again."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..model.crop import CropBox, ImageArray, box_around_landmarks, crop_to_image, cut
from ..model.params import FloatArray, split
from ..model.point_model import PointModel
from .alternating_views import AlternatingViews, SeenView
from .finder import FaceFinder
from .regressor import Regression, Regressor

MIN_CONFIDENCE = 0.9
"""Below this the crop does not hold a face. Faces in film score above 0.99, and hands
that were wrongly taken for one below 0.76."""
REFINE_PASSES = 3
"""Passes on the frame in which a face was found, each cropping by the landmarks of the last."""
SEARCH_BACKOFF_MIN, PATIENCE = 0.03, 0.5
"""Seconds from a search of the whole frame in vain to the next one: few at first, then twice as many
each time, up to so many."""
MAX_DETECTIONS = 4
"""How many of a finder's answers are tried before the frame is given up."""
MAX_JUMP = 2.5
"""A face found this many box sizes from where the last one was lost is another one, for a while."""
LOST_TRACK_SECONDS = 2.0
"""Seconds after which a lost face may come back anywhere."""
LEAST_BOX = 12.0
"""Pixels; in a smaller crop a face is a few pixels wide, and the network sees none (chosen by eye)."""
KEPT = 0.004
"""Box sizes by which a face may leave the middle of its crop, or outgrow it, before it is cut anew: a crop that
follows every hair's breadth shows a still face otherwise in each frame, and the network then sees it move. Boxes of
still faces differ by up to 0.0024; from 0.01 on, faces that move jerk."""

Look = Callable[[ImageArray, CropBox], tuple[Regression, SeenView]]


class Tracked(NamedTuple):
    """A face in one frame.

    Attributes:
        box: the crop that the numbers belong to.
        confidence: 0 to 1.
        params: ``(62,)`` raw; blendshapes: ``(52,)``; both as far as they are known at once.
        seen: by which view, from which :class:`.view_mean.ViewMean` makes those of the take.
    """

    box: CropBox
    confidence: float
    params: FloatArray
    blendshapes: FloatArray
    seen: SeenView


class Tracker:
    """Tracks the largest face, cropping each frame by the landmarks of the frame before."""

    def __init__(self, regressor: Regressor, landmarks: PointModel, finder: FaceFinder) -> None:
        self._landmarks, self._finder = landmarks, finder
        self._views = AlternatingViews(regressor, landmarks)
        self._next: CropBox | None = None
        self._last_seen: tuple[float, CropBox] | None = None
        self._due, self._wait = -math.inf, SEARCH_BACKOFF_MIN

    def step(self, image: ImageArray, time: float) -> Tracked | None:
        """Track into the next frame; None where there is no face.

        Args:
            image: BGR ``(h, w, 3)``.
            time: of the frame in seconds, rising from call to call.
        """
        followed = self._next is not None
        tracked = self.follow(image, time) if followed else self._look_again(image, time)
        if tracked is not None:
            return tracked
        if followed:
            self._due, self._wait = -math.inf, SEARCH_BACKOFF_MIN
        if time < self._due:
            return None
        self._due, self._wait = time + self._wait, min(2 * self._wait, PATIENCE)
        return self._search(image, time)

    def follow(self, image: ImageArray, time: float) -> Tracked | None:
        """Look where the face must be now, and nowhere else; None if it is not there."""
        if self._next is None:
            return None
        tracked = self._look(image, self._next, self._views.follow)
        if tracked is not None:
            return self._keep(tracked, time)
        # A quick motion leaves the crop; a wider look often still has it.
        wider = self._next._replace(size=self._next.size * 1.5)
        tracked = self._look(image, wider)
        if tracked is not None:
            return self._keep(self._settle(image, tracked, 1), time)
        self._next = None
        return None

    def begin(self, image: ImageArray, box: CropBox, time: float) -> Tracked | None:
        """Begin anew with the face in a box; None if there is none."""
        tracked = self._look(image, box)
        if tracked is None:
            return None
        return self._keep(self._settle(image, tracked, REFINE_PASSES - 1), time)

    def reset(self) -> None:
        """Forget where the face was."""
        self._next = None

    def _look_again(self, image: ImageArray, time: float) -> Tracked | None:
        """Look where the face was lost a moment ago: what hid it may have gone."""
        if self._last_seen is None or time - self._last_seen[0] > LOST_TRACK_SECONDS:
            return None
        return self.begin(image, self._last_seen[1], time)

    def _search(self, image: ImageArray, time: float) -> Tracked | None:
        best: Tracked | None = None
        for face in self._finder.find(image)[:MAX_DETECTIONS]:
            if self._is_other(face.box, time):
                continue
            tracked = self._look(image, face.box)
            if tracked is None:
                continue
            tracked = self._settle(image, tracked, REFINE_PASSES - 1)
            if best is None or tracked.box.size > best.box.size:
                best = tracked
        return None if best is None else self._keep(best, time)

    def _is_other(self, box: CropBox, time: float) -> bool:
        if self._last_seen is None or time - self._last_seen[0] > LOST_TRACK_SECONDS:
            return False
        old = self._last_seen[1]
        return math.hypot(box.x - old.x, box.y - old.y) > MAX_JUMP * max(old.size, box.size)

    def _settle(self, image: ImageArray, tracked: Tracked, passes: int) -> Tracked:
        for _ in range(passes):
            again = self._look(image, self._following(tracked))
            if again is None:
                break
            tracked = again
        return tracked

    def _look(self, image: ImageArray, box: CropBox, look: Look | None = None) -> Tracked | None:
        if not self._sensible(box, image):
            return None
        out, seen = (look or self._views.begin)(cut(image, box), box)
        confidence = float(out.confidence[0])
        if not confidence >= MIN_CONFIDENCE or not np.isfinite(out.params).all():
            return None
        return Tracked(box, confidence, out.params[0], out.blendshapes[0], seen)

    def _sensible(self, box: CropBox, image: ImageArray) -> bool:
        height, width = image.shape[:2]
        inside = -box.size / 2 < box.x < width + box.size / 2
        inside = inside and -box.size / 2 < box.y < height + box.size / 2
        return inside and LEAST_BOX <= box.size < 4 * max(height, width)

    def _following(self, tracked: Tracked) -> CropBox:
        points = self._landmarks.project(*split(tracked.params))
        boxes = np.array(tracked.box, np.float32)
        return box_around_landmarks(crop_to_image(points, boxes))

    def _keep(self, tracked: Tracked, time: float) -> Tracked:
        self._next = _kept(tracked.box, self._following(tracked))
        self._last_seen = (time, self._next)
        self._wait = SEARCH_BACKOFF_MIN
        return tracked


def _kept(box: CropBox, following: CropBox) -> CropBox:
    """The box that a face was seen in, or the one that follows it where it has gone."""
    gone = max(abs(here - there) for here, there in zip(box, following, strict=True))
    return box if gone < KEPT * following.size else following
