# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of the ways in which footage's frames become scene frames (see :mod:`.keying`)."""

TIMES, WHOLE, ONE_BY_ONE = "TIMES", "WHOLE", "ONE_BY_ONE"
