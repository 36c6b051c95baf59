# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.rebuild --photos FOLDER ... --witness TASK``: weights from nothing, in one command.

Labels, training, the networks of eyes, mouth and brows, and that of contours, and export in 32 and 8 bits, one
after the other. Each stage is a command of its own; one that has left its result is not run again, and
training that was cut off goes on from its checkpoint. Options that are not named here go to
``python -m training.optimise.train``.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from .networks.backbones import BACKBONES


def main() -> None:
    """Label, train, export."""
    parser = argparse.ArgumentParser(prog="python -m training.rebuild", description=main.__doc__)
    parser.add_argument("--photos", type=Path, nargs="+", required=True, help="folders of photos")
    parser.add_argument(
        "--witness", type=Path, required=True, help="MediaPipe's face_landmarker.task"
    )
    parser.add_argument("--backbone", default="mobilenet_x05_placed", choices=sorted(BACKBONES))
    parser.add_argument("--minutes", type=float, default=360.0, help="of training")
    parser.add_argument(
        "--parts", type=int, help="samples to train each of the smaller networks on"
    )
    parser.add_argument("--out", type=Path, default=Path("runs/rebuild"))
    parser.add_argument("--model", type=Path, help="the .onnx to write; default: in --out")
    parser.add_argument(
        "--ship", action="store_true", help="write over the files that Mien ships, not to --model"
    )
    arguments, training = parser.parse_known_args()
    out: Path = arguments.out
    labels, run = out / "labels.npz", out / "run"
    if not labels.exists():
        _run(
            "labels", *map(str, arguments.photos),
            "--witness", str(arguments.witness), "--output", str(labels),
        )  # fmt: skip
    if not (out / "trained").exists():
        _run(
            "optimise.train", "--recipe", "distance", "--lrr", "--svs", "--batch", "256",
            "--backbone", arguments.backbone, "--minutes", str(arguments.minutes),
            "--labels", str(labels), "--out", str(run),
            *(["--resume"] if (run / "checkpoint.pt").exists() else []), *training,
        )  # fmt: skip
        (out / "trained").touch()
    weights = str(run / "weights.pt")
    parts = {name: out / f"{name}.pt" for name in ("eyes", "details", "contours")}
    for name, part in parts.items():
        if not part.exists():
            words = [] if arguments.parts is None else ["--count", str(arguments.parts)]
            _run(
                f"optimise.train_{name}",
                weights,
                "--labels",
                str(labels),
                "--out",
                str(part),
                *words,
            )
    words = ["--eyes", str(parts["eyes"]), "--details", str(parts["details"])]
    model = arguments.model or out / "mobilenet_x05.onnx"
    where = ["--ship"] if arguments.ship else ["--out", str(model)]
    _run("deploy.export", weights, *words, *where, "--int8", str(labels))
    where = ["--ship"] if arguments.ship else ["--out", str(model.with_name("contours.onnx"))]
    _run("deploy.export_contours", str(parts["contours"]), *where)


def _run(stage: str, *words: str) -> None:
    """Run one stage; what it prints is seen, and its failure ends the whole."""
    print(f"== {stage}", flush=True)
    done = subprocess.run([sys.executable, "-m", f"training.{stage}", *words], check=False)
    if done.returncode:
        raise SystemExit(f"{stage} failed; mend what it says and run the same command again")


if __name__ == "__main__":
    main()
