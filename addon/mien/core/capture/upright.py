# SPDX-License-Identifier: GPL-3.0-or-later
"""Footage that lies on its side or stands on its head: the network would make up a face in it."""

import numpy as np
from numpy.typing import NDArray

from ..errors import NoFaceError
from ..model.crop import ImageArray, cut
from .finder import FaceFinder
from .regressor import Regressor
from .tracker import Tracked

LOOKS = 8
"""Frames with a face by which footage is judged."""
SURER = 1.0
"""By so much must the logit of the confidence be higher for a turned crop than for the upright one. On
four real clips the right way up was surer than the next by 2 to 4, and so it was when they were turned."""
DOUBT = 4.0
"""Below this logit the face may be none at all, and turned pictures are searched for one."""


class UprightCheck:
    """Looks at the first faces of some footage in all four directions."""

    def __init__(self, regressor: Regressor, finder: FaceFinder) -> None:
        self._regressor, self._finder = regressor, finder
        self._turns: list[int] = []

    def look(self, image: ImageArray, tracked: Tracked, name: str) -> None:
        """Look at a face; a few of them decide.

        Args:
            image: the frame.
            tracked: the face in it.
            name: of the footage.

        Raises:
            NoFaceError: most faces so far are surer when the picture is turned.
        """
        if len(self._turns) < LOOKS:
            self._turns.append(self._surest(image, tracked))
            if len(self._turns) == LOOKS:
                self.decide(name)

    def decide(self, name: str) -> None:
        """Judge by what was seen so far, at the end of short footage too.

        Raises:
            NoFaceError: most faces are surer when the picture is turned.
        """
        turned = [turn for turn in self._turns if turn]
        if len(turned) * 2 > len(self._turns):
            most = max(turned, key=turned.count)
            if most == 2:
                raise NoFaceError(
                    f"The face in {name} stands on its head; turn the footage by 180 degrees."
                )
            side = "left" if most == 1 else "right"
            raise NoFaceError(
                f"The face in {name} lies on its side; turn the footage by 90 degrees to the {side}."
            )

    def _surest(self, image: ImageArray, tracked: Tracked) -> int:
        """Quarter turns to the left after which the picture shows a face much better, 0 to 3."""
        crop = cut(image, tracked.box)
        logits = self._logits([np.rot90(crop, turn) for turn in range(4)])
        best = int(np.argmax(logits))
        if best and logits[best] > logits[0] + SURER:
            return best
        return self._searched(image, float(logits[0])) if logits[0] < DOUBT else 0

    def _searched(self, image: ImageArray, upright: float) -> int:
        surest, found = upright + SURER, 0
        for turn in (1, 2, 3):
            turned = np.ascontiguousarray(np.rot90(image, turn))
            crops = [cut(turned, face.box) for face in self._finder.find(turned)[:4]]
            best = float(self._logits(crops).max()) if crops else -np.inf
            if best > surest:
                surest, found = best, turn
        return found

    def _logits(self, crops: list[ImageArray]) -> NDArray[np.float64]:
        seen = self._regressor.confidence(np.stack(crops))
        sure = np.clip(seen.astype(np.float64), 1e-9, 1 - 1e-9)
        return np.asarray(np.log(sure / (1 - sure)))
