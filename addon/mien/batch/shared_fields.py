# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command line says for all jobs of a file, and how it is said again to the process of each."""

from collections.abc import Mapping
from typing import Any

Shared = Mapping[str, Any]
"""Values by the fields' names; a job's own words go before them, they before the file's ``[defaults]``."""
WORDS = {"gains": "gain"}
"""Fields whose word on the command line is another."""


def words_of(shared: Shared) -> tuple[str, ...]:
    """The command line's words for some fields, in the fields' order."""
    words: list[str] = []
    for name, value in shared.items():
        word = WORDS.get(name, name).replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{word}" if value else f"--no-{word}")
        else:
            each = value if isinstance(value, list) else [value]
            words.extend(f"--{word}={one}" for one in each)
    return tuple(words)
