# SPDX-License-Identifier: GPL-3.0-or-later
"""What the animator touches: panels, operators, preferences. Thin; the work is done elsewhere."""
