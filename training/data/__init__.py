# SPDX-License-Identifier: GPL-3.0-or-later
"""Samples to train on: drawn, kept in files and in memory, varied, made into short clips."""
