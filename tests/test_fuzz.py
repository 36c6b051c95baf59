# SPDX-License-Identifier: GPL-3.0-or-later
from .fuzz import fuzz


def test_damaged_files_of_every_kind_are_read_or_refused() -> None:
    given, wrong = fuzz(seconds=3, seed=0)
    assert not wrong
    assert len(given) > 15
