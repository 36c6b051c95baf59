# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m benchmarks.memory``: memory of the process while long footage is captured."""

import argparse
import tempfile
from pathlib import Path

from mien.core.capture.capture import Progress, capture, load_models
from mien.core.capture.sources import open_source
from mien.core.take.take import RECORD

from .footage import enlarge

SETTLED = 0.1
"""Share of the footage after which the memory counts."""


def resident() -> int:
    """Bytes of this process in memory."""
    fields = Path("/proc/self/statm").read_text().split()
    return int(fields[1]) * 4096


def main() -> None:
    """Capture footage of some minutes and print how memory grew, in bytes a frame."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--height", type=int, default=1080)
    arguments = parser.parse_args()
    count = round(arguments.minutes * 60 * 30)
    samples: list[tuple[int, int]] = []

    def note(progress: Progress) -> None:
        if progress.done % 300 == 0:
            samples.append((progress.done, resident()))

    with tempfile.TemporaryDirectory() as folder:
        path = enlarge(Path(folder) / "long.mp4", arguments.height, count)
        take = capture(open_source(path), load_models(), Path(folder) / "take.npz", note)
    settled = [s for s in samples if s[0] >= SETTLED * count]
    grown = (settled[-1][1] - settled[0][1]) / (settled[-1][0] - settled[0][0])
    print(f"{len(take)} frames, {arguments.height}p: {settled[-1][1] / 2**20:.0f} MiB at the end")
    print(f"grew by {grown:.0f} bytes a frame; a frame of the take has {RECORD.itemsize}")
    print(f"ratio {grown / RECORD.itemsize:.1f}")


if __name__ == "__main__":
    main()
