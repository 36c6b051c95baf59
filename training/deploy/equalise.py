# SPDX-License-Identifier: GPL-3.0-or-later
"""Channels of one map brought to one range, so that eight bits are as fine for the faint as for the strong.

What comes out of a convolution and is cut off at zero may be divided by any positive number in each channel,
if the next convolution multiplies by it: the network says the same. A depthwise convolution has a scale of its
own for each channel's weights, so the map before it can be evened out wholly; before others it is done by halves
(the square root), since what the map gains the weights lose.
"""

from typing import NamedTuple

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import numpy_helper

BATCH = 16
"""Crops at a time, which memory limits."""
LEAST = 1e-3
"""Share of the strongest channel's range that counts for the faintest."""

Floats = NDArray[np.float32]


class Step(NamedTuple):
    """A convolution and what follows on its output once it was cut off at zero."""

    before: onnx.NodeProto
    cut_off: onnx.NodeProto
    after: list[onnx.NodeProto]


def equalise(model: onnx.ModelProto, crops: NDArray[np.uint8], named: set[str]) -> None:
    """Even out the maps before convolutions of some names, in place.

    Args:
        model: an exported float32 network.
        crops: ``(n, 120, 120, 3)`` as it will see them, which tell the ranges.
        named: names of the convolutions that will be quantised, and of what cuts their outputs off.
    """
    steps = [
        step
        for step in _steps(model.graph)
        if named & {step.cut_off.name, *(node.name for node in step.after)}
    ]
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    for step, strongest in zip(steps, _strongest(model, crops, steps), strict=True):
        ranges = np.maximum(strongest, LEAST * strongest.max())
        depthwise = all(_groups(node) > 1 for node in step.after)
        if depthwise:
            scale = ranges / ranges.max()
        else:
            reach = np.max([_reach(weights[node.input[1]]) for node in step.after], axis=0)
            scale = np.sqrt(ranges / np.maximum(reach, LEAST * reach.max()))
            scale /= scale.max()
        for name in step.before.input[1:]:
            _multiply(weights[name], 1 / scale, 0)
        for node in step.after:
            _multiply(weights[node.input[1]], scale, 0 if _groups(node) > 1 else 1)


def _steps(graph: onnx.GraphProto) -> list[Step]:
    made_by = {name: node for node in graph.node for name in node.output}
    found = []
    for node in graph.node:
        before = made_by.get(node.input[0]) if node.op_type == "Relu" else None
        after = [other for other in graph.node if node.output[0] in other.input]
        if before is not None and all(n.op_type == "Conv" for n in (before, *after)) and after:
            found.append(Step(before, node, after))
    return found


def _strongest(model: onnx.ModelProto, crops: NDArray[np.uint8], steps: list[Step]) -> list[Floats]:
    """How far each channel of each step's map reaches: the mean over batches of their largest values."""
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    names = [step.cut_off.output[0] for step in steps]
    for name in names:
        watched.graph.output.append(onnx.helper.make_empty_tensor_value_info(name))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        watched.SerializeToString(), options, ["CPUExecutionProvider"]
    )
    batches = [crops[i : i + BATCH] for i in range(0, len(crops), BATCH)]
    reached = [
        [found.max(axis=(0, 2, 3)) for found in session.run(names, {"crop": batch})]
        for batch in batches
    ]
    return [np.mean(of_step, axis=0) for of_step in zip(*reached, strict=True)]


def _groups(node: onnx.NodeProto) -> int:
    return next((int(a.i) for a in node.attribute if a.name == "group"), 1)


def _reach(weights: onnx.TensorProto) -> Floats:
    """Largest weight by which each channel of the map is multiplied."""
    return np.asarray(np.abs(numpy_helper.to_array(weights)).max(axis=(0, 2, 3)))


def _multiply(weights: onnx.TensorProto, by: Floats, axis: int) -> None:
    values = numpy_helper.to_array(weights)
    shape = [-1 if k == axis else 1 for k in range(values.ndim)]
    scaled = (values * by.reshape(shape)).astype(np.float32)
    weights.CopyFrom(numpy_helper.from_array(scaled, weights.name))
