# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m blender_tests.walk [--steps N] [--seed S]``: Mien's operators in any order, in any state.

Between two operators the file is changed as a user changes it, or worse: objects, bones, keys, actions
and takes are renamed, deleted, hidden, linked, another scene or mode is chosen, steps are undone. After
every step nothing may have been raised that no sentence explains, in an operator or in what is called
when a property changes, and what is the user's own must be as it was: the files of the folder, the
animation of an object that has nothing to do with Mien, and everything where an operator gave up.
"""

import argparse
import contextlib
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bpy

from .walk_states import STATES, bystander, prepare_scene
from .walk_steps import Step, steps

RAW = ("Traceback (most recent call last)", "Error: Python")
SHARE = 0.45
"""Of the steps that are Mien's operators; the others change the file."""


class Walk:
    """A walk through one session of Blender.

    Attributes:
        faults: what went wrong, with the steps that led to it.
        counts: how often each step was taken, finished and refused.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.rng = folder, random.Random(seed)
        self.faults: list[str] = []
        self.counts: dict[str, list[int]] = {}
        self._steps = steps(folder)
        self._past: list[str] = []
        prepare_scene(folder)
        bpy.ops.ed.undo_push(message="begin")

    def go(self, count: int) -> None:
        """Take so many steps."""
        for number in range(count):
            if self.rng.random() < SHARE:
                self._operator(self.rng.choice(self._steps))
            else:
                state = self.rng.choice(STATES)
                with (
                    _errors() as said,
                    contextlib.suppress(RuntimeError, TypeError),
                ):  # Blender's own refusals
                    state(self.rng, self.folder)
                self._note(f"{number} {state.__name__}", said)
            if len(self.faults) > 20:
                return

    def _operator(self, step: Step) -> None:
        files, others, animated = self._files(), _objects(), bystander()
        result, error = "", ""
        words = step.words(self.rng)
        with _errors() as said:
            try:
                result = next(iter(step.operator("EXEC_DEFAULT", True, **words)))
            except RuntimeError as refusal:
                error = str(refusal)
            except TypeError as refusal:  # a choice that is not offered now
                error = str(refusal)
        name = f"{step.name} {words or ''} {result or error.strip()[:300]}"
        tally = self.counts.setdefault(step.name, [0, 0, 0])
        tally[0] += 1
        tally[1 if result == "FINISHED" else 2] += 1
        self._note(name, [*said, *([error] if any(r in error for r in RAW) else [])])
        changed = {p for p, data in files.items() if self._files().get(p) != data} - step.writes(
            words
        )
        if changed:
            self._fault(f"{name} changed {sorted(p.name for p in changed)}")
        if bystander() != animated:
            self._fault(f"{name} changed what is the user's own animation")
        gone = others - _objects()
        if gone:
            self._fault(f"{name} removed {sorted(gone)}")
        if result != "FINISHED" and _objects() != others:
            self._fault(f"{name} gave up and left {sorted(_objects() - others)}")

    def _files(self) -> dict[Path, bytes]:
        return {p: p.read_bytes() for p in self.folder.rglob("*") if p.is_file()}

    def _note(self, step: str, said: list[str]) -> None:
        self._past.append(step.splitlines()[0])
        for text in said:
            self._fault(f"{step}: {text}")

    def _fault(self, what: str) -> None:
        self.faults.append(what + "\n    after " + "\n    ".join(self._past[-6:]))


def _objects() -> set[str]:
    return {o.name for o in bpy.data.objects}


@contextlib.contextmanager
def _errors() -> Iterator[list[str]]:
    """What is printed about errors that nobody caught: Blender prints those of property updates."""
    said: list[str] = []
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield said
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            file.seek(0)
            text = file.read().decode(errors="replace")
            if any(raw in text for raw in RAW):
                said.append(text[-1500:])


def walk(count: int, seed: int, make: Callable[[Path], None]) -> Walk:
    """Walk in a folder that ``make`` fills with footage and takes; Mien is registered for it."""
    import mien
    from mien.window.state import preferences

    defaults: Any = preferences._Defaults
    usual = defaults.takes
    with tempfile.TemporaryDirectory(prefix="mien-walk-") as name:
        folder = Path(name)
        make(folder)
        defaults.takes = str(folder / "takes")
        mien.register()
        try:
            gone = Walk(folder, seed)
            gone.go(count)
        finally:
            bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
            mien.unregister()
            defaults.takes = usual
            presets = Path(bpy.utils.user_resource("SCRIPTS", path="presets/mien/adjust"))
            (presets / "Walk.py").unlink(missing_ok=True)
    return gone


def fill(folder: Path) -> None:
    """Footage, takes and a recording to walk with."""
    from mien import api
    from mien.cli.commands import demo_clip

    shutil.copy(demo_clip(), folder / "face.mp4")
    take = api.capture(folder / "face.mp4", end=0.4, refine=False, texture=False)
    for name in ("one", "two"):
        api.save_take(take, folder / f"{name}.take.npz")
    other = api.capture(folder / "face.mp4", start=1.0, end=1.3, refine=False, texture=False)
    api.save_take(other, folder / "other.take.npz")
    api.write_live_link(api.performance(api.solve(take)), folder / "face.csv")
    (folder / "damaged.take.npz").write_bytes(b"PK\x03\x04 no take")
    (folder / "damaged.csv").write_text("Timecode,BlendshapeCount\n1,2,3\n")
    (folder / "damaged.mp4").write_bytes(b"no video")


def main() -> int:
    """Walk, and print what went wrong."""
    parser = argparse.ArgumentParser(prog="python -m blender_tests.walk", description=__doc__)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    gone = walk(arguments.steps, arguments.seed, fill)
    for name, (taken, finished, refused) in sorted(gone.counts.items()):
        print(f"{name:20} {taken:5} taken, {finished:5} finished, {refused:5} refused")
    for fault in gone.faults:
        print(fault)
    print(f"{arguments.steps} steps, {len(gone.faults)} faults")
    return 1 if gone.faults else 0


if __name__ == "__main__":
    sys.exit(main())
