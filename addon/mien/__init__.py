# SPDX-License-Identifier: GPL-3.0-or-later
"""Mien: a video becomes an animated face.

    import mien

    take = mien.capture("man.mp4")
    motion = mien.solve(take)
    performance = mien.performance(motion)
    mien.write_live_link(performance, "man.csv")

``mien.core`` holds the capture and knows nothing of Blender; ``mien.scene`` turns a motion into
Blender data; ``mien.cli`` is the command line. Importing this package imports none of them, so that
Blender starts as fast with Mien as without: the names of :mod:`mien.api` are loaded when they are
first asked for.
"""

from typing import TYPE_CHECKING, Any

from .core.version import VERSION

if TYPE_CHECKING:
    from .api import (
        Adjustments,
        Keying,
        KeySet,
        MienError,
        Motion,
        Performance,
        Progress,
        SkinSequence,
        Take,
        Timing,
        build_scene,
        capture,
        change_hair,
        load_take,
        performance,
        read_live_link,
        retarget,
        save_take,
        solve,
        write_live_link,
        write_texture_sequence,
    )

__all__ = [
    "Adjustments",
    "KeySet",
    "Keying",
    "MienError",
    "Motion",
    "Performance",
    "Progress",
    "SkinSequence",
    "Take",
    "Timing",
    "__version__",
    "build_scene",
    "capture",
    "change_hair",
    "load_take",
    "performance",
    "read_live_link",
    "register",
    "retarget",
    "save_take",
    "solve",
    "unregister",
    "write_live_link",
    "write_texture_sequence",
]
__version__ = VERSION


def __getattr__(name: str) -> Any:
    """A name of :mod:`mien.api`, loaded now."""
    if name in __all__:
        from . import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__


def register() -> None:
    """Add Mien to a running Blender (called by Blender when the extension is enabled)."""
    from . import registration

    registration.register()


def unregister() -> None:
    """Remove everything that :func:`register` added."""
    from . import registration

    registration.unregister()
