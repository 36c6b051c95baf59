# SPDX-License-Identifier: GPL-3.0-or-later
"""Of the shipped regressor's two files the one that this processor runs faster: measured once, and kept.

Eight bits take a fifth less time where a processor has instructions for them, and more where it has not. What they
say is the same to a tenth of what the network errs.
"""

import json
import os
import platform
import sys
import time
from pathlib import Path

import numpy as np

from ..assets import regressor_path, small_regressor_path
from ..errors import MienError
from ..model.params import CROP_SIZE
from ..reading import parse_json, read_bytes
from ..version import VERSION
from ..writing import write_whole
from .onnx_file import open_session

RUNS = 12
"""Of each file, in turn; the quickest of each counts, as what else the machine does only slows down."""
CLEARLY = 0.95
"""The file in 8 bits is taken if it takes less than this share of the other's time."""
KEPT = "faster_regressor.json"
"""Name of the file in :func:`cache_folder`."""
_MOST_BYTES = 65536
"""Of what is kept: a line for each machine that shares the folder, some hundred bytes long."""


def faster_regressor(kept: Path | None = None) -> Path:
    """The file of the shipped regressor that is to be used on this machine.

    Args:
        kept: where what was measured is kept; by default in the user's folder for such things. What cannot be
            read or written there is measured anew.
    """
    whole, small = regressor_path(), small_regressor_path()
    if not small.is_file() or not whole.is_file():
        return whole
    kept = kept or cache_folder() / KEPT
    known = _read(kept)
    machine = _machine(whole, small)
    if machine not in known:
        known[machine] = _measure(whole, small)
        _write(kept, known)
    return small if known[machine] < CLEARLY else whole


def cache_folder() -> Path:
    """The user's folder for what can be made again."""
    home = Path("~").expanduser()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME", home / ".cache"))
    return base / "mien"


def _machine(*files: Path) -> str:
    """What a measurement holds for: this computer, ONNX Runtime, and these files."""
    import onnxruntime as ort  # no sooner than a network is wanted

    sizes = " ".join(str(file.stat().st_size) for file in files)
    return f"{platform.node()} {platform.machine()} {ort.__version__} {VERSION} {sizes}"


def _measure(whole: Path, small: Path) -> float:
    """Time of the file in 8 bits over that of the other."""
    crop = np.zeros((1, CROP_SIZE, CROP_SIZE, 3), np.uint8)
    sessions = [open_session(path) for path in (small, whole)]
    best = [np.inf, np.inf]
    for _ in range(RUNS):
        for k, session in enumerate(sessions):
            start = time.perf_counter()
            session.run(None, {"crop": crop})
            best[k] = min(best[k], time.perf_counter() - start)
    return best[0] / best[1]


def _read(path: Path) -> dict[str, float]:
    try:
        known = parse_json(read_bytes(path, _MOST_BYTES))
        return {str(machine): float(ratio) for machine, ratio in known.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _write(path: Path, known: dict[str, float]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(known, indent=1).encode())
    except (OSError, MienError):
        return  # it is measured again the next time
