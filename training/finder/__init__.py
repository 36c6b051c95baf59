# SPDX-License-Identifier: GPL-3.0-or-later
"""The face finder: a small network that sees a whole frame at once, and how it is trained."""
