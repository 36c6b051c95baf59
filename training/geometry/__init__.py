# SPDX-License-Identifier: GPL-3.0-or-later
"""Surfaces: rasterising them, and the head as a linear model on the training device."""
