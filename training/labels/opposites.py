# SPDX-License-Identifier: GPL-3.0-or-later
"""Blendshapes of which a face does one or the other, never both at once."""

from mien.core.model.arkit import ARKIT_BLENDSHAPES


def _pairs() -> tuple[tuple[int, int], ...]:
    whole = [("mouthLeft", "mouthRight"), ("jawLeft", "jawRight")]
    of_a_side = [
        ("mouthSmile", "mouthFrown"), ("browDown", "browOuterUp"), ("eyeWide", "eyeBlink"),
        ("eyeWide", "eyeSquint"),
    ]  # fmt: skip
    sides = [(a + side, b + side) for a, b in of_a_side for side in ("Left", "Right")]
    inner = [(f"browDown{side}", "browInnerUp") for side in ("Left", "Right")]
    return tuple(
        (ARKIT_BLENDSHAPES.index(a), ARKIT_BLENDSHAPES.index(b)) for a, b in whole + sides + inner
    )


OPPOSITES = _pairs()
"""Pairs of places among the 52. Pucker and smile, or funnel and stretch, do go together in speech."""
