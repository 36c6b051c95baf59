# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding out by their names which of a character's shape keys and bones do what."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from ..model.arkit import ARKIT_BLENDSHAPES
from .names import fuzzy_match, normalised_matches
from .table import Move, Skeleton, Table

EXACT, NORMALISED, FUZZY = "exact", "normalised", "fuzzy"
LEAST_NAMES = 3
"""With fewer names found, a table is not what the character was made after."""


@dataclass(frozen=True)
class Found:
    """One name of a table that the character has.

    Attributes:
        wanted: as the table says it.
        name: as the character says it.
        how: :data:`EXACT`, :data:`NORMALISED` or :data:`FUZZY`.
    """

    wanted: str
    name: str
    how: str


@dataclass(frozen=True)
class Match:
    """What moves a character.

    Attributes:
        table: with the character's own names; can be edited and saved.
        source: name of the table that the keys and bones came from; empty if none fits.
        found: the names that were found.
        missing: names of that table that the character has not.
        unreached: blendshapes that move nothing.
        spare: shape keys of the character that nothing moves.
    """

    table: Table
    source: str
    found: tuple[Found, ...]
    missing: tuple[str, ...]
    unreached: tuple[str, ...]
    spare: tuple[str, ...]

    def report(self) -> str:
        """A few lines for a person to read."""
        if not self.source and not self.table.skeleton.head:
            return "nothing matched"
        counts = {how: sum(f.how == how for f in self.found) for how in (EXACT, NORMALISED, FUZZY)}
        reached = len(ARKIT_BLENDSHAPES) - len(self.unreached)
        lines = [
            f"table       {self.source or 'none'}",
            "found       " + ", ".join(f"{n} {how}" for how, n in counts.items() if n),
            f"reached     {reached} of {len(ARKIT_BLENDSHAPES)} units",
        ]
        guessed = [f"{f.name} as {f.wanted}" for f in self.found if f.how == FUZZY]
        skeleton = self.table.skeleton
        lines += [f"guessed     {', '.join(guessed)}"] if guessed else []
        lines += [f"missing     {', '.join(self.missing)}"] if self.missing else []
        lines += [f"not moved   {', '.join(self.unreached)}"] if self.unreached else []
        lines.append(f"head        {skeleton.head or 'no bone'}")
        lines += [f"neck        {', '.join(skeleton.neck)}"] if skeleton.neck else []
        if skeleton.eye_left or skeleton.eye_right:
            lines.append(f"eyes        {skeleton.eye_left}, {skeleton.eye_right}")
        return "\n".join(lines)


def match(keys: Collection[str], bones: Collection[str], tables: Sequence[Table]) -> Match:
    """The table that moves the most of a character, told in the character's names.

    A table is judged by the number of ARKit blendshapes that reach something; of equals the one with the
    more names found wins, then with more of them exact, then the first. Guesses by likeness are made for
    that table only.

    Args:
        keys: names of the shape keys and of the custom properties that can be animated.
        bones: names of the bones.
        tables: to choose from.
    """
    tried = [_resolve(t, keys, bones, fuzzy=False) for t in tables]
    best = max(range(len(tables)), key=lambda i: (*_worth(*tried[i]), -i), default=None)
    skeleton = max(
        (_skeleton(t.skeleton, bones) for t in tables),
        key=lambda s: (bool(s.head), len(s.bones)),
        default=Skeleton(),
    )
    if best is None or len(tried[best][1]) < LEAST_NAMES:
        table = Table("", skeleton=skeleton)
        return Match(table, "", (), (), ARKIT_BLENDSHAPES, tuple(keys))
    return of_table(tables[best], keys, bones, skeleton)


def of_table(
    table: Table, keys: Collection[str], bones: Collection[str], skeleton: Skeleton | None = None
) -> Match:
    """What one chosen table moves of a character.

    Args:
        table: to use.
        keys, bones: the character's names.
        skeleton: head, neck and eyes found elsewhere, for a table that does not name them.
    """
    resolved, found = _resolve(table, keys, bones, fuzzy=True)
    own = _skeleton(table.skeleton, bones)
    if own.head or skeleton is None:
        skeleton = own
    resolved = replace(resolved, skeleton=skeleton)
    have = {f.wanted for f in found}
    missing = tuple(n for n in (*table.keys, *table.bones) if n not in have)
    eyes = skeleton.eye_left or skeleton.eye_right
    reached = resolved.blendshapes | {
        u for u in ARKIT_BLENDSHAPES if eyes and u.startswith("eyeLook")
    }
    unreached = tuple(u for u in ARKIT_BLENDSHAPES if u not in reached)
    spare = tuple(k for k in keys if k not in resolved.keys)
    return Match(resolved, table.name, tuple(found), missing, unreached, spare)


def _worth(table: Table, found: Sequence[Found]) -> tuple[int, int, int]:
    return len(table.blendshapes), len(found), sum(f.how == EXACT for f in found)


def _resolve(
    table: Table, keys: Collection[str], bones: Collection[str], fuzzy: bool
) -> tuple[Table, list[Found]]:
    of_keys = _names(list(table.keys), keys, fuzzy)
    of_bones = _names(list(table.bones), bones, fuzzy=False)
    own = {f.wanted: f.name for f in of_bones}
    own |= {f.wanted: f.name for f in _names(_mentioned(table), bones, fuzzy=False)}
    found_size = tuple(own[b] for b in table.size if b in own)
    moved = [f for f in of_bones if len(found_size) == 2]
    resolved = Table(
        table.name, table.note,
        {f.name: table.keys[f.wanted] for f in of_keys},
        {f.name: _moves(table.bones[f.wanted], own) for f in moved},
        found_size if moved else (),
    )  # fmt: skip
    return resolved, of_keys + moved


def _mentioned(table: Table) -> list[str]:
    toward = {m.toward for moves in table.bones.values() for m in moves.values() if m.toward}
    return [*table.size, *sorted(toward)]


def _moves(moves: dict[str, Move], own: dict[str, str]) -> dict[str, Move]:
    usable = {u: m for u, m in moves.items() if not m.toward or m.toward in own}
    return {u: replace(m, toward=own.get(m.toward, "")) for u, m in usable.items()}


def _names(wanted: list[str], names: Collection[str], fuzzy: bool) -> list[Found]:
    have = set(names)
    found = [Found(w, w, EXACT) for w in wanted if w in have]
    done = {f.wanted for f in found}
    left = [n for n in names if n not in done]
    open_ = [w for w in wanted if w not in done]
    for name, meant in normalised_matches(wanted, left).items():
        if meant in open_:  # two spellings of one name are both moved
            found.append(Found(meant, name, NORMALISED))
            done.add(meant)
    if fuzzy and found:
        used = {f.name for f in found}
        for missing in (w for w in wanted if w not in done):
            like = fuzzy_match(missing, (n for n in left if n not in used))
            if like is not None:
                found.append(Found(missing, like, FUZZY))
                used.add(like)
    return found


def _skeleton(wanted: Skeleton, bones: Collection[str]) -> Skeleton:
    own = {f.wanted: f.name for f in _names(list(wanted.bones), bones, fuzzy=False)}
    if wanted.head not in own:
        return Skeleton()
    return replace(
        wanted,
        head=own[wanted.head],
        neck=tuple(own[b] for b in wanted.neck if b in own),
        eye_left=own.get(wanted.eye_left, ""),
        eye_right=own.get(wanted.eye_right, ""),
        pivot_left=own.get(wanted.pivot_left, ""),
        pivot_right=own.get(wanted.pivot_right, ""),
    )
