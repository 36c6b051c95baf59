# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pixels of the footage added to a take afterwards; kept beside what was captured."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ..model.arkit import N_BLENDSHAPES
from ..model.params import N_IDENTITY, FloatArray


@dataclass(frozen=True)
class Refinement:
    """Poses and weights of a take of F frames, found on its footage (see :mod:`mien.core.refine`).

    The face of frame f is the head of ``identity`` moved by ``weights[f]``; what it does, apart from
    how the person looks at rest, is ``weights[f] - rest``. Eyes are as the network said them.

    Attributes:
        identity: ``(40,)`` that the rest belongs to.
        rest: ``(52,)`` weights of the face at rest.
        weights: ``(F, 52)`` in [0, 1], never below ``rest``.
        scale: ``(F,)`` image pixels a metre.
        rotation: ``(F, 4)`` unit quaternions as in :class:`mien.core.solve.motion.Motion`.
        position: ``(F, 2)`` where the model's origin lies in the image, pixels.
        trust: ``(F,)`` 0 to 1, how far the pixels were believed; 0 where all is the network's.
    """

    identity: FloatArray
    rest: FloatArray
    weights: FloatArray
    scale: FloatArray
    rotation: FloatArray
    position: FloatArray
    trust: FloatArray

    def part(self, rows: NDArray[np.bool_]) -> "Refinement":
        """The refinement of some of the frames ``(F,)``."""
        return Refinement(
            self.identity, self.rest, self.weights[rows], self.scale[rows], self.rotation[rows],
            self.position[rows], self.trust[rows],
        )  # fmt: skip

    def fits(self, frames: int) -> bool:
        """Whether all shapes and numbers make sense for a take of so many frames."""
        wanted: dict[str, tuple[int, ...]] = {
            "identity": (N_IDENTITY,), "rest": (N_BLENDSHAPES,), "weights": (frames, N_BLENDSHAPES),
            "scale": (frames,), "rotation": (frames, 4), "position": (frames, 2),
            "trust": (frames,),
        }  # fmt: skip
        arrays = {name: getattr(self, name) for name in wanted}
        return (
            all(a.shape == wanted[n] and np.isfinite(a).all() for n, a in arrays.items())
            and bool((self.scale > 0).all())
            and bool(np.allclose(np.linalg.norm(self.rotation, axis=1), 1, atol=1e-3))
            and all(0 <= a.min() <= a.max() <= 1 for a in (self.rest, self.weights, self.trust))
        )

    def arrays(self) -> dict[str, FloatArray]:
        """By the names that they have in a take's file."""
        return {PREFIX + f.name: getattr(self, f.name) for f in fields(self)}


PREFIX = "refined_"
"""Before the names of these arrays, which stand in the file among a take's own."""
REFINED = tuple(PREFIX + f.name for f in fields(Refinement))
"""Names of the arrays in a take's file."""


def refinement_from(arrays: Mapping[str, NDArray[np.generic]], frames: int) -> Refinement | None:
    """What :meth:`Refinement.arrays` gave, or None where there is nothing of it.

    Raises:
        ValueError: it is not whole or makes no sense.
    """
    if not any(name in arrays for name in REFINED):
        return None
    if not all(name in arrays and arrays[name].dtype.kind == "f" for name in REFINED):
        raise ValueError("parts of the refinement are missing")
    refined = Refinement(*(np.ascontiguousarray(arrays[name], np.float32) for name in REFINED))
    if not refined.fits(frames):
        raise ValueError("the refinement's numbers make no sense")
    return refined
