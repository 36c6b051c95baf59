# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of MediaPipe's 468 face-mesh points lie where on a face (point numbers as data)."""

# iBUG 17-67 in MediaPipe's numbering. Two numbers with a share: a point between them.
BROW_SHARE = 0.35
"""iBUG's brow points lie inside the brow: this far from its upper edge toward its lower one."""
BROWS = (
    (70, 46), (63, 53), (105, 52), (66, 65), (107, 55),
    (336, 285), (296, 295), (334, 282), (293, 283), (300, 276),
)  # fmt: skip
NOSE = (168, 197, 5, 4, 98, 97, 2, 326, 327)
EYES = (33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380)
MOUTH = (61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181,
         78, 81, 13, 311, 308, 402, 14, 178)  # fmt: skip

CHIN = 152

# The jaw bone's edge on the mean head, seen from the side: height y and depth z in metres, from in
# front of the ear at the eyes' level, down to the angle of the jaw, and forward toward the chin.
JAW_PROFILE = (
    (0.030, 0.030), (0.010, 0.025), (-0.010, 0.024), (-0.028, 0.025), (-0.043, 0.031),
    (-0.055, 0.046), (-0.064, 0.062), (-0.0715, 0.079),
)  # fmt: skip

LIPS_OUTER = (
    61,
    146,
    91,
    181,
    84,
    17,
    314,
    405,
    321,
    375,
    291,
    409,
    270,
    269,
    267,
    0,
    37,
    39,
    40,
    185,
)
EYE_RINGS = (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7,
             263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249)  # fmt: skip
BROW_BAND = (
    46,
    53,
    52,
    65,
    55,
    70,
    63,
    105,
    66,
    107,
    276,
    283,
    282,
    295,
    285,
    300,
    293,
    334,
    296,
    336,
)
