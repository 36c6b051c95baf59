# SPDX-License-Identifier: GPL-3.0-or-later
"""From a network to the ONNX file that ships, by PyTorch's older exporter: it needs no further package."""

import io
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import onnx
import torch
from mien.core.writing import write_whole
from torch import Tensor, nn

OPSET = 17
"""Of ONNX: every ONNX Runtime since 1.12 reads it."""


def traced(
    module: nn.Module,
    examples: tuple[Tensor, ...],
    inputs: Sequence[str],
    outputs: Sequence[str],
    dynamic: Mapping[str, Mapping[int, str]],
) -> onnx.ModelProto:
    """A network as an ONNX model.

    Args:
        module: what is written, in the state of evaluation.
        examples: of what it takes.
        inputs, outputs: names.
        dynamic: which axes of each may have any length, and their names.
    """
    buffer = io.BytesIO()
    axes: dict[str, Any] = {name: dict(named) for name, named in dynamic.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the older exporter says each time that it is
        torch.onnx.export(
            module.eval(),
            examples,
            buffer,  # type: ignore[arg-type]
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )
    return onnx.load_from_string(buffer.getvalue())


def write_model(model: onnx.ModelProto, stored: dict[str, str], path: Path) -> None:
    """Check a model and write it, whole or not at all.

    Args:
        model: to be written.
        stored: what the file says of itself.
        path: of the file; its folder is made if need be.
    """
    onnx.helper.set_model_props(model, stored)
    onnx.checker.check_model(model, full_check=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, model.SerializeToString())
