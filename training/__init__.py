# SPDX-License-Identifier: GPL-3.0-or-later
"""How everything that Mien ships is made: the head, the labels, the samples, the weights.

Depends on ``mien.core``, never the reverse; capturing needs nothing of this.
"""
