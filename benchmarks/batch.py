# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m benchmarks.batch``: a hundred short clips as one batch, three of them bad.

The batch runs twice; the second run has nothing to do. The ratio is the memory of the last ten jobs'
processes to that of the first ten.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
from mien.batch.jobs_file import read_jobs
from mien.batch.runner import Outcome, run_batch
from mien.batch.summary import table, totals

from .footage import cut
from .memory import resident

BAD = ("truncated", "faceless", "text")
LENGTH = 4
"""Frames of a clip: what is measured is starting and ending jobs, not capturing."""
FOUND_UNTIL = 50
"""In frames 56 to 62 the man shouts, and the finder sees no face; a clip of those alone has none."""
SOME = 10
"""Jobs at the start and at the end whose peaks of memory are compared."""


def lay_out(folder: Path, count: int) -> Path:
    """Write ``count`` clips, the last three of them bad, and a jobs file for them.

    A clip has a few frames of the talking man. The bad ones are a file cut off in its middle, one
    that shows no face, and one that is text.
    """
    clips = folder / "clips"
    clips.mkdir()
    names = [f"clip_{index:03d}" for index in range(count - len(BAD))] + list(BAD)
    for index, name in enumerate(names):
        path = clips / f"{name}.mp4"
        if name == "text":
            path.write_text("This is not a video.\n")
        elif name == "faceless":
            _gradient(path)
        else:
            cut(path, index % FOUND_UNTIL, LENGTH)
        if name == "truncated":
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    rows = [f"{name},clips/{name}.mp4,shots/{name}.blend" for name in names]
    jobs = folder / "jobs.csv"
    jobs.write_text("\n".join(["name,footage,output", *rows]) + "\n")
    return jobs


def _gradient(path: Path) -> None:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 25, (176, 144))
    column = np.linspace(0, 255, 144).astype(np.uint8)
    for _ in range(LENGTH):
        writer.write(np.repeat(np.repeat(column[:, None], 176, axis=1)[..., None], 3, axis=2))
    writer.release()


def main() -> None:
    """Run the batch twice; print its table, times and memory."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--clips", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    own: list[int] = []

    def note(outcome: Outcome, ended: int, total: int) -> None:
        own.append(resident())

    with tempfile.TemporaryDirectory() as folder:
        jobs = read_jobs(lay_out(Path(folder), arguments.clips))
        for run in ("first", "second"):
            start = time.perf_counter()
            outcomes = run_batch(jobs, arguments.workers, report=note)
            spent = time.perf_counter() - start
            print(table(outcomes) if run == "first" else "", totals(outcomes), sep="\n")
            print(f"{run} run: {spent:.1f} s with {arguments.workers} workers")
    peaks = [o.record.peak / 2**20 for o in outcomes if o.record and o.record.frames]
    first, last = statistics.median(peaks[:SOME]), statistics.median(peaks[-SOME:])
    print(f"a job's process: {min(peaks):.0f} to {max(peaks):.0f} MiB; ratio {last / first:.3f}")
    print(
        f"the batch's own process: {own[0] / 2**20:.0f} MiB after the first job, {own[-1] / 2**20:.0f} "
        "MiB after the last"
    )


if __name__ == "__main__":
    main()
