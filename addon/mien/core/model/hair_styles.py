# SPDX-License-Identifier: GPL-3.0-or-later
"""Styles of hair that the head can be shown with."""

NO_HAIR = "none"
HAIRS = (NO_HAIR, "short", "combed")
""":attr:`mien.core.model.parts.Parts.hairs` counts into it."""
USUAL_HAIR = "short"
