# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers by which poses, faces, gazes and lights are drawn.

All were chosen by eye on contact sheets (``python -m training.generator``), so that what is common in
footage is common, and all that a face can do is met.
"""

from dataclasses import dataclass

import numpy as np

Rng = np.random.Generator

YAW_LIMIT, PITCH_LIMIT = 95.0, 45.0
"""Degrees; a little beyond a profile, where half of the face is still seen."""
PEOPLE_PITCH = 60.0
"""Made-up people look so far up and down, degrees; photos do not bear it."""
YAW_SHARES = (0.38, 0.32, 0.30)
"""Of heads near the front, anywhere before the camera, and toward a profile."""
FRONT_YAW, ANY_YAW, SIDE_YAW = 15.0, 60.0, 45.0
"""Degrees of these three: spread of the first, limit of the second, least of the third."""
FAR_PITCH, FAR_ROLL, ANY_ROLL = 0.15, 0.14, 0.07
"""Shares that look far up or down, tilt the head far, and lie or stand on it."""
PITCH_SPREAD, ROLL_SPREAD, ROLL_LIMIT = 14.0, 12.0, 50.0
"""Degrees: spread of heads held as usual, and the limit of those that are tilted far."""


@dataclass(frozen=True)
class Chance:
    """How often something is done, and how strongly: a beta distribution of its weight."""

    share: float
    alpha: float
    beta: float

    def weight(self, rng: Rng) -> float:
        """A weight in [0, 1]."""
        return float(rng.beta(self.alpha, self.beta))


# What a face that does any mixture does.
JAW = Chance(0.55, 0.8, 2.0)
"""The jaw opens a little most of the time;"""
JAW_WIDE, WIDE_JAW = 0.2, (0.5, 1)
"""in this share of its openings by half of its reach and more."""
JAW_REACH = 0.71
"""So far it opens at most, 23 mm between the lips; acts go beyond."""
CLOSED_OVER_JAW, CLOSED_BY = 0.12, (0.2, 1)
"""Lips that stay together over an open jaw, and how much of the way."""
MOUTH = Chance(1.0, 1.0, 1.5)
"""Shapes of the mouth, so many at a time on average."""
PAIR = Chance(0.16, 1.0, 1.3)
"""What both sides have, for each pair;"""
LEAN, STRONG_LEAN, OFTEN_EVEN = 0.15, 0.7, 0.8
"""spread of how much one side does more: mostly, and in the other cases."""
SMILE = Chance(0.35, 1.3, 1.3)
"""A smile moves several at once:"""
SMILE_SIDES, SMILE_MORE = 0.1, 0.7
"""spread of a side's share, and the most of it that cheeks and upper lip take part."""
BLINK, WINK = 0.22, 0.06
"""Shares of both eyes shutting, and of one;"""
BLINK_SHUT, BLINK_SIDES = 0.6, 0.03
"""of blinks that are all but shut, and the spread between the eyes;"""
SHUT, WINKED = (0.7, 1), (0.3, 1)
"""the weights of these, and of a wink."""
SEEN_SHUT = 0.3
"""An eye that blinks more than this is not opened wide."""
BROW_UP = Chance(0.3, 1.0, 1.3)
"""Both brows go up in the middle."""
TONGUE = Chance(0.01, 2.0, 1.0)
"""The tongue comes out, which is rare in footage."""

AHEAD = 0.45
"""Share of eyes that look straight ahead."""
GAZE_SPREAD, GAZE_LIMIT = (0.26, 0.18), ((-0.55, 0.55), (-0.45, 0.4))
"""Radians, sideways and up: past these the iris goes under the lids."""

FRONT_LIGHT = 0.45
"""Share of light from about where the camera is, as filmed faces mostly have it;"""
FRONT_ASIDE, FRONT_ABOVE, FRONT_SPREAD = 0.5, 0.4, 0.4
"""spread of where that is to a side, and height and its spread, over how far it is before the face."""
ELSEWHERE = (0, 0.3, 0.3)
"""Light from elsewhere comes a little more from above and from before the face: added to a normal direction."""
AROUND = (2, 2)
"""Beta distribution of the light from everywhere;"""
WHOLE_LIGHT = 1.15
"""with the lamp, at its usual strength, it is about this much."""
LAMP, TINT, SOFTEST = (0.4, 1.3), 0.06, 0.6
"""Strength of the lamp, spread of its colour, and the most that its light reaches around."""

# What the whole of a face does.
MIXTURES, AT_REST = 0.25, 0.15
"""Shares of faces that do any mixture of weights, and of faces at rest; the others act."""
WHOLE_FACES = 0.3
"""Of the acts; the others are of a mouth, of brows, or of both apart, in these shares:"""
PARTS = (0.5, 0.2, 0.3)
"""mouth, brows, both."""
SECOND_ACT = 0.25
"""How often a mouth does two things, as it does in speech;"""
SECOND_STRENGTH = 0.6
"""the second at this share of its strength."""
