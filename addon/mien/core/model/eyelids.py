# SPDX-License-Identifier: GPL-3.0-or-later
"""Eyelids: how far an expression closes them, and closing them as far as the blink weights say.

The 10 components are regressed for the whole face, in which a lid is small; the eyeBlink weights
are regressed for the lids alone. Where the two disagree a half-open lid over an eye that was shut
is what an animator sees first.
"""

import numpy as np

from .arkit import BLINKS
from .head import Head
from .params import FloatArray

CERTAIN = 0.2
"""From this weight on an eye does blink."""


def closure(expression: FloatArray, head: Head) -> FloatArray:
    """How far expressions ``(F, 10)`` close the left and the right eye: ``(F, 2)``.

    It is the share of a blink's motion that an expression makes: 0 where the lids stay as they are,
    1 for the expression nearest to the whole blink, below 0 where the eyes are wider.
    """
    return (expression @ _measure(head).T).astype(np.float32)


def close_eyelids(expression: FloatArray, blendshapes: FloatArray, head: Head) -> FloatArray:
    """Expressions ``(F, 10)`` whose lids are at least as far down as weights ``(F, 52)`` say.

    A weight near 0 says nothing: an eye that does not blink may still be wide open.
    """
    blink = blendshapes[:, BLINKS]
    missing = np.maximum(blink - closure(expression, head), 0) * np.minimum(blink / CERTAIN, 1)
    return (expression + missing @ head.blendshapes_to_expression[BLINKS]).astype(np.float32)


def _measure(head: Head) -> FloatArray:
    """Rows ``(2, 10)`` whose product with an expression is :func:`closure`."""
    blinks = head.blendshapes[BLINKS].reshape(2, -1)
    share = blinks @ head.expression.reshape(len(head.expression), -1).T
    full = share @ head.blendshapes_to_expression[BLINKS].T
    return np.linalg.solve(full, share).astype(np.float32)
