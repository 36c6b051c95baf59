# SPDX-License-Identifier: GPL-3.0-or-later
"""The take, its file, and the journal from which a capture that was cut off is read."""
