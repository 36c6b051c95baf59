# SPDX-License-Identifier: GPL-3.0-or-later
"""The capture itself: frames in, a take out. Nothing here imports ``bpy``."""
