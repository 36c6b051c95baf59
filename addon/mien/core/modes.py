# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be chosen and how a job stands: the words of flags, files and functions, each once."""

from enum import StrEnum


class NeutralFace(StrEnum):
    """Where a take's face is at rest: found by itself, nowhere, in a part of the footage."""

    AUTO = "auto"
    OFF = "off"
    RANGE = "range"


class Timing(StrEnum):
    """Ways in which footage's frames become scene frames."""

    TIMES = "times"
    """Each frame is keyed at its own time, between scene frames if need be."""
    WHOLE = "whole"
    """The motion is sampled on whole scene frames."""
    ONE_BY_ONE = "one-by-one"
    """Each frame of the footage has a scene frame, whatever the rates."""


class KeySet(StrEnum):
    """The sets of shape keys that a take moves the head with; one acts, the other is muted."""

    BLENDSHAPES = "blendshapes"
    """The 52 with ARKit's names."""
    COMPONENTS = "components"
    """The ten expression components of the model."""


class Faces(StrEnum):
    """Which faces of the footage a capture follows."""

    LARGEST = "largest"
    AT = "at"
    """The one at a place."""
    ALL = "all"
    LOOK = "look"
    """None: where those of the first frame are is all that is asked."""
    CHECK = "check"
    """None either: whether a network can be loaded is all that is asked."""


class Hair(StrEnum):
    """Styles of hair that the head is shown with; :attr:`mien.core.model.parts.Parts.hairs` counts into it."""

    NONE = "none"
    SHORT = "short"
    COMBED = "combed"


CHOSEN_FACES = (Faces.LARGEST.value, Faces.ALL.value)
"""What commands and jobs can say of them; a place is picked in the window."""


class State(StrEnum):
    """How a capture or a batch's job stands."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    SKIPPED = "skipped"
    """Done by an earlier run."""


class NameMatch(StrEnum):
    """How a character's name is like the one that a mapping table wants."""

    EXACT = "exact"
    NORMALISED = "normalised"
    """In another spelling."""
    FUZZY = "fuzzy"
    """Much like it, and to be doubted."""
