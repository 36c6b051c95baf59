# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the sound that tests of films listen for."""

import wave
from pathlib import Path

import numpy as np


def click(path: Path, second: float) -> Path:
    """Two seconds of silence with a tenth of a second of sound."""
    times = np.arange(0, 2, 1 / 44100)
    tone = 20000 * np.sin(2 * np.pi * 880 * times) * ((times >= second) & (times < second + 0.1))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(44100)
        file.writeframes(tone.astype("<i2").tobytes())
    return path
