# SPDX-License-Identifier: GPL-3.0-or-later
"""Mien: a video becomes an animated face.

``mien.core`` holds the capture and knows nothing of Blender; ``mien.scene`` turns a motion into
Blender data; ``mien.cli`` is the command line. Importing this package imports none of them, so that
Blender starts as fast with Mien as without.
"""

from .core.version import VERSION

__all__ = ["__version__", "register", "unregister"]
__version__ = VERSION


def register() -> None:
    """Add Mien to a running Blender (called by Blender when the extension is enabled)."""
    from . import registration

    registration.register()


def unregister() -> None:
    """Remove everything that :func:`register` added."""
    from . import registration

    registration.unregister()
