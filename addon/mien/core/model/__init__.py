# SPDX-License-Identifier: GPL-3.0-or-later
"""The face in numbers: the 62 parameters, the morphable head, the crop, the 52 weights, rotations."""
