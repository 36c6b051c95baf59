# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m blender_tests.kills [--count N] [--seed S]``: commands are killed, nothing old is lost.

With ``--photos FOLDER --witness TASK`` photos are labelled too, which needs the training group. Each
command runs over the outputs of an earlier run and is killed after some time, by itself or with all
that it has started. Afterwards every file of before is as it was, or the new one and whole.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mien.cli.commands import demo_clip
from mien.core.assets import head_path
from mien.core.errors import MienError
from mien.core.model.head import load_head
from mien.core.take.take_file import load_take

OLD = b"of an earlier run"
SETTLES = 3.0
"""Seconds in which what is left of a command must have ended."""


@dataclass(frozen=True)
class Command:
    """A command and what it writes."""

    words: tuple[str, ...]
    outputs: tuple[str, ...]


MIEN = (sys.executable, "-m", "mien.cli")
COMMANDS = (
    Command(
        (*MIEN, "capture", "face.mp4", "--end", "1", "--output", "o.blend", "--preview", "o.mp4"),
        ("o.blend", "o.take.npz", "o.mp4"),
    ),
    Command((*MIEN, "export", "made.blend", "--output", "o.glb"), ("o.glb",)),
    Command((*MIEN, "export", "made.blend", "--output", "o.usdc"), ("o.usdc",)),
    Command((*MIEN, "export", "made.take.npz", "--csv", "o.csv"), ("o.csv",)),
    Command(
        (*MIEN, "retarget", "--take", "made.take.npz", "--avatar", "made.blend", "--target",
         "Mien Head", "--output", "o.blend", "--save-map", "o.toml"), ("o.blend", "o.toml"),
    ),
    Command((*MIEN, "batch", "jobs.csv"), ("o.blend", "o.take.npz", "o.fbx")),
)  # fmt: skip


ROOT = Path(__file__).resolve().parents[1]
PHOTOS = 12
"""Enough to be killed among."""


def labelling(witness: Path) -> Command:
    """Photos to labels; a folder of some of them lies where the command runs."""
    words = (sys.executable, "-m", "training.labels", "photos", "--output", "o.labels.npz")
    return Command((*words, "--witness", str(witness.resolve())), ("o.labels.npz",))


def prepare(folder: Path, photos: Path | None = None) -> None:
    """A folder with footage, a take and a scene, and some photos."""
    for photo in sorted(photos.rglob("*.jpg"))[:PHOTOS] if photos else ():
        (folder / "photos").mkdir(exist_ok=True)
        shutil.copy(photo, folder / "photos")
    shutil.copy(demo_clip(), folder / "face.mp4")
    words = [*MIEN, "capture", "face.mp4", "--end", "1", "--output", "made.blend"]
    subprocess.run(words, cwd=folder, check=True, capture_output=True)
    (folder / "jobs.csv").write_text("footage,end,output,export\nface.mp4,1,o.blend,o.fbx\n")


WHOLE: dict[str, Callable[[bytes], bool]] = {
    ".blend": lambda d: d[:4] == b"\x28\xb5\x2f\xfd" or d[:7] == b"BLENDER",
    ".glb": lambda d: int.from_bytes(d[8:12], "little") == len(d),
    ".usdc": lambda d: d[:8] == b"PXR-USDC" and int.from_bytes(d[16:24], "little") < len(d),
    ".csv": lambda d: d.count(b"\n") > 30 and d.endswith(b"\n"),
    ".toml": lambda d: d.startswith(b"format = 1") and d.endswith(b"\n"),
    ".fbx": lambda d: d.startswith(b"Kaydara FBX Binary") and len(d) > 100_000,
    ".mp4": lambda d: b"moov" in d,
}


def kill_once(made: Path, command: Command, after: float, group: bool) -> tuple[list[str], bool]:
    """Run a command, kill it, and say what was lost, and whether it had ended before."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(shutil.copytree(made, Path(name) / "work"))
        for output in command.outputs:
            (folder / output).write_bytes(OLD)
        (folder / "o.take.npz.part").write_bytes(OLD)
        before = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
        child = subprocess.Popen(
            command.words, cwd=folder, start_new_session=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            child.wait(after)
        except subprocess.TimeoutExpired:
            (os.killpg if group else os.kill)(child.pid, signal.SIGKILL)
        ended = child.wait() == 0
        time.sleep(SETTLES)
        lost = [p for p, data in before.items() if not _kept(folder / p, data, command.outputs)]
        return lost, ended


def _kept(path: Path, before: bytes, outputs: tuple[str, ...]) -> bool:
    if not path.is_file():
        return False
    data = path.read_bytes()
    if data == before:
        return True
    if path.name not in outputs:
        return False
    if path.name.endswith(".labels.npz"):
        from training.labels.store import load_labels

        return len(load_labels(path, load_head(head_path()))) > PHOTOS // 2
    if path.suffix == ".npz":
        try:
            return len(load_take(path)) > 20
        except MienError:
            return False
    return WHOLE[path.suffix](data)


def kills(count: int, seed: int, photos: Path | None, witness: Path | None) -> list[str]:
    """Kill commands so often, one after the other; what was lost."""
    commands = [*COMMANDS, *([labelling(witness)] if photos and witness else [])]
    rng = random.Random(seed)
    lost: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        made = Path(name)
        prepare(made, photos)
        spans = dict.fromkeys(commands, 30.0)
        for number in range(count):
            command = commands[number % len(commands)]
            after, group = rng.uniform(0.2, spans[command]), rng.random() < 0.5
            begun = time.monotonic()
            gone, ended = kill_once(made, command, after, group)
            if ended:  # it takes no longer than this
                spans[command] = min(spans[command], 1.2 * (time.monotonic() - begun - SETTLES))
            how = "ended" if ended else "killed"
            print(
                number, command.words[3], how, f"{after:.1f} s", gone or "nothing lost", flush=True
            )
            lost += [f"{' '.join(command.words[2:])} after {after:.2f} s: {name}" for name in gone]
    return lost


def main() -> int:
    """Kill, and print what was lost."""
    parser = argparse.ArgumentParser(prog="python -m blender_tests.kills", description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--photos", type=Path, help="label photos of this folder as well,")
    parser.add_argument("--witness", type=Path, help="with MediaPipe's face_landmarker.task")
    arguments = parser.parse_args()
    lost = kills(arguments.count, arguments.seed, arguments.photos, arguments.witness)
    print(f"{arguments.count} runs, lost: {lost or 'nothing'}")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
