# SPDX-License-Identifier: GPL-3.0-or-later
"""Libraries that building a head needs, loaded one at a time from when Mien's tab is first seen.

Loaded all at once they would hold up the window for half a second, and one of them while a capture
keeps all cores busy for a tenth. So they are loaded while the animator still looks at the panel; what
is missing when a capture begins is loaded beside it.
"""

import sys
import time
from collections.abc import Iterator
from importlib import import_module

import bpy

LIBRARIES = (
    "logging", "numpy.ma", "numpy.testing", "charset_normalizer", "numpy.f2py.crackfortran", "numpy.f2py",
    "numpy.random", "scipy", "scipy._lib._array_api", "scipy.sparse._base", "scipy.linalg.blas",
    "scipy.linalg._basic", "scipy.linalg._decomp_update", "scipy.linalg", "scipy.sparse.csgraph",
    "scipy.sparse.linalg", "scipy.sparse", "scipy.special._support_alternative_backends",
    "scipy.special", "scipy.spatial.distance", "scipy.spatial.transform", "cv2",
)  # fmt: skip
"""SciPy would load all of these by itself; in this order each costs a few hundredths of a second."""


PAUSE = 0.15
"""Seconds between two libraries, in which the window draws and answers."""
_steps: Iterator[None] | None = None
_warm = False
_last = 0.0


def schedule() -> None:
    """Have the libraries loaded while nothing else goes on. Costs nothing once they are there."""
    if not _warm and not bpy.app.timers.is_registered(_tick):
        bpy.app.timers.register(_tick, first_interval=PAUSE)


def preload_next() -> bool:
    """Load the next library, if the last one was a while ago; whether all are there."""
    global _steps, _warm, _last
    if _warm or time.monotonic() - _last < PAUSE:
        return _warm
    _steps = _steps or _libraries()
    try:
        next(_steps)
    except StopIteration:
        _warm = True
    except Exception:
        _warm = True  # said once, not at every redraw; what needs it will say it again
        raise
    finally:
        _last = time.monotonic()
    return _warm


def _tick() -> float | None:
    return None if preload_next() else PAUSE


def _libraries() -> Iterator[None]:
    for name in LIBRARIES:
        if name not in sys.modules:
            try:
                import_module(name)
            except ImportError:  # a part of another name in another version
                continue
            yield
    from . import heads

    yield
    head = heads.loaded_head()
    yield
    from ...core.model.parts import shown_head

    shown_head(head)
    yield
    from ...scene.materials import toned_pictures

    yield from toned_pictures({})


def register() -> None:
    """Nothing is loaded before the tab is seen."""


def unregister() -> None:
    """Stop loading."""
    global _steps
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
    _steps = None
