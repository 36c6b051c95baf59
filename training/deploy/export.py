# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.deploy.export``: turn trained weights into the ONNX file that Mien ships."""

import argparse
import copy
import hashlib
import io
import itertools
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from mien.core.assets import head_path, regressor_path
from mien.core.model.head import load_head
from mien.core.model.params import CROP_SIZE
from mien.core.writing import write_whole
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ..data.samples import draw_chunk, open_generator
from ..networks.details import DETAIL_BLENDSHAPES, MouthBrowRefiner, with_expression
from ..networks.eyes import EYE_BLENDSHAPES, EyeRefiner
from ..networks.network import Regressor, ZScore, normalise
from ..networks.patches import put
from ..networks.weights import load_weights
from .quantise import quantise

OPSET = 17
CALIBRATION, CALIBRATION_SEED = 512, 7
VERSION = "1"
CROP_RULE = "landmarks*sqrt2"
"""The rule of :func:`mien.core.model.crop.box_around_landmarks`, by which the network was trained."""


class Shipped(nn.Module):
    """What is exported: bytes in, raw parameters, blendshape weights and confidence out.

    The network's batch normalisation is folded into its convolutions and the z-score into the
    layer of the 62 parameters; the auxiliary landmark head is left out. What the networks of the eyes
    and of mouth and brows say takes the place of what the regressor says of the same.
    """

    def __init__(
        self,
        network: Regressor,
        zscore: ZScore,
        eyes: EyeRefiner | None = None,
        details: MouthBrowRefiner | None = None,
    ) -> None:
        super().__init__()
        self.eyes, self.details = (
            None if part is None else copy.deepcopy(part).cpu().eval() for part in (eyes, details)
        )
        for part in (self.eyes, self.details):
            if part is not None:
                fold_normalisation(part)
        network = copy.deepcopy(network).cpu().eval()
        fold_normalisation(network)
        self.backbone = network.backbone
        self.units, self.face, self.params = network.units, network.face, network.params
        mean, std = zscore.mean.cpu(), zscore.std.cpu()
        with torch.no_grad():
            self.params.weight.mul_(std[:, None])
            self.params.bias.mul_(std).add_(mean)

    def forward(self, crop: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Crops ``(N, 120, 120, 3)`` uint8 BGR to ``(N, 62)``, ``(N, 52)`` and ``(N,)``."""
        # Bytes are turned round before they become floats: a quarter of the memory to move.
        picture = normalise(crop.permute(0, 3, 1, 2))
        features = self.backbone(picture)
        params, blendshapes = self.params(features), self.units(features).sigmoid()
        if self.eyes is not None:
            blendshapes = put(blendshapes, EYE_BLENDSHAPES, self.eyes(picture, params).sigmoid())
        if self.details is not None:
            logits, expression = self.details(picture, params)
            blendshapes = put(blendshapes, DETAIL_BLENDSHAPES, logits.sigmoid())
            params = with_expression(params, expression)
        return params, blendshapes, self.face(features).squeeze(1).sigmoid()


def fold_normalisation(module: nn.Module) -> None:
    """Merge every batch normalisation into the convolution just before it, in place."""
    children = list(module.named_children())
    for (before, first), (name, second) in itertools.pairwise(children):
        if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
            setattr(module, before, fuse_conv_bn_eval(first, second))
            setattr(module, name, nn.Identity())
    for _, child in children:
        fold_normalisation(child)


def to_onnx(
    network: Regressor,
    zscore: ZScore,
    path: Path,
    model_id: str,
    head_id: str,
    eyes: EyeRefiner | None = None,
    details: MouthBrowRefiner | None = None,
) -> None:
    """Write the network as ONNX with the signature of :class:`Shipped`.

    Args:
        network: trained weights.
        zscore: that it was trained with.
        path: file to write, whole or not at all.
        model_id: names the weights in every take made with them.
        head_id: :attr:`mien.core.model.head.Head.id` of the head that the parameters shape.
        eyes, details: trained on these weights.
    """
    names = ["crop", "params", "units", "confidence"]
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # The exporter that needs no further package is the older one, which says so each time.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Shipped(network, zscore, eyes, details),
            (torch.zeros(1, CROP_SIZE, CROP_SIZE, 3, dtype=torch.uint8),),
            buffer,  # type: ignore[arg-type]
            input_names=names[:1],
            output_names=names[1:],
            dynamic_axes={name: {0: "N"} for name in names},
            opset_version=OPSET,
            dynamo=False,
        )
    model = onnx.load_from_string(buffer.getvalue())
    onnx.helper.set_model_props(
        model,
        {
            "mien.model": model_id,
            "mien.version": VERSION,
            "mien.head": head_id,
            "mien.crop": CROP_RULE,
        },
    )
    onnx.checker.check_model(model, full_check=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, model.SerializeToString())


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
    details: MouthBrowRefiner | None = None,
) -> float:
    """Largest difference of the 62 parameters between PyTorch and ONNX Runtime, in sigmas."""
    picture = normalise(torch.from_numpy(crops)).permute(0, 3, 1, 2)
    with torch.no_grad():
        params = zscore.decode(network.cpu().eval()(picture).params)
        if details is not None:
            params = with_expression(params, details.cpu().eval()(picture, params)[1])
        ours = zscore.encode(params)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
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
        "--int8", type=Path, metavar="LABELS", help="also in 8 bits, calibrated on samples of these"
    )
    parser.add_argument(
        "--ship", action="store_true", help="write over the files that Mien ships, not to --out"
    )
    arguments = parser.parse_args()
    if arguments.ship:
        arguments.out = regressor_path()
    network, zscore, backbone = load_weights(arguments.weights)
    model_id = f"{backbone}-{fingerprint(arguments.weights, arguments.eyes, arguments.details)}"
    head = load_head(head_path())
    eyes = EyeRefiner(head) if arguments.eyes else None
    details = MouthBrowRefiner(head) if arguments.details else None
    for part, file in ((eyes, arguments.eyes), (details, arguments.details)):
        if part is not None:
            part.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
    to_onnx(network, zscore, arguments.out, model_id, head.id, eyes, details)
    crops = np.random.default_rng(0).integers(0, 256, (8, CROP_SIZE, CROP_SIZE, 3), np.uint8)
    off = parity(network, zscore, arguments.out, crops, details)
    print(f"{arguments.out}: {model_id}, off by {off:.1e} sigma from PyTorch")
    if arguments.int8:
        generator = open_generator(arguments.int8, CALIBRATION_SEED)
        small = quantise(arguments.out, draw_chunk(generator, False, CALIBRATION)["crop"].numpy())
        print(f"{small}: {small.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
