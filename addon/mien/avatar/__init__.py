# SPDX-License-Identifier: GPL-3.0-or-later
"""Performances on characters: reads a character's shape keys and bones, keys them. All of it ``bpy``."""
