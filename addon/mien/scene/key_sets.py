# SPDX-License-Identifier: GPL-3.0-or-later
"""The two sets of shape keys that a take moves the head with; one of them acts, the other is muted."""

BLENDSHAPES, COMPONENTS = "blendshapes", "components"
KEY_SETS = (BLENDSHAPES, COMPONENTS)
"""The 52 blendshapes with ARKit's names; the ten expression components of the model."""
