# SPDX-License-Identifier: GPL-3.0-or-later
"""Leaves out whole folders of tests whose packages are not installed, and says so at the end."""

from importlib.util import find_spec

import pytest

NEEDS = {
    "tests/training": (("torch", "mediapipe", "numba", "onnx"), "uv run --group training pytest"),
    "blender_tests": (("bpy",), "uv run --group blender pytest"),
}
missing = {
    folder: (names, command)
    for folder, (names, command) in NEEDS.items()
    if any(find_spec(name) is None for name in names)
}
# A folder by itself, or the conftest.py in it would be read; its files, for when it is named outright.
collect_ignore = list(missing)
collect_ignore_glob = [f"{folder}/*" for folder in missing]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the folders that were left out."""
    for folder, (names, command) in missing.items():
        terminalreporter.write_line(
            f"not run: {folder}, which needs {', '.join(names)}; run: {command}"
        )
