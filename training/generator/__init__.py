# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes training samples: portraits re-posed, re-expressed and re-lit, and heads made from nothing."""
