# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m tests.fuzz [--seconds N] [--seed S]``: damaged files of every kind into their readers.

Each reader must give what it reads or raise a MienError, in twenty seconds and two gigabytes. Files are
read in a child process, so that a crash is seen too; the last file that it was given is then kept.
"""

import argparse
import faulthandler
import multiprocessing
import random
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import cv2
import numpy as np

MEMORY = 2 * 2**30
PATIENCE = 20.0
Reader = Callable[[Path], object]
TOKENS = (
    b"0", b"-1", b"1e999", b"nan", b"\xff\xff\xff\xff", b"\x00" * 16, b"[" * 300, b"a." * 400, b'"',
    b"9" * 5000, b",", b";", b"\n", b"\r", b"=", b"{", b"}", b"../", b"\\u0000", b"\x1b[2J", b"PK\x03\x04",
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A kind of file: a good one, and what reads it."""

    suffix: str
    good: bytes
    read: Reader


def kinds(folder: Path) -> dict[str, Kind]:
    """All kinds of files that come from outside."""
    from mien.batch.job_state import read_record
    from mien.batch.jobs_file import read_jobs
    from mien.core.assets import head_path, reliability_path
    from mien.core.capture.sources import open_source
    from mien.core.formats.live_link import read_live_link, write_live_link
    from mien.core.model.head import load_head
    from mien.core.performance.performance import to_performance
    from mien.core.retarget.files import LIBRARY, load_table
    from mien.core.solve.motion import solve_take
    from mien.core.solve.reliability import load_reliability
    from mien.core.take.journal import TakeWriter
    from mien.core.take.take_file import load_take, save_take
    from mien.worker.motion_file import load_motion, save_motion

    from .conftest import made_take
    from .core.test_journal import rows_of
    from .mp4 import write_video

    head = load_head(head_path())
    take = made_take(head, 6)
    motion = solve_take(take, head)
    save_take(take, folder / "take.npz")
    save_motion(motion, folder / "motion.npz")
    write_live_link(to_performance(motion), folder / "link.csv")
    with TakeWriter(folder / "cut.npz", take.info) as writer:
        writer.append(rows_of(take))
        writer.append(rows_of(take)[:0])
        part = writer.journal.read_bytes()
    picture = np.random.default_rng(0).integers(0, 255, (40, 60, 3)).astype(np.uint8)
    write_video(folder / "a.mp4", 4)
    jobs_toml = (
        b'[defaults]\nfps = 25\n[[job]]\nname = "a"\nfootage = "a.mp4"\noutput = "a.blend"\n'
    )
    jobs_csv = (
        b"name,footage,output,preview,export,start,end,fps\na,1.mp4,1.blend,1.png,1.fbx,0,1,25\n"
    )

    def frames(path: Path) -> int:
        return sum(1 for _ in open_source(path, end=1.0))

    def solved(path: Path) -> object:
        return solve_take(load_take(path), head)

    def encoded(suffix: str) -> bytes:
        return bytes(cv2.imencode(suffix, picture)[1])

    found = {
        "take": Kind(".npz", (folder / "take.npz").read_bytes(), solved),
        "journal": Kind(".part", part, solved),
        "motion": Kind(".npz", (folder / "motion.npz").read_bytes(), load_motion),
        "head": Kind(".npz", head_path().read_bytes(), load_head),
        "link": Kind(".csv", (folder / "link.csv").read_bytes(), read_live_link),
        "jobs_toml": Kind(".toml", jobs_toml, read_jobs),
        "jobs_csv": Kind(".csv", jobs_csv, read_jobs),
        "record": Kind(
            ".json", b'{"name":"a","state":"done","digest":"","inputs":{}}', read_record
        ),
        "reliability": Kind(".json", reliability_path().read_bytes(), load_reliability),
        "video": Kind(".mp4", (folder / "a.mp4").read_bytes(), frames),
    }
    found |= {
        f"table_{path.stem}": Kind(".toml", path.read_bytes(), load_table)
        for path in sorted(LIBRARY.glob("*.toml"))[:2]
    }
    found |= {
        f"image{suffix}": Kind(suffix, encoded(suffix), frames)
        for suffix in (".png", ".jpg", ".webp", ".bmp", ".tif", ".ppm", ".jp2")
    }
    return found


def mutated(good: bytes, rng: random.Random) -> bytes:
    """A good file with some bytes changed, cut, doubled, or put in."""
    data = bytearray(good)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        at = (
            rng.randrange(len(data) + 1)
            if rng.random() < 0.6
            else rng.randrange(min(len(data), 400) + 1)
        )
        length = rng.choice((1, 2, 4, 8, 64, 1000))
        change = rng.randrange(7)
        if change == 0 and at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        elif change == 1:
            data[at : at + length] = rng.randbytes(min(length, 64))
        elif change == 2:
            del data[at : at + length]
        elif change == 3:
            data[at:at] = data[at : at + length] * rng.choice((1, 2, 50))
        elif change == 4:
            data[at:at] = rng.choice(TOKENS)
        elif change == 5:
            data[at : at + 4] = rng.choice((0, 1, 2**31 - 1, 2**32 - 1)).to_bytes(4, "little")
        elif rng.random() < 0.2:
            del data[at:]
    return bytes(data)


def serve(pipe: Connection, folder: str) -> None:
    """The child: reads files that it is told, says what came of each."""
    from mien.core.errors import MienError

    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY + 2**30, MEMORY + 2**30))
    readers = kinds(Path(folder))
    pipe.send({name: (kind.suffix, kind.good) for name, kind in readers.items()})
    while True:
        name, path = pipe.recv()
        try:
            readers[name].read(Path(path))
            pipe.send("read")
        except MienError as error:
            pipe.send("refused" if "\n" not in str(error) else f"of many lines: {error}")
        except Exception:
            pipe.send(traceback.format_exc())


def fuzz(seconds: float, seed: int, only: str = "") -> tuple[Counter[str], list[str]]:
    """Feed damaged files for some time.

    Returns:
        How many files of each kind were given, and what went wrong: where the file is kept, and why.
    """
    rng = random.Random(seed)
    spawn = multiprocessing.get_context("spawn")
    given: Counter[str] = Counter()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        child: Any = None
        end = time.monotonic() + 1e9
        while time.monotonic() < end or child is None:
            if child is None:
                pipe, theirs = spawn.Pipe()
                child = spawn.Process(target=serve, args=(theirs, folder), daemon=True)
                child.start()
                theirs.close()
                goods: dict[str, tuple[str, bytes]] = pipe.recv()
                names = [name for name in goods if only in name]
                end = min(end, time.monotonic() + seconds)
            name = rng.choice(names)
            suffix, good = goods[name]
            path = Path(folder) / f"fuzz{suffix}"
            path.write_bytes(mutated(good, rng))
            given[name] += 1
            said = _asked(pipe, name, path)
            if said not in ("read", "refused"):
                kept = (
                    Path(tempfile.gettempdir()) / f"mien-fuzz-{seed}-{sum(given.values())}{suffix}"
                )
                kept.write_bytes(path.read_bytes())
                wrong.append(f"{name}: {kept}: {said}")
                if said.startswith(("crash", "too long")):
                    child.kill()
                    child = None
        if child is not None:
            child.kill()
            child.join()
    return given, wrong


def _asked(pipe: Any, name: str, path: Path) -> str:
    pipe.send((name, str(path)))
    if not pipe.poll(PATIENCE):
        return "too long"
    try:
        return str(pipe.recv())
    except EOFError:
        return "crash"


def main() -> int:
    """Fuzz, and print what went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="kinds whose name holds this")
    arguments = parser.parse_args()
    given, wrong = fuzz(arguments.seconds, arguments.seed, arguments.only)
    print("\n".join(wrong))
    print(f"{sum(given.values())} files, {len(wrong)} wrong: {dict(given)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
