# SPDX-License-Identifier: GPL-3.0-or-later
"""Speed and memory, as ratios within one run against a named peer."""
