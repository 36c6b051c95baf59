# SPDX-License-Identifier: GPL-3.0-or-later
"""What every character and every file takes of a motion: the 52 weights, head and eyes."""
