# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
from mien.core.model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES
from mien.core.model.params import FloatArray
from mien.core.solve.neutral import find_rest
from mien.core.solve.running_rest import REACH, RunningRest

RATE = 25.0
BROW, JAW, BLINK = (
    ARKIT_BLENDSHAPES.index(name) for name in ("browInnerUp", "jawOpen", "eyeBlinkLeft")
)


def talking(seconds: float, brow: float, seed: int = 0) -> FloatArray:
    """Brows that stand at a height, a jaw that opens and shuts, and a little noise."""
    time = np.arange(0, seconds, 1 / RATE)
    out = np.zeros((len(time), N_BLENDSHAPES), np.float32)
    out[:, BROW] = brow
    out[:, JAW] = 0.06 + 0.3 * np.maximum(np.sin(2 * np.pi * time / 3), 0)
    out += 0.01 * np.random.default_rng(seed).random(out.shape, np.float32)
    return out


def played(rest: RunningRest, said: FloatArray, start: float = 0.0) -> FloatArray:
    return np.stack([rest(start + k / RATE, row, 1.0) for k, row in enumerate(said)])


def test_what_stands_all_the_while_is_gone_after_a_few_seconds() -> None:
    said = talking(12, 0.2)
    found = played(RunningRest(), said)
    times = np.arange(len(said)) / RATE
    whole = find_rest(said, times, np.ones(len(said), np.float32)).blendshapes
    assert found[0, BROW] == pytest.approx(said[0, BROW])
    assert found[-100:, BROW].max() < 0.02
    assert found[-100:, JAW].max() == pytest.approx(said[-100:, JAW].max() - whole[JAW], abs=0.02)


def test_nothing_pops_and_older_rests_are_forgotten() -> None:
    rest = RunningRest()
    before = played(rest, talking(REACH, 0.2))
    after = played(rest, talking(2 * REACH, 0.05, 1), REACH)
    assert np.abs(np.diff(before[:, BROW])).max() < 0.03
    assert (
        after[:25, BROW].max() < 0.01
    )  # still held to be at rest, and nothing is less than nothing
    raised = talking(1, 0.25, 2)
    assert played(rest, raised, 3 * REACH)[:10, BROW].min() > 0.17


def test_a_shut_lid_stays_shut() -> None:
    said = talking(5, 0)
    said[:, BLINK] += 0.15
    said[-1, BLINK] = 1
    found = played(RunningRest(), said)
    assert found[-1, BLINK] == pytest.approx(1)
    assert found[-2, BLINK] < 0.02


def test_frames_of_no_confidence_say_nothing() -> None:
    rest = RunningRest()
    played(rest, talking(10, 0.0))
    hidden = talking(3, 0.3, 1)
    for k, row in enumerate(hidden):
        rest(10 + k / RATE, row, 0.1)
    assert rest(14, talking(1, 0.3, 3)[0], 1.0)[BROW] > 0.25
