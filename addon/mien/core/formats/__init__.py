# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of other programs: Live Link Face's CSV in and out, and all of a take as a table."""
