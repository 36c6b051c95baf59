# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames in, a take out: sources, finder, regressor, tracker, one face or several."""
