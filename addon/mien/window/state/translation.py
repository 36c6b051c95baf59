# SPDX-License-Identifier: GPL-3.0-or-later
"""Translations of what the window says, from one JSON file per language.

Sentences that carry names and numbers are kept with ``{}`` where those stand. The core, which
knows no language but its own, gives whole sentences; :func:`said` finds the one they were made of.
"""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

import bpy
from bpy.types import Operator

FOLDER = Path(__file__).resolve().parents[2] / "translations"
OWN = "Mien"
"""Context of words that Blender itself uses for something else: a mesh has faces and keys too."""
CONTEXTS = ("*", "Operator", OWN)
Level: TypeAlias = Literal["INFO", "WARNING", "ERROR"]
_GAP = re.compile(r"\{[^{}]*\}")


@lru_cache(maxsize=1)
def load() -> dict[str, dict[str, str]]:
    """All translations: language to English to its words."""
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(FOLDER.glob("*.json"))
    }


@lru_cache(maxsize=4)
def _patterns(language: str) -> list[tuple[re.Pattern[str], str]]:
    """Sentences with gaps of a language as patterns, those with most words of their own first."""
    texts = sorted(load().get(language, {}), key=lambda t: len(_GAP.sub("", t)), reverse=True)
    return [
        (re.compile("(.*?)".join(map(re.escape, _GAP.split(t))), re.DOTALL), t)
        for t in texts
        if _GAP.search(t)
    ]


def iface(text: str) -> str:
    """A word or sentence of the panels in the language of Blender's interface."""
    found: str = cast(Any, bpy.app.translations).pgettext_iface(text)  # its stub returns None
    return found


def _reported(text: str) -> str:
    found: str = cast(Any, bpy.app.translations).pgettext_rpt(text)  # likewise
    return found


def translate(text: str) -> str:
    """A whole sentence of the core in the language of Blender's reports."""
    same = _reported(text)
    if same != text or not text:
        return same
    language = bpy.app.translations.locale or ""
    for pattern, sentence in _patterns(language):
        match = pattern.fullmatch(text)
        words = _reported(sentence) if match else sentence
        if match and words != sentence:
            return words.format(*match.groups())
    return text


def report(operator: Operator, level: Level, sentence: str, *values: object) -> None:
    """Report a sentence with gaps, translated and filled in."""
    operator.report({level}, _reported(sentence).format(*values))


def register() -> None:
    """Add the translations."""
    texts = {
        language: {(c, text): words for text, words in pairs.items() for c in CONTEXTS}
        for language, pairs in load().items()
    }
    cast(Any, bpy.app.translations).register(__name__, texts)  # its stub lacks the contexts


def unregister() -> None:
    """Take them away."""
    bpy.app.translations.unregister(__name__)
    load.cache_clear()
    _patterns.cache_clear()
