# SPDX-License-Identifier: GPL-3.0-or-later
"""Translations of what the panels say, from one JSON file per language."""

import json
from pathlib import Path

import bpy

FOLDER = Path(__file__).resolve().parents[1] / "translations"
CONTEXTS = ("*", "Operator")


def load() -> dict[str, dict[tuple[str, str], str]]:
    """All translations as Blender takes them: language to (context, text) to text."""
    out = {}
    for path in sorted(FOLDER.glob("*.json")):
        texts: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        out[path.stem] = {(c, text): said for text, said in texts.items() for c in CONTEXTS}
    return out


def register() -> None:
    """Add the translations."""
    bpy.app.translations.register(__name__, load())


def unregister() -> None:
    """Take them away."""
    bpy.app.translations.unregister(__name__)
