# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of a character's names are those that a table wants."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from ..modes import NameMatch
from .names import canonical, fuzzy_match, normalised_matches


@dataclass(frozen=True)
class Found:
    """One name of a table that the character has.

    Attributes:
        wanted: as the table says it.
        name: as the character says it.
        how: how alike the two are.
    """

    wanted: str
    name: str
    how: NameMatch


def find_names(wanted: list[str], names: Collection[str], split: bool = False) -> list[Found]:
    """Names that are wanted ones, in any spelling.

    Args:
        wanted: as a table says them.
        names: that the character has.
        split: whether a left and a right half are as good as a whole that is wanted.
    """
    have = set(names)
    found = [Found(w, w, NameMatch.EXACT) for w in wanted if w in have]
    done = {f.wanted for f in found}
    left = [n for n in names if n not in done]
    open_ = [w for w in wanted if w not in done]
    halves = _halves(wanted) if split else {}
    other: dict[str, list[tuple[str, str]]] = {}
    for name, meant in normalised_matches(wanted, left, halves).items():
        if meant in open_:  # two spellings of one name are both moved
            found.append(Found(meant, name, NameMatch.NORMALISED))
            done.add(meant)
        elif meant in halves:
            other.setdefault(halves[meant], []).append((meant, name))
    for whole, parts in other.items():
        if whole not in done and len({half for half, _ in parts}) == 2:
            found += [Found(whole, name, NameMatch.NORMALISED) for _, name in parts]
    return found


def _halves(wanted: list[str]) -> dict[str, str]:
    """What the halves of wanted names would be called, to the whole; none that is wanted itself."""
    said = {canonical(w) for w in wanted}
    halves = {f"{w}{side}": w for w in wanted for side in ("Left", "Right")}
    return {half: whole for half, whole in halves.items() if canonical(half) not in said}


def alike_names(wanted: Iterable[str], names: Iterable[str]) -> list[Found]:
    """Names that are much like wanted ones, each used once; whether they are meant is to be doubted."""
    left, alike = list(names), []
    for missing in wanted:
        like = fuzzy_match(missing, left)
        if like is not None:
            alike.append(Found(missing, like, NameMatch.FUZZY))
            left.remove(like)
    return alike
