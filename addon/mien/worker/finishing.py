# SPDX-License-Identifier: GPL-3.0-or-later
"""What a child does with its takes once they are captured: refines them, bakes their skin, paints it in motion."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..core.capture.sources import FrameSource
from ..core.errors import MienError
from ..core.model.head import Head
from ..core.refine.refine import RefineProgress, refine_take
from ..core.take.take_file import load_take, save_take
from ..core.texture.bake import texture_take
from ..core.texture.sequence_folder import sequence_path, write_sequence
from .job import Job
from .reporter import Reporter

Tell = Callable[[float], None]
"""Is told the share of something that is done."""


@dataclass(frozen=True)
class Finishing:
    """The takes of one job, whole without what is done here.

    Attributes:
        job: that asks for it.
        takes: their files.
        footage: opens what they were captured of, anew each time.
        head: of the takes.
        reporter: is told how far it is.
        stopped: set to end early; what is done until then stays.
    """

    job: Job
    takes: list[Path]
    footage: Callable[[], FrameSource]
    head: Head
    reporter: Reporter
    stopped: threading.Event

    def run(self) -> list[str]:
        """All that the job asks for; why something could not be done, a sentence each."""
        job, reporter = self.job, self.reporter
        if job.live:
            return []
        said = []
        if job.refine:
            said += self._each(self._refine, reporter.refining, "The take could not be refined")
        if job.texture:
            said += self._each(self._bake, lambda _: None, "The texture could not be baked")
            if job.sequence:
                sentence = "The skin in motion could not be painted"
                said += self._each(self._paint, reporter.painting, sentence)
        return said

    def _each(self, step: Callable[[Path, Tell], None], tell: Tell, sentence: str) -> list[str]:
        """Do something with every take, those after one that fails too."""
        said: list[str] = []
        for number, path in enumerate(self.takes):
            if self.stopped.is_set():
                break

            def told(share: float, number: int = number) -> None:
                tell((number + share) / len(self.takes))

            try:
                step(path, told)
            except MienError as error:
                said.append(f"{sentence}: {error}")
        return list(dict.fromkeys(said))

    def _refine(self, path: Path, told: Tell) -> None:
        def progress(steps: RefineProgress) -> None:
            told(steps.done / steps.expected)

        take = load_take(path)
        refined = refine_take(take, self.footage(), self.head, progress, self.stopped.is_set)
        if refined is not take:
            save_take(refined, path)

    def _bake(self, path: Path, _: Tell) -> None:
        take = load_take(path)
        save_take(texture_take(take, self.footage(), self.head, self.stopped.is_set), path)

    def _paint(self, path: Path, told: Tell) -> None:
        take = load_take(path)
        if take.texture is None:  # it was said why already
            return
        write_sequence(
            take, self.footage(), self.head, sequence_path(path), told, self.stopped.is_set
        )
