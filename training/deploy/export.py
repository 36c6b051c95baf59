# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.deploy.export``: turn trained weights into the ONNX file that Mien ships."""

import argparse
import hashlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from mien.core.assets import head_path, regressor_path
from mien.core.model.head import load_head
from mien.core.model.params import CROP_SIZE
from numpy.typing import NDArray
from onnx import numpy_helper

from ..data.samples import draw_chunk, open_generator
from ..networks.details import MouthBrowRefiner, with_expression
from ..networks.eyes import EyeRefiner
from ..networks.network import Regressor, ZScore, normalise
from ..networks.weights import load_weights
from .onnx_writing import traced, write_model
from .parts import Readers
from .quantise import quantise
from .shipped import Shipped

CALIBRATION, CALIBRATION_SEED = 512, 7
"""Drawn crops on which the ranges of eight bits are measured, and their seed; any would do."""
VERSION = "1"
CROP_RULE = "landmarks*sqrt2"
"""The rule of :func:`mien.core.model.crop.box_around_landmarks`, by which the network was trained."""


def to_onnx(
    network: Regressor,
    zscore: ZScore,
    path: Path,
    model_id: str,
    head_id: str,
    readers: Readers | None = None,
) -> None:
    """Write the network as ONNX with the signature of :class:`Shipped`.

    Args:
        network: trained weights.
        zscore: that it was trained with.
        path: file to write, whole or not at all.
        model_id: names the weights in every take made with them.
        head_id: :attr:`mien.core.model.head.Head.id` of the head that the parameters shape.
        readers: trained on these weights.
    """
    names = ["crop", "params", "units", "confidence"]
    shipped = Shipped(network, zscore, readers)
    model = traced(
        shipped,
        (torch.zeros(1, CROP_SIZE, CROP_SIZE, 3, dtype=torch.uint8),),
        names[:1],
        names[1:],
        {name: {0: "N"} for name in names},
    )
    _narrow_indices(model.graph)
    for name, tensor in shipped.unused.items():
        model.graph.initializer.append(numpy_helper.from_array(tensor.detach().numpy(), name))
    stored = {
        "mien.model": model_id,
        "mien.version": VERSION,
        "mien.head": head_id,
        "mien.crop": CROP_RULE,
    }
    write_model(model, stored, path)


def _narrow_indices(graph: onnx.GraphProto) -> None:
    """Count pixels in 32 bits, which is twice as fast; PyTorch knows indices of 64 only."""
    for node in graph.node:
        if node.op_type != "Cast" or not node.name.startswith("/parts/"):
            continue
        for attribute in node.attribute:
            if attribute.i == onnx.TensorProto.INT64:
                attribute.i = onnx.TensorProto.INT32
    for tensor in graph.initializer:
        if tensor.data_type == onnx.TensorProto.INT64 and tensor.name.startswith("parts."):
            numbers = numpy_helper.to_array(tensor).astype(np.int32)
            tensor.CopyFrom(numpy_helper.from_array(numbers, tensor.name))


def fingerprint(*files: Path | None) -> str:
    """A name for what files of weights hold: eight hexadecimal digits, other ones for any other weights."""
    digest = hashlib.sha256()
    for file in files:
        if file is not None:
            state = torch.load(file, map_location="cpu", weights_only=True)
            for name, tensor in sorted((state.get("average", state)).items()):
                digest.update(name.encode())
                digest.update(tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()[:8]


def parity(
    network: Regressor,
    zscore: ZScore,
    path: Path,
    crops: NDArray[np.uint8],
    readers: Readers | None = None,
) -> float:
    """Largest difference of the 62 parameters between PyTorch and ONNX Runtime, in sigmas."""
    picture = normalise(torch.from_numpy(crops)).permute(0, 3, 1, 2)
    with torch.no_grad():
        params = zscore.decode(network.cpu().eval()(picture).params)
        if readers is not None:
            expression = readers.details.cpu().eval()(picture, params)[1]
            params = with_expression(params, expression)
        ours = zscore.encode(params)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # weights that are only kept are no fault
    session = onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
    theirs = session.run(["params"], {"crop": crops})[0]
    return float((zscore.encode(torch.from_numpy(theirs)) - ours).abs().max())


def main() -> None:
    """Write the float32 file, and with ``--int8`` the quantised one beside it."""
    parser = argparse.ArgumentParser(
        prog="python -m training.deploy.export", description=main.__doc__
    )
    parser.add_argument("weights", type=Path, help="weights.pt of a run")
    parser.add_argument(
        "--eyes", type=Path, help="what python -m training.optimise.train_eyes wrote"
    )
    parser.add_argument(
        "--details", type=Path, help="what python -m training.optimise.train_details wrote"
    )
    parser.add_argument("--out", type=Path, default=Path("runs/regressor.onnx"))
    parser.add_argument(
        "--name",
        help="of weights that were exported before, in another form; made of them by default",
    )
    parser.add_argument(
        "--int8", type=Path, metavar="LABELS", help="also in 8 bits, calibrated on samples of these"
    )
    parser.add_argument(
        "--ship", action="store_true", help="write over the files that Mien ships, not to --out"
    )
    arguments = parser.parse_args()
    if (arguments.eyes is None) != (arguments.details is None):
        parser.error("--eyes and --details go together")
    if arguments.ship:
        arguments.out = regressor_path()
    network, zscore, backbone = load_weights(arguments.weights)
    made = f"{backbone}-{fingerprint(arguments.weights, arguments.eyes, arguments.details)}"
    model_id = arguments.name or made
    head = load_head(head_path())
    readers = None
    if arguments.eyes:
        readers = Readers(EyeRefiner(head), MouthBrowRefiner(head))
        for part, file in zip(readers, (arguments.eyes, arguments.details), strict=True):
            part.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
    to_onnx(network, zscore, arguments.out, model_id, head.id, readers)
    crops = np.random.default_rng(0).integers(0, 256, (8, CROP_SIZE, CROP_SIZE, 3), np.uint8)
    off = parity(network, zscore, arguments.out, crops, readers)
    print(f"{arguments.out}: {model_id}, off by {off:.1e} sigma from PyTorch")
    if arguments.int8:
        generator = open_generator(arguments.int8, CALIBRATION_SEED)
        small = quantise(arguments.out, draw_chunk(generator, False, CALIBRATION)["crop"].numpy())
        print(f"{small}: {small.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
