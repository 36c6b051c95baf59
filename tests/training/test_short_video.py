# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from training.data.augment import ClipRandom
from training.data.short_video import blur, degrade_clip, stills_to_clips
from training.generator.neighbouring_frames import FRAMES, ROLL_STEP, SCALE_STEP

NONE = torch.zeros(4 * FRAMES, dtype=torch.bool)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_steps_stay_within_the_papers_ranges(seed: int) -> None:
    dice = ClipRandom(torch.Generator().manual_seed(seed), NONE, FRAMES)
    index, motion, clip = stills_to_clips(NONE, dice, 1.0)
    assert clip.all()
    assert (index % FRAMES == 0).all()  # all show the first still of their run
    roll = motion.roll.reshape(-1, FRAMES)
    assert (roll[:, 0] == 0).all()
    assert roll.diff(dim=1).abs().max() <= np.radians(ROLL_STEP) + 1e-6
    ratio = motion.scale.reshape(-1, FRAMES)[:, 1:] / motion.scale.reshape(-1, FRAMES)[:, :-1]
    assert (ratio - 1).abs().max() <= SCALE_STEP + 1e-6


def test_drawn_clips_are_left_alone() -> None:
    clip = NONE.clone()
    clip[:FRAMES] = True
    dice = ClipRandom(torch.Generator().manual_seed(0), clip, FRAMES)
    index, motion, now = stills_to_clips(clip, dice, 1.0)
    assert index[:FRAMES].tolist() == list(range(FRAMES))
    assert (motion.scale[:FRAMES] == 1).all()
    assert now.all()


def test_the_first_frame_and_stills_stay_clean() -> None:
    crop = torch.rand(2 * FRAMES, 3, 32, 32)
    clip = torch.tensor([True] * FRAMES + [False] * FRAMES)
    seen = degrade_clip(crop, clip, torch.Generator().manual_seed(1))
    same = (seen - crop).abs().amax(dim=(1, 2, 3)) < 1e-5
    assert same[0]
    assert same[FRAMES:].all()
    assert not same[1:FRAMES].any()


def test_blur_runs_along_its_line_and_keeps_the_light() -> None:
    crop = torch.zeros(2, 3, 31, 31)
    crop[:, :, 15, 15] = 1
    out = blur(crop, torch.tensor([[5.0, 0.0], [0.0, 0.0]]))
    assert torch.allclose(out.sum(dim=(2, 3)), torch.ones(2, 3), atol=1e-5)
    wide = (out[0, 0] > 0.01).nonzero()
    assert wide[:, 1].max() - wide[:, 1].min() >= 4
    assert wide[:, 0].max() - wide[:, 0].min() <= 2
    assert torch.allclose(out[1], crop[1], atol=1e-6)
