# SPDX-License-Identifier: GPL-3.0-or-later
"""Captures in a child process, so that the window stays live. No ``bpy`` on either side.

The child runs Blender's own Python. It writes what it finds into files of a folder of its own (the
take's journal, its status, a thumbnail), which the parent reads whenever it likes; nothing waits.
"""
