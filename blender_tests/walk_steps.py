# SPDX-License-Identifier: GPL-3.0-or-later
"""Every operator of Mien with what it may be given, for a walk in any order."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

Words = dict[str, Any]
RARE = ("capture", "import_footage", "generate_keys", "export_face")
"""They take seconds, so that a walk meets them less often."""
OFTEN = 12


@dataclass(frozen=True)
class Step:
    """An operator.

    Attributes:
        name: without ``mien.``
        operator: to call.
        words: what to call it with, by chance.
        writes: files that it may write over, of those words.
    """

    name: str
    operator: Any
    words: Callable[[random.Random], Words]
    writes: Callable[[Words], set[Path]]


def steps(folder: Path) -> list[Step]:
    """All operators that are registered; the slow ones once, the others more often."""
    takes = ("one.take.npz", "two.take.npz", "damaged.take.npz", "gone.take.npz", "face.mp4")
    recordings = ("face.csv", "damaged.csv", "one.take.npz", "gone.csv")
    footage = ("face.mp4", "face.mp4", "damaged.mp4", "gone.mp4", "one.take.npz")
    exports = ("out.glb", "out.fbx", "out.usda", "out.txt", "nowhere/out.glb")

    def file(names: tuple[str, ...], **more: tuple[Any, ...]) -> Callable[[random.Random], Words]:
        def words(rng: random.Random) -> Words:
            chosen = {name: rng.choice(values) for name, values in more.items()}
            return {"filepath": str(folder / rng.choice(names)), **chosen}

        return words

    flags = (True, False)
    words: dict[str, Callable[[random.Random], Words]] = {
        "import_take": file(takes, match=flags, footage=flags),
        "import_recording": file(recordings, rate=(0.0, 30.0, -1.0, 1e9)),
        "import_footage": file(footage, match=flags, faces=("largest", "all")),
        "choose_footage": file(footage),
        "choose_map": file(("map.toml", "damaged.csv", "gone.toml")),
        "export_face": file(exports),
        "save_map": file(("map.toml", "nowhere/map.toml")),
        "go_to": lambda rng: {"frame": rng.choice((1.0, 7.5, -3.0, 1e30))},
        "go_to_doubt": lambda rng: {"direction": rng.choice(("BACK", "ON"))},
        "neutral": lambda rng: {"part": rng.choice(("FRAME", "RANGE"))},
        "live": file(footage, record=flags),
        "adjust_preset_add": lambda rng: {"name": "Walk", "remove_active": rng.choice(flags)},
    }
    writes = {"export_face", "save_map"}
    found = [
        Step(
            name, getattr(bpy.ops.mien, name), words.get(name, lambda _: {}),
            (lambda w: {Path(w["filepath"])}) if name in writes else (lambda _: set()),
        )
        for name in sorted(dir(bpy.ops.mien))
    ]  # fmt: skip
    return [s for s in found for _ in range(1 if s.name in RARE else OFTEN)]
