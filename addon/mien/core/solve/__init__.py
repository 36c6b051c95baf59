# SPDX-License-Identifier: GPL-3.0-or-later
"""A take in, a motion out: identity, pose and expression, outliers, gaps, adjustments."""
