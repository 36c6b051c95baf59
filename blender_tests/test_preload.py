# SPDX-License-Identifier: GPL-3.0-or-later
"""Libraries are loaded one at a time before they are needed."""

import importlib
from types import ModuleType

import bpy
import pytest


@pytest.fixture
def warming(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = importlib.import_module("mien.window.state.preload")
    monkeypatch.setattr(module, "_warm", False)
    monkeypatch.setattr(module, "_steps", None)
    monkeypatch.setattr(module, "_last", 0.0)
    monkeypatch.setattr(module, "PAUSE", 0.0)
    return module


def test_it_ends_when_all_are_there(warming: ModuleType) -> None:
    steps = 0
    while not warming.preload_next():
        steps += 1
        assert steps < 100
    assert warming.preload_next()


def test_between_two_of_them_is_a_pause(
    warming: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warming, "PAUSE", 1000.0)
    seen = []
    monkeypatch.setattr(warming, "_libraries", lambda: iter(seen.append(k) for k in range(9)))
    assert not warming.preload_next()
    assert not warming.preload_next()
    assert len(seen) == 1


def test_the_panel_asks_for_it_once_and_disabling_ends_it(warming: ModuleType) -> None:
    warming.schedule()
    warming.schedule()
    assert bpy.app.timers.is_registered(warming._tick)
    warming.unregister()
    assert not bpy.app.timers.is_registered(warming._tick)


def test_what_cannot_be_loaded_is_said_once(
    warming: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> object:
        raise ImportError("no such library")
        yield

    monkeypatch.setattr(warming, "_libraries", broken)
    with pytest.raises(ImportError):
        warming.preload_next()
    assert warming.preload_next()
    warming.schedule()
    assert not bpy.app.timers.is_registered(warming._tick)
