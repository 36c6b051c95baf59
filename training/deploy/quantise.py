# SPDX-License-Identifier: GPL-3.0-or-later
"""Eight-bit weights and activations for the backbone, calibrated on generated crops."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from mien.core.assets import in_eight_bits
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)

from .equalise import equalise

BATCH = 16
"""Crops at a time, which memory limits."""
WIDEST = 15
"""Convolutions of the backbone that see wider maps stay in 32 bits: they have few channels, with which eight
bits are slower (ONNX Runtime 1.23 on a Xeon with AVX-512 VNNI), and all else is built upon them."""
BODY = "/backbone/"
"""How the names of the backbone's nodes begin."""


class Crops(CalibrationDataReader):  # type: ignore[misc]
    """Feeds crops ``(n, 120, 120, 3)`` uint8 to the calibration."""

    def __init__(self, crops: NDArray[np.uint8]) -> None:
        self._batches: Iterator[NDArray[np.uint8]] = iter(
            crops[i : i + BATCH] for i in range(0, len(crops), BATCH)
        )

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        """The next batch, or None after the last."""
        batch = next(self._batches, None)
        return None if batch is None else {"crop": batch}


def quantise(path: Path, crops: NDArray[np.uint8]) -> Path:
    """Write ``NAME_int8.onnx`` beside ``NAME.onnx``: static, symmetric weights per channel.

    The later convolutions of the backbone are quantised (:data:`WIDEST`), together with what cuts their outputs off
    at zero: kept apart, half of the 256 steps would go to numbers that are cut off, and eight bits would cost
    five times as much on the portraits.
    The 256 steps reach as far as batches of crops do on average: one crop among hundreds in which a channel goes
    far beyond its usual range would make the steps coarse for all others.
    All else stays in float32: what the last convolution says goes straight to the heads and would make two thirds
    of the whole error, the heads' outputs share no common range, and the networks of eyes, mouth and brows see
    too little of a picture to be faster for it.

    Args:
        path: the float32 model.
        crops: ``(n, 120, 120, 3)`` uint8 crops as the network will see them.

    Returns:
        The file written.
    """
    out = in_eight_bits(path)
    whole = onnx.load(str(path))
    chosen = _later(whole.graph)
    equalise(whole, crops, set(chosen))
    quantize_static(
        whole,
        str(out),
        Crops(crops),
        quant_format=QuantFormat.QDQ,
        nodes_to_quantize=chosen,
        per_channel=True,
        reduce_range=False,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        calibrate_method=CalibrationMethod.MinMax,
        extra_options={"CalibMovingAverage": True},
    )
    model = onnx.load(str(out))
    used = {name for node in model.graph.node for name in node.input}
    for tensor in [t for t in model.graph.initializer if t.name not in used]:
        model.graph.initializer.remove(tensor)  # training does not go on from eight bits
    properties = {p.key: p.value for p in whole.metadata_props}
    properties["mien.model"] += "-int8"
    onnx.helper.set_model_props(model, properties)
    onnx.save(model, str(out))
    return out


def _later(graph: onnx.GraphProto) -> list[str]:
    """Names of the convolutions to quantise, all but the last, and of what cuts their outputs off."""
    known = onnx.shape_inference.infer_shapes(onnx.helper.make_model(graph)).graph.value_info
    shapes = {value.name: value.type.tensor_type.shape.dim for value in known}
    seen = {name: node for node in graph.node for name in node.input}
    found: list[str] = []
    for node in graph.node:
        cut_off = seen.get(node.output[0])
        body = node.name.startswith(BODY) and "/pool/" not in node.name
        if node.op_type != "Conv" or not body or cut_off is None or cut_off.op_type != "Relu":
            continue
        sides = shapes.get(node.input[0], ())
        if sides and 0 < sides[-1].dim_value <= WIDEST:
            found += [node.name, cut_off.name]
    return found[:-2]
