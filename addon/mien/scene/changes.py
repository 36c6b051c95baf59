# SPDX-License-Identifier: GPL-3.0-or-later
"""What was changed in the user's file so that keys act, kept to be told."""

LISTED = 6
"""Names that a line lists; more would fill a panel."""


class Changes:
    """Kinds of changes, each with the names of what was changed; told once for all of a kind."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, None]] = {}

    def add(self, what: str, name: str) -> None:
        """Note a change.

        Args:
            what: in a few words, such as ``muted keys act again``.
            name: of the thing that was changed.
        """
        self._names.setdefault(what, {})[name] = None

    def lines(self) -> list[str]:
        """A line for each kind of change."""
        return [f"{what}: {listed(list(names))}" for what, names in self._names.items()]


def listed(names: list[str], most: int = LISTED) -> str:
    """Names in a row, the first few of many."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
