# SPDX-License-Identifier: GPL-3.0-or-later
"""The actor's own skin, laid from the footage onto the head's texture coordinates."""
