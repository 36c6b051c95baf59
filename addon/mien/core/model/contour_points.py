# SPDX-License-Identifier: GPL-3.0-or-later
"""Which points the contours of mouth and brows are told by (numbers of MediaPipe's 468 as data)."""

LIPS_OUTER = (
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185,
)  # fmt: skip
"""Along the lips' outer edge, from the subject's right corner by way of the lower lip,"""
LIPS_INNER = (
    78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191,
)  # fmt: skip
"""and along their inner edges."""
NOSE_BASE = (98, 97, 2, 326, 327, 4, 129, 358)
"""Below the nostrils, at their wings and at the tip: what hardly moves, near the mouth."""
CHIN = (152, 200, 18)
"""From the chin's edge up to the lower lip."""
BROWS = (
    70, 63, 105, 66, 107, 46, 53, 52, 65, 55, 300, 293, 334, 296, 336, 276, 283, 282, 295, 285,
)  # fmt: skip
"""Upper and lower edge of the right brow, then of the left one, each from without to within."""
BRIDGE_AND_LIDS = (168, 6, 197, 33, 133, 362, 263)
"""The nose's bridge and the eyes' corners: what hardly moves, near the brows."""

MOUTH_POINTS = (*LIPS_OUTER, *LIPS_INNER, *NOSE_BASE, *CHIN)
"""What the network of contours tells of the mouth,"""
BROW_POINTS = (*BROWS, *BRIDGE_AND_LIDS)
"""and of the brows."""
CONTOUR_POINTS = (*MOUTH_POINTS, *BROW_POINTS)
"""All of it, in the order of its answers."""
