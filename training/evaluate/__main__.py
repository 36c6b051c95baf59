# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training.evaluate``: measure a regressor; the last line printed is the figures alone."""

import argparse
from pathlib import Path

from mien.core.assets import regressor_path
from mien.core.capture import load_models

from .clip import measure_clip
from .errors import ALL, INNER, Measured, mean_error
from .points import measure_points
from .portraits import measure_portraits
from .sheet import draw_worst


def main() -> None:
    """Measure on held-out portraits, on pictures with points, and on a clip, as asked."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=main.__doc__)
    parser.add_argument("--model", type=Path, default=regressor_path(), help="the .onnx file")
    parser.add_argument("--portraits", type=Path, metavar="LABELS", help="labels.npz of photos")
    parser.add_argument("--points", type=Path, metavar="CSV", help="68 points of each picture")
    parser.add_argument("--images", type=Path, metavar="DIR", help="the pictures of --points")
    parser.add_argument("--video", type=Path, metavar="FILE", help="a clip with a face")
    parser.add_argument(
        "--worst", type=Path, metavar="DIR", help="write pictures of the worst here"
    )
    arguments = parser.parse_args()
    if bool(arguments.points) != bool(arguments.images):
        parser.error("--points and --images go together")
    if not (arguments.portraits or arguments.points or arguments.video):
        parser.error("nothing to measure on; give --portraits, --points or --video")
    models = load_models(regressor=arguments.model)
    figures: dict[str, str] = {"model": models.regressor.id}

    def note(kind: str, faces: list[Measured], label: str, part: slice = ALL) -> None:
        figures[f"{kind}_{label}"] = f"{mean_error(faces, part):.2%}"
        print(
            f"{kind:10} {len(faces):5} faces  {label:10} {mean_error(faces, part):7.2%} of the box"
        )

    def draw(kind: str, faces: list[Measured]) -> None:
        if arguments.worst:
            draw_worst(faces, arguments.worst / f"{kind}.jpg")

    if arguments.portraits:
        faces = measure_portraits(arguments.portraits, models.head, models.regressor)
        note("portraits", faces, "all468")
        draw("portraits", faces)
    if arguments.points:
        faces = measure_points(arguments.points, arguments.images, models.head, models.regressor)
        note("points", faces, "inner51", INNER)
        note("points", faces, "all68")
        draw("points", faces)
    if arguments.video:
        clip = measure_clip(arguments.video, models)
        note("clip", clip.faces, "all468")
        print(f"{'clip':10} {clip.frames:5} frames, {clip.lost} lost")
        figures["clip_lost"] = f"{clip.lost}/{clip.frames}"
        draw("clip", clip.faces)
    print(" ".join(f"{name}={value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
