# SPDX-License-Identifier: GPL-3.0-or-later
"""Eight-bit weights and activations for the backbone, calibrated on generated crops."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)

BATCH = 16


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

    Convolutions are quantised together with what cuts their outputs off at zero: kept apart, half of the 256
    steps would go to numbers that are cut off, and eight bits would cost five times as much on the portraits.
    The 256 steps reach as far as batches of crops do on average: one crop among hundreds in which a channel goes
    far beyond its usual range would make the steps coarse for all others.
    The linear heads stay in float32: their outputs share no common range, and they are a thousandth of
    the work.

    Args:
        path: the float32 model.
        crops: ``(n, 120, 120, 3)`` uint8 crops as the network will see them.

    Returns:
        The file written.
    """
    out = path.with_name(f"{path.stem}_int8.onnx")
    quantize_static(
        str(path),
        str(out),
        Crops(crops),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["Conv", "Relu"],
        per_channel=True,
        reduce_range=False,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        calibrate_method=CalibrationMethod.MinMax,
        extra_options={"CalibMovingAverage": True},
    )
    model = onnx.load(str(out))
    properties = {p.key: p.value for p in onnx.load(str(path)).metadata_props}
    properties["mien.model"] += "-int8"
    onnx.helper.set_model_props(model, properties)
    onnx.save(model, str(out))
    return out
