# SPDX-License-Identifier: GPL-3.0-or-later
"""What commands and batches show on the terminal: lines, progress, a capture that is waited for."""
