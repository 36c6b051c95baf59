# SPDX-License-Identifier: GPL-3.0-or-later
"""From a performance to another face: mapping tables, matching names, bones, generating shape keys."""
