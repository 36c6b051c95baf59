# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures a regressor on faces that training never saw."""
