# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding out by their names which of a character's shape keys and bones do what."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from ..model.arkit import ARKIT_BLENDSHAPES
from ..modes import NameMatch
from .name_search import Found, alike_names, find_names
from .table import Move, Skeleton, Table

LEAST_NAMES = 3
"""With fewer names found, a table is not what the character was made after."""


@dataclass(frozen=True)
class Match:
    """What moves a character.

    Attributes:
        table: with the character's own names; can be edited and saved.
        source: name of the table that the keys and bones came from; empty if none fits.
        found: the names that were found and move.
        doubtful: names that are much like one that is missing; they move only where that was asked for.
        missing: names of that table that the character has not.
        unreached: blendshapes that move nothing.
        spare: shape keys of the character that nothing moves.
    """

    table: Table
    source: str
    found: tuple[Found, ...]
    doubtful: tuple[Found, ...]
    missing: tuple[str, ...]
    unreached: tuple[str, ...]
    spare: tuple[str, ...]

    def report(self) -> str:
        """A few lines for a person to read."""
        if not self.source and not self.table.skeleton.head:
            return "nothing matched"
        counts = {how: sum(f.how == how for f in self.found) for how in NameMatch}
        reached = len(ARKIT_BLENDSHAPES) - len(self.unreached)
        lines = [
            f"table       {self.source or 'none'}",
            "found       " + ", ".join(f"{n} {how}" for how, n in counts.items() if n),
            f"reached     {reached} of {len(ARKIT_BLENDSHAPES)} units",
        ]
        guessed = [f"{f.name} as {f.wanted}" for f in self.found if f.how == NameMatch.FUZZY]
        doubted = [f"{f.name} for {f.wanted}?" for f in self.doubtful]
        skeleton = self.table.skeleton
        lines += [f"guessed     {', '.join(guessed)}"] if guessed else []
        lines += [f"doubtful    {', '.join(doubted)} not moved"] if doubted else []
        lines += [f"missing     {', '.join(self.missing)}"] if self.missing else []
        lines += [f"not moved   {', '.join(self.unreached)}"] if self.unreached else []
        lines.append(f"head        {skeleton.head or 'no bone'}")
        lines += [f"neck        {', '.join(skeleton.neck)}"] if skeleton.neck else []
        if skeleton.eye_left or skeleton.eye_right:
            lines.append(f"eyes        {skeleton.eye_left}, {skeleton.eye_right}")
        return "\n".join(lines)


def match(
    keys: Collection[str], bones: Collection[str], tables: Sequence[Table], guesses: bool = False
) -> Match:
    """The table that moves the most of a character, told in the character's names.

    A table is judged by the number of ARKit blendshapes that reach something; of equals the one with the
    more names found wins, then with more of them exact, then the first. Guesses by likeness are made for
    that table only.

    Args:
        keys: names of the shape keys and of the custom properties that can be animated.
        bones: names of the bones.
        tables: to choose from.
        guesses: whether names that are only much like those of the table move too.
    """
    tried = [_resolve(t, keys, bones) for t in tables]
    best = max(range(len(tables)), key=lambda i: (*_worth(*tried[i]), -i), default=None)
    skeleton = max(
        (_skeleton(t.skeleton, bones) for t in tables),
        key=lambda s: (bool(s.head), len(s.bones)),
        default=Skeleton(),
    )
    if best is None or len(tried[best][1]) < LEAST_NAMES:
        table = Table("", skeleton=skeleton)
        return Match(table, "", (), (), (), ARKIT_BLENDSHAPES, tuple(keys))
    return of_table(tables[best], keys, bones, skeleton, guesses)


def of_table(
    table: Table,
    keys: Collection[str],
    bones: Collection[str],
    skeleton: Skeleton | None = None,
    guesses: bool = False,
) -> Match:
    """What one chosen table moves of a character.

    Args:
        table: to use.
        keys, bones: the character's names.
        skeleton: head, neck and eyes found elsewhere, for a table that does not name them.
        guesses: see :func:`match`.
    """
    resolved, found = _resolve(table, keys, bones)
    like = _doubtful(table, found, keys)
    if guesses:
        found += like
        guessed = {f.name: table.keys[f.wanted] for f in like}
        resolved = replace(resolved, keys=resolved.keys | guessed)
        like = []
    own = _skeleton(table.skeleton, bones)
    if own.head or skeleton is None:
        skeleton = own
    resolved = replace(resolved, skeleton=skeleton)
    have = {f.wanted for f in found}
    missing = tuple(n for n in (*table.keys, *table.bones) if not _stands(n, table, have))
    eyes = skeleton.eye_left or skeleton.eye_right
    reached = resolved.blendshapes | {
        u for u in ARKIT_BLENDSHAPES if eyes and u.startswith("eyeLook")
    }
    unreached = tuple(u for u in ARKIT_BLENDSHAPES if u not in reached)
    spare = tuple(k for k in keys if k not in resolved.keys)
    return Match(resolved, table.name, tuple(found), tuple(like), missing, unreached, spare)


def _doubtful(table: Table, found: Sequence[Found], keys: Collection[str]) -> list[Found]:
    """Keys that are much like the missing ones of a table."""
    have, used = {f.wanted for f in found}, {f.name for f in found}
    missing = (w for w in table.keys if not _stands(w, table, have))
    return alike_names(missing, (k for k in keys if k not in used)) if found else []


def _stands(name: str, table: Table, have: Collection[str]) -> bool:
    """Whether a name of a table is there, is a stand-in, or has one that is there."""
    instead = (key for key, names in table.instead.items() if name in names)
    return name in have or name in table.instead or any(key in have for key in instead)


def _worth(table: Table, found: Sequence[Found]) -> tuple[int, int, int]:
    return len(table.blendshapes), len(found), sum(f.how == NameMatch.EXACT for f in found)


def _resolve(
    table: Table, keys: Collection[str], bones: Collection[str]
) -> tuple[Table, list[Found]]:
    of_keys = find_names(list(table.keys), keys, split=True)
    have = {f.wanted for f in of_keys}
    of_keys = [f for f in of_keys if have.isdisjoint(table.instead.get(f.wanted, ()))]
    of_bones = find_names(list(table.bones), bones)
    own = {f.wanted: f.name for f in of_bones}
    own |= {f.wanted: f.name for f in find_names(_mentioned(table), bones)}
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


def _skeleton(wanted: Skeleton, bones: Collection[str]) -> Skeleton:
    own = {f.wanted: f.name for f in find_names(list(wanted.bones), bones)}
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
