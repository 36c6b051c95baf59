# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

from .kills import COMMANDS, kill_once, prepare


def test_a_killed_capture_loses_nothing(tmp_path: Path) -> None:
    prepare(tmp_path)
    for after in (2.0, 4.0):
        assert kill_once(tmp_path, COMMANDS[0], after, group=False)[0] == []
