# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns motion into Blender data: head, shape keys, rig, action, camera. Thin; all of it ``bpy``."""
