# SPDX-License-Identifier: GPL-3.0-or-later
"""Mien's version, as written into takes; the manifest and pyproject.toml state the same."""

VERSION = "0.1.0"
"""The manifest and pyproject.toml state the same; a test compares them."""
