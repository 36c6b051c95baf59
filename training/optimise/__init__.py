# SPDX-License-Identifier: GPL-3.0-or-later
"""Losses, recipes, the training loops."""
