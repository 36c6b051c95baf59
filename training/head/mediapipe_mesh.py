# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of MediaPipe's 468 face-mesh points lie where on a face (point numbers as data)."""

# iBUG 17-67 in MediaPipe's numbering. Three values: a point between two of them, at that share.
Between = tuple[int, int, float]
BROWS: tuple[Between, ...] = (
    (70, 46, 0.0), (63, 53, 0.0), (105, 52, 0.0), (66, 65, 0.0), (107, 66, 0.3),
    (336, 296, 0.3), (296, 295, 0.0), (334, 282, 0.0), (293, 283, 0.0), (300, 276, 0.0),
)  # fmt: skip
"""Along the upper edge of the brows; their inner ends lie a little outward of MediaPipe's."""
NOSE: tuple[Between, ...] = (
    (168, 6, 0.5), (197, 195, 0.45), (5, 4, 0.2), (4, 1, 0.5),
    (98, 97, 0.45), (97, 2, 0.0), (2, 97, 0.0), (326, 2, 0.0), (327, 326, 0.45),
)  # fmt: skip
"""The bridge from the height of the eyes in even steps to the tip, then below the nostrils."""
EYES = (33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380)
LIPS_68 = (61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181)
"""The tool's numbers of the points that lie on the 68 landmarks of eyes and outer lips, in iBUG's order."""
LIPS_INSIDE: tuple[Between, ...] = (
    (78, 81, 0.0), (81, 82, 0.65), (13, 82, 0.0), (311, 312, 0.65),
    (308, 311, 0.0), (402, 317, 0.65), (14, 87, 0.0), (178, 87, 0.65),
)  # fmt: skip
"""At a third and two thirds of the straight part of the lips' edges."""

CHIN = 152
"""The point in the middle of the chin's edge."""

# The jaw bone's edge on the mean head, seen from the side: height y and depth z in metres, from in
# front of the ear at the eyes' level, down to the angle of the jaw, and forward toward the chin.
JAW_PROFILE = (
    (0.030, 0.030), (0.010, 0.025), (-0.010, 0.024), (-0.028, 0.025), (-0.043, 0.031),
    (-0.055, 0.046), (-0.064, 0.062), (-0.0715, 0.079),
)  # fmt: skip

EYE_RINGS = (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7,
             263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249)  # fmt: skip
"""Around the openings of both eyes (as MediaPipe numbers its mesh)."""
