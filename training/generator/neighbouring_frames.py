# SPDX-License-Identifier: GPL-3.0-or-later
"""How many frames a short video has, and how far neighbouring ones lie apart (appendix C of the paper)."""

FRAMES = 8
"""Of a clip: the paper's n."""
SCALE_STEP = 0.05
"""The scale lies within 1 -+ this,"""
ROLL_STEP = 3.0
"""the turn in the plane within so many degrees either way,"""
SHIFT_STEP = 5.0
"""the shift within so many pixels of the crop along x and y, either way,"""
TURN_STEP = 5.0
"""and yaw and pitch within so many degrees, either way."""
