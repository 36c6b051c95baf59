# SPDX-License-Identifier: GPL-3.0-or-later
"""The networks: backbones, the regressor, the networks of eyes, mouth and brows."""
