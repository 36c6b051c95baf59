# SPDX-License-Identifier: GPL-3.0-or-later
"""What the window knows between two clicks: settings, preferences, the capture that runs, heads."""
