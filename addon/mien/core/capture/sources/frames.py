# SPDX-License-Identifier: GPL-3.0-or-later
"""What every source of frames gives."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from ...errors import SourceError
from ...model.crop import ImageArray


class Frame(NamedTuple):
    """One picture of the footage.

    Attributes:
        number: of the frame in the footage, from 0.
        time: seconds from the start of the footage.
        image: BGR ``(height, width, 3)`` uint8, upright.
    """

    number: int
    time: float
    image: ImageArray


@dataclass(frozen=True)
class Span:
    """The part of the footage that is wanted, in seconds; ``end`` is not part of it."""

    start: float
    end: float

    @staticmethod
    def checked(start: float | None, end: float | None) -> "Span":
        """A span from optional bounds.

        Raises:
            SourceError: nothing lies between the bounds.
        """
        low = 0.0 if start is None else start
        high = float("inf") if end is None else end
        if low < 0 or not high > low:
            raise SourceError(
                f"The range from {low:g} s to {high:g} s is empty; give an end after the start."
            )
        return Span(low, high)


class FrameSource(Protocol):
    """Footage that is being read.

    Attributes:
        name: path as shown to the user.
        width, height: of the upright frames in pixels.
        fps: nominal frame rate.
        expected: about how many frames will come, or None.
        warnings: what was odd about the footage, one sentence each; complete once it was read.
    """

    name: str
    width: int
    height: int
    fps: float
    expected: int | None
    warnings: list[str]

    def __iter__(self) -> Iterator[Frame]:
        """Frames in order, with strictly rising times; to be gone through once."""
        ...
