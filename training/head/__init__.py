# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the CC0 morphable head: ``python -m training.head``."""
