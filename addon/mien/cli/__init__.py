# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: ``mien ...`` and, inside Blender, ``blender -b --command mien ...``."""
