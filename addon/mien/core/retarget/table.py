# SPDX-License-Identifier: GPL-3.0-or-later
"""A mapping table: what a face's shape keys and bones are called, and what moves them."""

from dataclasses import dataclass, field

Weights = dict[str, float]
"""ARKit blendshape to weight."""

NECK_SHARE = 0.3
"""How much of the head's turn the neck takes where a table does not say: about a third of it happens
below the skull's joint."""


@dataclass(frozen=True)
class Move:
    """What a bone does when a blendshape is at weight 1, in the axes of the avatar's head at rest: x to its
    left, y up, z out of the face.

    Attributes:
        move: shift in the table's ``size``.
        turn: rotation vector in degrees.
        toward: a bone toward which to shift as well.
        share: of the way to it, at rest.
    """

    move: tuple[float, float, float] = (0.0, 0.0, 0.0)
    turn: tuple[float, float, float] = (0.0, 0.0, 0.0)
    toward: str = ""
    share: float = 0.0


@dataclass(frozen=True)
class Skeleton:
    """Which bones carry the head, the neck and the eyes; empty where there are none.

    Attributes:
        head: the bone that turns the head.
        neck: from the lowest to the highest.
        neck_share: 0 to 1, how much of the head's turn the neck takes in all.
        eye_left, eye_right: bones that turn the eyeballs, or that they look at.
        aims: whether the eyes' bones are targets to look at, which move instead of turning.
        pivot_left, pivot_right: with ``aims``, bones that start in the eyeballs' centres.
    """

    head: str = ""
    neck: tuple[str, ...] = ()
    neck_share: float = NECK_SHARE
    eye_left: str = ""
    eye_right: str = ""
    aims: bool = False
    pivot_left: str = ""
    pivot_right: str = ""

    @property
    def bones(self) -> tuple[str, ...]:
        """Every bone that is named."""
        named = (self.head, *self.neck, self.eye_left, self.eye_right)
        return tuple(b for b in (*named, self.pivot_left, self.pivot_right) if b)


@dataclass(frozen=True)
class Table:
    """How one kind of face is moved.

    Attributes:
        name: of the kind of face.
        note: what a reader should know of it.
        keys: of each shape key (or custom property) the blendshapes that move it; its value is their
            weighted sum.
        bones: of each bone the blendshapes that move it.
        instead: of each key that is a stand-in, the keys that it stands in for; it moves only where the
            character has none of them.
        size: two bones whose distance at rest is the unit of :attr:`Move.move`; empty without bones.
        skeleton: head, neck and eyes.
    """

    name: str
    note: str = ""
    keys: dict[str, Weights] = field(default_factory=dict)
    bones: dict[str, dict[str, Move]] = field(default_factory=dict)
    size: tuple[str, ...] = ()
    skeleton: Skeleton = Skeleton()
    instead: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def blendshapes(self) -> frozenset[str]:
        """The blendshapes that move anything."""
        of_keys = {u for weights in self.keys.values() for u, w in weights.items() if w}
        return frozenset(of_keys.union(*self.bones.values()))
