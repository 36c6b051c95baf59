# SPDX-License-Identifier: GPL-3.0-or-later
"""The loop that every training goes round: steps down a schedule, shown, saved every so often."""

import time
from collections.abc import Callable
from typing import NoReturn

from tqdm import tqdm

from .parallel import agreed

SAVE_SECONDS = 60.0
"""Between two saves, and so what a run that is cut off can lose."""


class Loop:
    """A schedule, measured in steps or in seconds, and the place in it.

    Args:
        steps: its length; without it ``seconds`` is.
        seconds: its length, saving not counted.
        save: called every :data:`SAVE_SECONDS` and at the end.
        clock: that seconds are read from.
        shown: whether there is a bar.
        name: before the bar.

    Attributes:
        step, seconds: done; set them to go on from somewhere.
    """

    def __init__(
        self,
        steps: int | None = None,
        seconds: float = 0.0,
        save: Callable[[], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        shown: bool = True,
        name: str = "",
    ) -> None:
        self.step, self.seconds = 0, 0.0
        self._steps, self._whole = steps, seconds
        self._save, self._clock = save, clock
        self._bar: tqdm[NoReturn] = tqdm(
            total=100.0, disable=not shown, desc=name or None, delay=1e-9,
            bar_format="{l_bar}{bar}| {elapsed}{postfix}",
        )  # fmt: skip

    @property
    def progress(self) -> float:
        """The share of the schedule that is done, alike in all processes of a run."""
        if self._steps is not None:
            return self.step / self._steps if self._steps else 1.0
        return agreed(self.seconds) / self._whole

    def run(self, take: Callable[[float], int]) -> None:
        """Go on to the end of the schedule.

        Args:
            take: takes some steps at a share of the schedule, and says how many.
        """
        self._bar.reset()  # building what is trained was not training
        last = saved = self._clock()
        while (progress := self.progress) < 1:
            self.step += take(progress)
            now = self._clock()
            self.seconds, last = self.seconds + now - last, now
            self._bar.update(100 * min(1.0, self.progress) - self._bar.n)
            if self._save is not None and now - saved > SAVE_SECONDS:
                self._save()
                last = saved = self._clock()  # saving, and measuring for it, is not training time
        if self._save is not None:
            self._save()
        self._bar.close()

    def show(self, **values: object) -> None:
        """Show values beside the bar."""
        self._bar.set_postfix(**values)
