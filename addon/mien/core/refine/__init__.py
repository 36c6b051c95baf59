# SPDX-License-Identifier: GPL-3.0-or-later
"""A take refined on its own footage: what the pixels say of pose and weights, without a network."""
