# SPDX-License-Identifier: GPL-3.0-or-later
"""Libraries that building a head needs, loaded a few at a time while a capture runs.

Loaded all at once they would hold up the window for half a second.
"""

import sys
from collections.abc import Iterator
from importlib import import_module

LIBRARIES = (
    "logging", "numpy.ma", "numpy.testing", "charset_normalizer", "numpy.f2py.crackfortran", "numpy.f2py",
    "numpy.random", "scipy", "scipy._lib._array_api", "scipy.sparse._base", "scipy.linalg.blas",
    "scipy.linalg._basic", "scipy.linalg._decomp_update", "scipy.linalg", "scipy.sparse.csgraph",
    "scipy.sparse.linalg", "scipy.sparse", "scipy.special._support_alternative_backends",
    "scipy.special", "scipy.spatial.distance", "scipy.spatial.transform", "cv2",
)  # fmt: skip
"""SciPy would load all of these by itself; in this order each costs a few hundredths of a second."""


def steps() -> Iterator[bool]:
    """Load one library at every step; it is over when all are there, and says False before."""
    for name in LIBRARIES:
        if name not in sys.modules:
            try:
                import_module(name)
            except ImportError:  # a part of another name in another version
                continue
            yield False
    from . import heads

    yield False
    heads.the_head()
