# SPDX-License-Identifier: GPL-3.0-or-later
"""The network at run time: crops in, parameters, blendshapes and confidence out."""

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ..assets import regressor_path, small_regressor_path
from ..errors import ModelError
from ..model.arkit import N_BLENDSHAPES
from ..model.params import CROP_SIZE, N_PARAMS, FloatArray
from .flip_augmentation import FLIPPED_BLENDSHAPES, Mirror
from .onnx_file import open_session
from .upright_view import turn_of, turned_back, turned_upright

LAYOUT = "1"
"""Version of the signature below, stored in the file."""
_INPUT = ("crop", "tensor(uint8)", (CROP_SIZE, CROP_SIZE, 3))
"""Name, type and shape of what a regressor takes: any number of crops, BGR."""
_OUTPUTS: dict[str, tuple[int, ...]] = {
    "params": (N_PARAMS,),
    "units": (N_BLENDSHAPES,),
    "confidence": (),
}
"""What it gives for each crop, by name, with its shape."""
_MAX_BYTES = 256 * 2**20
"""The largest regressor that ships has 5.7 MB; what is fifty times that is none."""


class Regression(NamedTuple):
    """What the network says of n crops.

    Attributes:
        params: ``(n, 62)`` raw parameters in crop space.
        blendshapes: ``(n, 52)`` ARKit weights in [0, 1].
        confidence: ``(n,)`` how surely the crop holds a well-framed face, 0 to 1.
    """

    params: FloatArray
    blendshapes: FloatArray
    confidence: FloatArray


class Regressor:
    """An ONNX file with normalisation and de-normalisation inside its graph.

    Attributes:
        id: of the weights, stored in every take.
        head_id: of the head that the weights belong to.
    """

    def __init__(self, path: Path, threads: int = 1, mirror: Mirror | None = None) -> None:
        """Load and check a regressor.

        Args:
            path: the ``.onnx`` file.
            threads: how many threads one run may use; one is best for crops that come one by one.
            mirror: of its head, to see crops in a mirror too, and say the mean: a truer and steadier
                answer.

        Raises:
            ModelError: the file is missing, damaged, or not a Mien regressor.
        """
        if not path.is_file():
            raise ModelError(
                f"The model {path} does not exist; install Mien again or choose a model."
            )
        if path.stat().st_size > _MAX_BYTES:
            raise ModelError(f"{path} is too large to be a Mien model; choose another file.")
        try:
            self._session = open_session(path, threads)
        except Exception as error:  # of many kinds
            raise ModelError(
                f"{path} is damaged or not an ONNX model; choose another file."
            ) from error
        self._check(path)
        stored = self._session.get_modelmeta().custom_metadata_map
        self._mirror = mirror
        self.id = stored["mien.model"]
        self.head_id = stored["mien.head"]

    def _check(self, path: Path) -> None:
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        stored = self._session.get_modelmeta().custom_metadata_map
        name, kind, shape = _INPUT
        fits = (
            len(inputs) == 1
            and inputs[0].name == name
            and inputs[0].type == kind
            and tuple(inputs[0].shape[1:]) == shape
            and {o.name: tuple(o.shape[1:]) for o in outputs} == _OUTPUTS
            and all(o.type == "tensor(float)" for o in outputs)
        )
        if not fits or {"mien.model", "mien.head"} - set(stored):
            raise ModelError(
                f"{path} is an ONNX model, but not one of Mien's; choose another file."
            )
        if stored.get("mien.version") != LAYOUT:
            raise ModelError(
                f"{path} was made for another version of Mien; update Mien or the model."
            )

    @property
    def mirrors(self) -> bool:
        """Whether it can look in a mirror."""
        return self._mirror is not None

    def run(self, crops: NDArray[np.uint8]) -> Regression:
        """Regress crops ``(n, 120, 120, 3)`` BGR, as :func:`mien.core.model.crop.cut` gives them.

        Those of heads that lean are looked at once more, turned upright.
        """
        seen = self._all_views(crops)
        rolls = turn_of(seen.params)
        leaning = np.flatnonzero(rolls)
        if len(leaning):
            again = self._all_views(crops[leaning], rolls[leaning])
            for values, better in zip(seen, again, strict=True):
                values[leaning] = better
        return seen

    def _all_views(self, crops: NDArray[np.uint8], rolls: FloatArray | None = None) -> Regression:
        straight = self.look(crops, rolls=rolls)
        if self._mirror is None:
            return straight
        mirrored = self.look(crops, mirrored=True, rolls=rolls)
        both = zip(straight, mirrored, strict=True)
        return Regression(*((one + other) / 2 for one, other in both))

    def look(
        self, crops: NDArray[np.uint8], mirrored: bool = False, rolls: FloatArray | None = None
    ) -> Regression:
        """Look once at crops ``(n, 120, 120, 3)`` BGR; what is said is told as of the crops as they are.

        Args:
            crops: to be regressed.
            mirrored: in a mirror, which the regressor must have.
            rolls: ``(n,)`` radians by which the heads lean: they are turned upright first.
        """
        if rolls is not None:
            said = self.look(turned_upright(crops, rolls), mirrored)
            return said._replace(params=turned_back(said.params, rolls))
        if not mirrored:
            return self._say(crops)
        assert self._mirror is not None
        turned = np.empty_like(crops)
        for crop, other in zip(crops, turned, strict=True):
            cv2.flip(crop, 1, other)  # NumPy takes a tenth of a look for it
        said = self._say(turned)
        blendshapes = said.blendshapes[:, FLIPPED_BLENDSHAPES]
        return Regression(self._mirror.params(said.params), blendshapes, said.confidence)

    def _say(self, crops: NDArray[np.uint8]) -> Regression:
        return Regression(*self._session.run(list(_OUTPUTS), {"crop": crops}))

    def confidence(self, crops: NDArray[np.uint8]) -> FloatArray:
        """How surely crops ``(n, 120, 120, 3)`` hold a well-framed face, ``(n,)``, by one look at each."""
        sure: FloatArray = self._session.run(["confidence"], {"crop": crops})[0]
        return sure


def refuse_borrowed_name(path: Path, model_id: str) -> None:
    """See that only the shipped weights bear their name: takes name the network that saw them.

    Args:
        path: of the weights.
        model_id: their name.

    Raises:
        ModelError: they do.
    """
    there = [p for p in (regressor_path(), small_regressor_path()) if p.is_file()]
    if any(path.samefile(shipped) for shipped in there):
        return
    for shipped in there:
        stored = open_session(shipped, 1).get_modelmeta().custom_metadata_map
        if stored["mien.model"] == model_id and path.read_bytes() != shipped.read_bytes():
            raise ModelError(
                f"{path} bears the name of the shipped model, {model_id}, but holds other weights; "
                "export it again under a name of its own."
            )
