# SPDX-License-Identifier: GPL-3.0-or-later
"""The core's whole sentences, found again in the translation and filled in."""

from collections.abc import Iterator

import bpy
import mien
import pytest
from mien.window.state.translation import translate


@pytest.fixture
def chinese() -> Iterator[None]:
    mien.register()
    view = bpy.context.preferences.view
    before = view.language
    try:
        view.language = "zh_HANS"
    except TypeError:  # this Blender came without languages
        mien.unregister()
        pytest.skip("this Blender has no translations")
    view.use_translate_reports = view.use_translate_interface = True
    yield
    view.language = before
    mien.unregister()


def test_a_sentence_keeps_its_names(chinese: None) -> None:
    words = translate("/tmp/a b.mp4 does not exist; check the path.")
    assert "/tmp/a b.mp4" in words
    assert "请检查路径" in words


def test_names_may_change_places(chinese: None) -> None:
    words = translate("/v.mp4 breaks off after 7 of 90 frames; it seems to be cut off.")
    assert words.index("90") < words.index("7 帧")


def test_a_sentence_without_names(chinese: None) -> None:
    assert translate("The take holds no frame with a face; capture it again.").endswith(
        "请重新捕捉。"
    )


def test_what_is_not_known_stays(chinese: None) -> None:
    assert translate("Something else altogether.") == "Something else altogether."


def test_english_stays_english() -> None:
    assert (
        translate("/a.mp4 does not exist; check the path.")
        == "/a.mp4 does not exist; check the path."
    )
