# SPDX-License-Identifier: GPL-3.0-or-later
"""A public tracker of the 68 landmarks, to see where others put them. Used in training alone; nothing is shipped.

The network of face-api.js (Vincent Mühler, MIT licence), read out of the npm package ``@vladmandic/face-api``:
four blocks of three separable convolutions on 112 pixels, and one layer that gives the points.
"""

import json
import math
from itertools import chain
from pathlib import Path

import cv2
import numpy as np
import torch
from mien.core.model.crop import CropBox, ImageArray, cut
from mien.core.model.head import N_LANDMARKS
from mien.core.model.params import FloatArray
from torch import Tensor
from torch.nn.functional import avg_pool2d, conv2d, pad, relu

MODEL = "face_landmark_68_model"
SIDE = 112
"""Of the tracker's own input, pixels."""
MARGIN = 1.25
"""Side of a crop over the longer side of the landmarks' box."""
MEAN = (122.782, 117.001, 104.298)
"""Of the tracker's training pictures, RGB, as its code takes it off;"""
BLOCKS, MAP = 4, 7
"""its blocks, and the side of its last map."""
_MAX_BYTES = 4 * 2**20
"""No file of the model comes near this."""


class PublicTracker:
    """Finds 68 points in iBUG order where a face is known to be."""

    def __init__(self, folder: Path) -> None:
        """Read the weights.

        Args:
            folder: ``model`` of the unpacked package.

        Raises:
            ValueError: they are not there, or not of this network.
        """
        self._weights = _read(folder)

    def find(self, image: ImageArray, box: CropBox) -> FloatArray:
        """Points ``(68, 2)`` in image pixels of the face in ``box``, the square around its landmarks."""
        box = CropBox(box.x, box.y, box.size * MARGIN)
        crop = cv2.resize(cut(image, box), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        picture = torch.from_numpy(crop[..., ::-1].copy()).permute(2, 0, 1)[None].float()
        with torch.inference_mode():
            found = self._run((picture - torch.tensor(MEAN)[:, None, None]) / 255)[0].numpy()
        # From shares of the crop, counted from its edge, to pixels, counted from the middle of the first.
        return np.asarray((found - 0.5) * box.size + (box.x, box.y), np.float32)

    def _run(self, picture: Tensor) -> Tensor:
        weights, x = self._weights, picture
        for block in range(BLOCKS):
            at = f"dense{block}/conv"
            if block:
                first = self._separable(x, f"{at}0", 2)
            else:
                first = conv2d(_padded(x, 2), weights[f"{at}0/filters"], weights[f"{at}0/bias"], 2)
            total = relu(first)
            for k in (1, 2, 3):
                total = total + self._separable(relu(total), f"{at}{k}", 1)
            x = relu(total)
        pooled = avg_pool2d(x, MAP).flatten(1)
        return (pooled @ weights["fc/weights"] + weights["fc/bias"]).reshape(-1, N_LANDMARKS, 2)

    def _separable(self, x: Tensor, at: str, stride: int) -> Tensor:
        each, across, bias = (
            self._weights[f"{at}/{part}"]
            for part in ("depthwise_filter", "pointwise_filter", "bias")
        )
        own = conv2d(_padded(x, stride), each.transpose(0, 1), stride=stride, groups=x.shape[1])
        return conv2d(own, across, bias)


def _padded(x: Tensor, stride: int) -> Tensor:
    """As much border as keeps the size, or halves it: of an odd pixel the far side gets more."""
    return pad(x, (0, 1, 0, 1) if stride == 2 else (1, 1, 1, 1))


def _read(folder: Path) -> dict[str, Tensor]:
    """Weights by name, from 8 bits each; filters in the order that PyTorch has."""
    listing, data = folder / f"{MODEL}-weights_manifest.json", folder / f"{MODEL}.bin"
    try:
        if max(listing.stat().st_size, data.stat().st_size) > _MAX_BYTES:
            raise ValueError("too large")
        tensors = list(chain.from_iterable(g["weights"] for g in json.loads(listing.read_text())))
        stored = np.frombuffer(data.read_bytes(), np.uint8)
        sizes = [math.prod(t["shape"]) for t in tensors]
        if sum(sizes) != len(stored):
            raise ValueError("not as many numbers as are listed")
        out = {}
        for t, part in zip(tensors, np.split(stored, np.cumsum(sizes)[:-1]), strict=True):
            scale = t["quantization"]
            values = part.astype(np.float32) * scale["scale"] + scale["min"]
            weights = torch.from_numpy(values.reshape(t["shape"]))
            out[t["name"]] = weights.permute(3, 2, 0, 1) if weights.ndim == 4 else weights
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{folder} does not hold {MODEL} ({error}); unpack the npm package @vladmandic/face-api "
            "and name its folder model"
        ) from error
    return out
