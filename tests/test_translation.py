# SPDX-License-Identifier: GPL-3.0-or-later
"""Every phrase that a user can meet is in every translation, with the same gaps; none is left over."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from .phrases import ADDON, phrases

FILES = sorted((ADDON / "translations").glob("*.json"))
GAP = re.compile(r"\{(\d*)(:?[^{}]*)\}")


def test_there_is_a_translation() -> None:
    assert [f.stem for f in FILES] == ["zh_HANS"]


def test_the_search_for_phrases_finds_each_kind() -> None:
    found = phrases()
    assert {
        "Capture from Video",  # a panel's label
        "How much jitter is taken out, without lag",  # a property's tooltip
        "Follow the largest face",  # a choice's tooltip
        "Stop the capture and keep what was captured so far",  # an operator's tooltip
        "Choose the footage first",  # why something cannot be used
        "{} frames captured",  # a report
        "{:.0f} frames a second",  # a label with a number
        "{} does not exist; check the path.",  # an error of the core
        "There is no camera {}; plug one in or choose another number.",
    } <= found


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_nothing_is_missing_or_left_over(file: Path) -> None:
    texts = json.loads(file.read_text(encoding="utf-8"))
    assert sorted(phrases() - set(texts)) == []
    assert sorted(set(texts) - phrases()) == []


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_gaps_are_the_same(file: Path) -> None:
    for text, words in json.loads(file.read_text(encoding="utf-8")).items():
        ours, theirs = GAP.findall(text), GAP.findall(words)
        assert Counter(kind for _, kind in ours) == Counter(kind for _, kind in theirs), text
        numbers = [number for number, _ in theirs if number]
        assert sorted(numbers) == [str(n) for n in range(len(numbers))], text
        assert len(numbers) in (0, len(theirs)), text
        assert words != text, text
