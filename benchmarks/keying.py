# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m benchmarks.keying``: one minute keyed, against Blender's ``keyframe_insert``."""

import bpy
import numpy as np
from mien.core.assets import head_path
from mien.core.model.head import load_head
from mien.scene.action import Keyer
from mien.scene.mesh import build_mesh, expression_key
from mien.scene.typed import keys_of, scene_of

from .timing import paired

FRAMES = 1800
"""A minute at 30 frames a second."""
PEER_FRAMES = 180
"""The peer keys a tenth and its time is taken times ten: it would run for minutes."""


def main() -> None:
    """Key ten shape keys over a minute in both ways; print seconds and their ratio."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    thing = build_mesh(load_head(head_path()), "Head")
    scene_of(bpy.context).collection.objects.link(thing)
    keys = keys_of(thing)
    values = np.random.default_rng(0).normal(size=(10, FRAMES)).astype(np.float32)
    frames = np.arange(FRAMES, dtype=np.float64) + 1

    def ours() -> None:
        keys.animation_data_clear()
        keyer = Keyer("bench")
        for index, row in enumerate(values):
            path = f'key_blocks["{expression_key(index)}"].value'
            keyer.key(keys, path, 0, frames, row)

    def peer() -> None:
        keys.animation_data_clear()
        for index, row in enumerate(values):
            block = keys.key_blocks[expression_key(index)]
            for frame in range(PEER_FRAMES):
                block.value = float(row[frame])
                block.keyframe_insert("value", frame=frame + 1)

    mine, theirs, _ = paired(ours, peer, 3)
    whole = theirs * FRAMES / PEER_FRAMES
    print(f"{FRAMES} frames of 10 shape keys: {mine:.3f} s; keyframe_insert {whole:.2f} s")
    print(f"ratio {mine / whole:.4f}")


if __name__ == "__main__":
    main()
