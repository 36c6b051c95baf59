# SPDX-License-Identifier: GPL-3.0-or-later
"""What is set in the panels: for the next capture on the scene, for a captured head on its rig."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import bpy
from bpy.props import (
    BoolProperty,
    EnumProperty,
    FloatVectorProperty,
    IntProperty,
    StringProperty,
)
from bpy.types import Context, Object, PropertyGroup

from ...core.modes import Faces, KeySet, NeutralFace, Timing
from .choices import (
    ACTING,
    FACES,
    HAIR,
    HAIR_STYLES,
    KEY_SETS,
    MATCH,
    NEUTRAL,
    REFINE,
    SEQUENCE,
    TEXTURE,
    TIMING,
)
from .scene_lookup import active_rig
from .translation import OWN
from .typed import FloatProperty, PointerProperty, head_settings

if TYPE_CHECKING:
    from ...core.solve.adjust import Adjustments
    from ...core.solve.neutral import Neutral
    from ...scene.timing import Keying

SMOOTHING = 0.3
"""Of a head that was just captured; as in :mod:`mien.core.solve.adjust`, which takes too long to load when Blender
starts (``blender_tests/test_one_animation.py`` compares them)."""
when_changed: list[Callable[[Object, Context], None]] = []
"""Called after a setting of a captured head was changed, with its rig."""
when_restyled: list[Callable[[Object, Context], None]] = []
"""Called after other hair was chosen for a captured head, with its rig."""
_quiet = False


@contextmanager
def suspend_updates() -> Iterator[None]:
    """Settings that are changed inside key nothing anew."""
    global _quiet
    before, _quiet = _quiet, True
    try:
        yield
    finally:
        _quiet = before


GAINS = ("brows", "eyes", "mouth", "jaw", "head")
"""Names of the gains, as there."""


def _other_footage(settings: "CaptureSettings", _: Context) -> None:
    """A face that was picked in other footage is not in this one."""
    if settings.faces == Faces.AT:
        settings.property_unset("faces")


class CaptureSettings(PropertyGroup):
    """For the next capture, kept with the scene."""

    footage: StringProperty(
        name="Footage", update=_other_footage,
        description="Video, image, or folder of images with a face in it",
    )  # fmt: skip
    use_range: BoolProperty(name="Range", description="Capture a part of the footage only")
    start: FloatProperty(
        name="From", unit="TIME_ABSOLUTE", min=0.0, description="Where to begin, in seconds"
    )
    end: FloatProperty(
        name="To", unit="TIME_ABSOLUTE", min=0.0, default=10.0,
        description="Where to stop, in seconds",
    )  # fmt: skip
    faces: EnumProperty(name="Face", items=FACES, translation_context=OWN)
    place: FloatVectorProperty(
        name="Place", size=2, min=0.0, max=1.0, default=(0.5, 0.5), subtype="COORDINATES",
        description="Where the face is in the first frame, from the upper left",
    )  # fmt: skip
    match: BoolProperty(name="Match Scene", default=True, description=MATCH)
    texture: BoolProperty(name="Actor's Skin", default=True, description=TEXTURE)
    sequence: BoolProperty(name="Skin in Motion", default=False, description=SEQUENCE)
    hair: EnumProperty(name="Hair", items=HAIR_STYLES, description=HAIR)
    refine: BoolProperty(name="Refine on Footage", default=True, description=REFINE)
    use_first: BoolProperty(
        name="Start Frame", description="Let the footage begin elsewhere than the scene"
    )
    first: IntProperty(
        name="Start Frame", default=1, description="Scene frame on which the footage begins"
    )
    camera: IntProperty(
        name="Camera", min=0, max=63, description="Number of the camera, 0 for the first"
    )
    live_smoothing: FloatProperty(
        name="Smoothing", default=SMOOTHING, min=0.0, max=1.0, subtype="FACTOR",
        description="How much jitter is taken out while live; more makes the head follow later",
    )  # fmt: skip
    live_rest: BoolProperty(
        name="Find Rest", default=True,
        description="Take off what the face is like at rest, as the last half minute shows it",
    )  # fmt: skip

    @property
    def active_head(self) -> "HeadSettings":
        """The settings that the panel Adjust shows; presets are made of them."""
        rig = active_rig(bpy.context)
        assert rig is not None
        return head_settings(rig)

    def first_frame(self) -> float | None:
        """Scene frame of the footage's start; None for the scene's own first."""
        return float(self.first) if self.use_first else None


def _changed(settings: "HeadSettings", context: Context) -> None:
    if not _quiet:
        for follow in when_changed:
            follow(cast(Object, settings.id_data), context)


def _restyled(settings: "HeadSettings", context: Context) -> None:
    if not _quiet:
        for follow in when_restyled:
            follow(cast(Object, settings.id_data), context)


def _faded(settings: "HeadSettings", _: Context) -> None:
    if settings.camera is not None:
        from ...scene.camera import fade_head

        fade_head(settings.camera, settings.fade)


def _gain(name: str) -> Any:
    return FloatProperty(
        name=name, default=1.0, min=0.0, soft_max=2.0, max=4.0, update=_changed,
        description="How strongly this part of the face moves",
    )  # fmt: skip


class HeadSettings(PropertyGroup):
    """Of a captured head, kept with its rig."""

    take: StringProperty(
        name="Take", subtype="FILE_PATH", description="File that holds what was captured"
    )
    take_id: StringProperty(options={"HIDDEN"})
    mesh: PointerProperty(type=bpy.types.Object, options={"HIDDEN"})
    camera: PointerProperty(
        name="Camera",
        type=bpy.types.Object,
        description="That sees the head where the footage does",
    )
    stand: FloatVectorProperty(size=3, options={"HIDDEN"})
    fade: FloatProperty(
        name="Fade Head", default=0.0, min=0.0, max=1.0, subtype="FACTOR", update=_faded,
        description="How much of the footage shows through the head, seen by the footage's camera",
    )  # fmt: skip
    hair: EnumProperty(name="Hair", items=HAIR_STYLES, update=_restyled, description=HAIR)
    first: FloatProperty(
        name="Start Frame", default=1.0, precision=2, step=100, update=_changed,
        description="Scene frame on which the footage begins",
    )  # fmt: skip
    smoothing: FloatProperty(
        name="Smoothing", default=SMOOTHING, min=0.0, max=1.0, subtype="FACTOR", update=_changed,
        description="How much jitter is taken out, without lag",
    )  # fmt: skip
    neutral_face: EnumProperty(name="Neutral Face", items=NEUTRAL, update=_changed)
    neutral: FloatVectorProperty(
        name="Neutral Range", size=2, min=0.0, update=_changed,
        description="First and last time of the face at rest, in seconds of the footage",
    )  # fmt: skip
    brows: _gain("Brows")
    eyes: _gain("Eyes")
    mouth: _gain("Mouth")
    jaw: _gain("Jaw")
    head: _gain("Head")
    head_motion: BoolProperty(
        name="Head Motion", default=True, update=_changed,
        description="Turn and move the head; otherwise only the face moves",
    )  # fmt: skip
    keys: EnumProperty(
        name="Shape Keys", items=KEY_SETS, update=_changed, description=ACTING,
    )  # fmt: skip
    timing: EnumProperty(name="Timing", items=TIMING, update=_changed)
    step: IntProperty(
        name="Key Every", default=1, min=1, soft_max=10, update=_changed,
        description="Key every so many frames",
    )  # fmt: skip
    tolerance: FloatProperty(
        name="Tolerance", default=0.0, min=0.0, soft_max=0.5, precision=3, update=_changed,
        description="Leave out keys that straight lines replace to within this; 0 keeps all",
    )  # fmt: skip

    @staticmethod
    def adjustable() -> tuple[str, ...]:
        """Names of the settings that key the head anew, the start excepted."""
        rest = ("head_motion", "keys", "timing", "step", "tolerance")
        return ("smoothing", "neutral_face", "neutral", *GAINS, *rest)

    def adjustments(self) -> "Adjustments":
        """As the core takes them."""
        from ...core.solve.adjust import Adjustments

        gains = {name: getattr(self, name) for name in GAINS}
        return Adjustments(self.smoothing, gains, self.head_motion)

    def rest(self) -> "Neutral":
        """Where the face is at rest, as the core takes it."""
        if self.neutral_face == NeutralFace.RANGE:
            return float(min(self.neutral)), float(max(self.neutral))
        return NeutralFace(self.neutral_face)

    def keying(self) -> "Keying":
        """As the scene layer takes it."""
        from ...scene.timing import Keying

        return Keying(Timing[self.timing], self.step, self.tolerance, self.first, KeySet(self.keys))


CLASSES = (CaptureSettings, HeadSettings)


def register() -> None:
    """Add the settings to scenes and objects."""
    for one in CLASSES:
        bpy.utils.register_class(one)
    cast(Any, bpy.types.Scene).mien = PointerProperty(type=CaptureSettings)
    cast(Any, bpy.types.Object).mien = PointerProperty(type=HeadSettings)


def unregister() -> None:
    """Take them away."""
    del cast(Any, bpy.types.Object).mien
    del cast(Any, bpy.types.Scene).mien
    for one in reversed(CLASSES):
        bpy.utils.unregister_class(one)
